"""What is answered to other systems (docs/partners.openapi.yaml). Reads only; any thread."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from edge.config import Partner
from edge.domain.evidence import MEDIA_TYPES, parsed
from edge.domain.moment import iso
from edge.sync.customs.vouching import checkpoint, signed_checkpoint
from edge.sync.journal.reading import Row
from edge.sync.journal.signing import GateKey

MOST_EVENTS = 5000
"""Events of one answer; the next question goes on after the last of them."""

MOST_BYTES = 16_000_000
"""Bytes of one answer from which on it ends, after a whole event."""

PAGE = 200
HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
DAY = re.compile(r"[0-9]{8}", re.ASCII)
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
JSON, LINES = "application/json", "application/x-ndjson"


class History(Protocol):
    """What of the journal is used."""

    @property
    def key(self) -> GateKey: ...

    def after(self, sequence: int, limit: int, type: str = "") -> list[Row]: ...

    def between(self, since: datetime, until: datetime) -> tuple[int, int]: ...

    def checkpoints(self) -> list[tuple[int, str, str, str]]: ...

    def head(self) -> tuple[int, str] | None: ...

    def continues(self, sequence: int) -> tuple[int, str]: ...


class Files(Protocol):
    """The kept pictures; vision.evidence_files.KeptFiles."""

    def load(self, name: str) -> bytes | None: ...

    def find(self, sha256: str, day: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Receiver:
    """`at`: when it last came further, in this run of the service; None: not yet. `receipt`: the
    newest that it has signed, where it has a key."""

    name: str
    through: int
    at: datetime | None
    receipt: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    status: HTTPStatus
    type: str = JSON
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The question is refused; the text says why."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class Answers:
    """`receivers`: how far each is; `kept`: how long what is kept, for the partner to know."""

    def __init__(
        self,
        history: History,
        files: Files,
        receivers: Callable[[], list[Receiver]],
        kept: Mapping[str, int],
        now: Callable[[], datetime],
    ) -> None:
        self._history, self._files, self._receivers = history, files, receivers
        self._kept, self._now = kept, now

    def answer(self, partner: Partner, target: str, headers: Mapping[str, str]) -> Answer:
        """Of a GET or HEAD. Raises Refused, and what the journal raises."""
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        match [part for part in parts.path.split("/") if part]:
            case ["v1", "pictures", name]:
                self._may(partner, "pictures")
                return self._picture(name, query.get("day", ""), headers)
            case ["v1", "history"]:
                self._may(partner, "history")
                return self._events(query)
            case ["v1", "history", "checkpoints"]:
                self._may(partner, "history")
                return Answer(HTTPStatus.OK, LINES, b"".join(self._checkpoints()))
            case ["v1", "receivers"]:
                self._may(partner, "receivers")
                return Answer(HTTPStatus.OK, JSON, self._how_far())
            case ["v1", "kept"]:
                return Answer(HTTPStatus.OK, JSON, json.dumps(self._kept).encode())
        raise Refused(HTTPStatus.NOT_FOUND, "no such place")

    def _may(self, partner: Partner, what: str) -> None:
        if what not in partner.may:
            raise Refused(HTTPStatus.FORBIDDEN, f"{partner.name} may not ask for {what}")

    def _picture(self, name: str, day: str, headers: Mapping[str, str]) -> Answer:
        """By its name, or by its hash alone: with `day` (of the event, YYYYMMDD) at once, without
        one after a search."""
        if HASH.fullmatch(name.lower()):
            if day and not DAY.fullmatch(day):
                raise Refused(HTTPStatus.BAD_REQUEST, "day is YYYYMMDD")
            name = self._files.find(name.lower(), day) or ""
        data = self._files.load(name) if name else None
        if data is None:
            raise Refused(HTTPStatus.NOT_FOUND, "not kept, or no longer")
        type = MEDIA_TYPES.get(name.rpartition(".")[2], "")
        file = parsed(name)
        tag = f'"{file.sha256}"' if file is not None else ""
        known = {"ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": "private, immutable"}
        if _names(headers.get("If-None-Match", ""), tag):
            return Answer(HTTPStatus.NOT_MODIFIED, type, b"", known)
        wanted = RANGE.fullmatch(headers.get("Range", ""))
        if wanted is None or wanted[0] == "bytes=-":
            return Answer(HTTPStatus.OK, type, data, known)
        first, last = _part(wanted[1], wanted[2], len(data))
        if first > last:
            size = {"Content-Range": f"bytes */{len(data)}"}
            return Answer(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, type, b"", size)
        known["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        return Answer(HTTPStatus.PARTIAL_CONTENT, type, data[first : last + 1], known)

    def _events(self, query: Mapping[str, str]) -> Answer:
        """As they were sent, one a line. The headers say where the gate can begin, as a
        `replay/result` does, its newest event, and the last that this answer has looked at."""
        after = _number(query, "after")
        first, previous = self._history.continues(after)
        head = self._history.head()
        last = head[0] if head else 0
        end = last if "through" not in query else min(_number(query, "through"), last)
        since, until = _moment(query, "since", FIRST), _moment(query, "until", LAST)
        start = after
        if "since" in query or "until" in query:
            low, high = self._history.between(since, until)
            start, end = max(after, low - 1), min(end, high)
        body, through = self._lines(start, end, iso(since), iso(until))
        headers = {
            "Gate-First": str(first),
            "Gate-Previous-Hash": previous,
            "Gate-Last": str(last),
            "Gate-Through": str(max(after, through)),
        }
        return Answer(HTTPStatus.OK, LINES, body, headers)

    def _lines(self, after: int, end: int, since: str, until: str) -> tuple[bytes, int]:
        """The events of these moments after `after` and up to `end`; the last number looked at."""
        lines: list[bytes] = []
        size = 0
        while after < end and len(lines) < MOST_EVENTS:
            rows = self._history.after(after, min(PAGE, MOST_EVENTS - len(lines)))
            if not rows:
                break
            for number, _, _, text in rows:
                if number > end:
                    return b"".join(lines), end
                after = number
                if since <= json.loads(text)["time"] < until:
                    lines.append(text.encode() + b"\n")
                    size += len(lines[-1])
                if size > MOST_BYTES:
                    return b"".join(lines), after
        return b"".join(lines), after

    def _checkpoints(self) -> Iterator[bytes]:
        """Those that the journal keeps, and one of its end now."""
        key = self._history.key
        for row in self._history.checkpoints():
            yield checkpoint(key.public, *row) + b"\n"
        if (head := self._history.head()) is not None:
            yield signed_checkpoint(key, *head, self._now()) + b"\n"

    def _how_far(self) -> bytes:
        head = self._history.head()
        last = head[0] if head else 0
        receivers: list[dict[str, Any]] = [
            {
                "receiver": receiver.name,
                "through": receiver.through,
                "lacks": max(0, last - receiver.through),
                "acknowledged_at": iso(receiver.at) if receiver.at else None,
                "receipt": receiver.receipt,
            }
            for receiver in self._receivers()
        ]
        return json.dumps({"last": last, "receivers": receivers}).encode()


def _number(query: Mapping[str, str], name: str) -> int:
    """0 where it is not named."""
    text = query.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) < 17):
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name} is a whole number")
    return int(text)


def _moment(query: Mapping[str, str], name: str, without: datetime) -> datetime:
    text = query.get(name)
    if text is None:
        return without
    try:
        # A plus sign that was not escaped in the address has become a blank.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        if moment.tzinfo is None:
            raise ValueError
        return min(LAST, max(FIRST, moment))
    except (ValueError, OverflowError):
        why = f"{name} is a date and time with its zone, as 2026-03-01T07:00:00+07:00"
        raise Refused(HTTPStatus.BAD_REQUEST, why) from None


def _names(tags: str, tag: str) -> bool:
    """Whether If-None-Match (RFC 9110) names the tag."""
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in tags.split(","))


def _part(first: str, last: str, size: int) -> tuple[int, int]:
    """The bytes of a range; more begins than ends where there are none."""
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(size - 1, int(last)) if last else size - 1
