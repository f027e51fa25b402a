"""`gate-sim check-platform`: is a platform as docs/platform.openapi.yaml and platform.md have it?

It is asked as a gate asks, over the gate's own connection: certificates and tokens of the gate's
configuration. It gets passages of a vehicle that does not exist; try it on a test system.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from edge.config import PlatformConfig
from edge.domain.moment import iso
from edge.sync.platform.answers import parsed, speaks_of_error
from edge.sync.platform.http import HttpPlatform
from edge.sync.platform.http_exchange import TooLarge, body_of
from edge.sync.platform.list_reader import LARGEST
from edge.sync.platform.list_reading import HTTP, Answer, UnreadableList, read_list
from edge.sync.platform.port import PlatformDown
from edge.system.clock import SystemClock
from simulator.conformance.report import Refuted, Step, Unreachable, steps_of

ASK_S = 30.0
POLL_S = 3
LATE_S = 10.0
"""So much later than asked for the answer of a long poll may come."""

NOT_THIS = range(400, 500)
"""The codes that tell the sender that the request is wrong."""

UNKNOWN_HERE = (404, 405, 501)
REQUIRED = {
    "assignment_id",
    "revision",
    "state",
    "direction",
    "plates",
    "lanes",
    "valid_from",
    "valid_to",
}
"""Of an item (docs/platform.openapi.yaml)."""

NOTHING_NEW = (204, 304)
CURSOR_LOST = (400, 404, 410)


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    body: bytes
    seconds: float
    headers: Mapping[str, str]


STEPS = (
    "whole-list",
    "items",
    "cursor",
    "long-poll",
    "lost-cursor",
    "unknown-parameter",
    "stranger",
    "passage",
    "repeated",
    "at-once",
    "while-polling",
    "grows",
    "any-text",
    "wrong-passage",
    "no-key",
    "turned-away",
    "guidance",
)
"""In this order; each is a method, whose first paragraph is what is asked."""


class PlatformKit:
    """`config`: how a gate reaches it; `gate`: for which it is asked."""

    def __init__(self, config: PlatformConfig, gate: str) -> None:
        self._config, self._gate = config, gate
        self._driver = HttpPlatform(config, gate, SystemClock())
        self._key, self._cursor = str(uuid.uuid4()), ""

    def close(self) -> None:
        self._driver.close()

    def steps(self) -> list[Step]:
        return steps_of(self, STEPS)

    def goes_on(self) -> bool:
        return True

    # --- the list ---

    def whole_list(self) -> None:
        """A question without a cursor is answered with 200 and the whole list: cursor, full true,
        items."""
        answer = self._list({})
        if not answer.full:
            raise Refuted("full is false, though no cursor was named")
        if not answer.cursor:
            raise Refuted("it names no cursor, so that each answer must be the whole list")
        self._cursor = answer.cursor

    def items(self) -> None:
        """Every item is understood: required fields, plates of Vietnam or China, moments with their
        zone."""
        said = self._asked({"cursor": "", "wait": "0"})
        answer = self._understood(said)
        if answer.wrong:
            raise Refuted(
                f"{answer.wrong} of {answer.wrong + len(answer.rows)} items are not understood; "
                f"the first: {answer.reported[0]}"
            )
        for item in parsed(said.body)["items"]:
            if lacks := REQUIRED - item.keys():
                raise Refuted(f"{item['assignment_id']} lacks {', '.join(sorted(lacks))}")

    def cursor(self) -> None:
        """A question with the cursor is answered with the changes since, or 204 or 304."""
        said = self._asked({"cursor": self._cursor, "wait": "0"})
        if said.code in NOTHING_NEW:
            return
        answer = self._understood(said)
        if answer.full and answer.rows:
            raise Refuted("it sent the whole list once more (full), though the cursor was its own")

    def long_poll(self) -> None:
        """With `wait` it answers when something changes, or after so many seconds."""
        said = self._asked({"cursor": self._cursor, "wait": str(POLL_S)}, POLL_S + ASK_S)
        if said.code not in (200, *NOTHING_NEW):
            raise Refuted(f"it answers {said.code}")
        news = said.code == 200 and self._understood(said).rows
        if not news and said.seconds < POLL_S / 2:
            raise Refuted(f"asked to wait for {POLL_S} s it answers at once that nothing is new")
        if said.seconds > POLL_S + LATE_S:
            raise Refuted(f"asked to wait for {POLL_S} s it answered after {said.seconds:.0f} s")

    def lost_cursor(self) -> None:
        """A cursor that it does not know is answered with 410 (or 400, 404), or with the whole
        list."""
        for cursor in ("no-such-cursor", "9" * 300, "\u2603"):
            said = self._asked({"cursor": cursor, "wait": "0"})
            if said.code not in CURSOR_LOST and not (
                said.code == 200 and self._understood(said).full
            ):
                raise Refuted(f"to the cursor {cursor[:20]!r} it answers {said.code}, no 410")

    def unknown_parameter(self) -> None:
        """Parameters that came later are ignored (contract.md)."""
        self._list({"cursor": "", "wait": "0", "later": "1"})

    def stranger(self) -> None:
        """A client without credentials is answered with 401 or 403, or gets no connection."""
        if self._config.oauth is None and self._config.cert_file is None:
            raise Unreachable("this configuration names no credentials: everybody is let in")
        bare = {"oauth": None, "cert_file": None, "key_file": None}
        stranger = HttpPlatform(self._config.model_copy(update=bare), self._gate, SystemClock())
        try:
            said = _ask(stranger, "GET", self._path("assignments"), params={"wait": "0"})
        except PlatformDown:
            return
        finally:
            stranger.close()
        if said.code not in (401, 403):
            raise Refuted(f"a client without credentials gets {said.code}")

    # --- passages ---

    def passage(self) -> None:
        """A completed passage is answered with 201."""
        self._taken(self._post(self._key, self._body(self._key)))

    def repeated(self) -> None:
        """The same passage under the same Idempotency-Key is answered with 201 again."""
        for _ in range(2):
            self._taken(self._post(self._key, self._body(self._key)))

    def at_once(self) -> None:
        """The same passage twice at once is answered with 201 both times."""
        key = str(uuid.uuid4())
        said: list[Said | str] = []

        def post() -> None:
            try:
                said.append(self._post(key, self._body(key)))
            except Refuted as error:
                said.append(str(error))

        threads = [threading.Thread(target=post) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for one in said:
            if isinstance(one, str):
                raise Refuted(one)
            self._taken(one)

    def while_polling(self) -> None:
        """A passage is taken while a question for the list waits."""
        wait = 2 * POLL_S
        poll = threading.Thread(
            target=lambda: self._quietly({"cursor": self._cursor, "wait": str(wait)}, wait + ASK_S)
        )
        poll.start()
        time.sleep(0.5)
        key = str(uuid.uuid4())
        said = self._post(key, self._body(key))
        # Both answers may come at once; which of their threads ends first says nothing.
        poll.join(0.5)
        waiting = poll.is_alive()
        poll.join()
        self._taken(said)
        if not waiting and said.seconds > POLL_S:
            raise Refuted(f"it took {said.seconds:.1f} s: only after the list was answered")

    def grows(self) -> None:
        """Fields that came later are ignored (contract.md)."""
        key = str(uuid.uuid4())
        self._taken(self._post(key, {**self._body(key), "later": {"of": ["today"]}}))

    def any_text(self) -> None:
        """Chinese plates, Vietnamese texts and empty values are taken as they are."""
        key = str(uuid.uuid4())
        body = {**self._body(key), "plate": "桂A1234挂", "country": "CN", "assignment": ""}
        body |= {"by": "operator:Đặng Thị Ánh", "detail": "giấy tờ \u2028 \U0001f69a", "reason": ""}
        self._taken(self._post(key, body))

    def wrong_passage(self) -> None:
        """What is no passage is refused as wrong (400, 413, 415 or 422), and is no failure of the
        platform."""
        for payload in (b"", b"{", b"[]", b"null", b"{}", b"\xff\xfe"):
            said = self._raw(payload, {"Idempotency-Key": str(uuid.uuid4())})
            if said.code not in NOT_THIS:
                raise Refuted(f"the body {payload!r} is answered with {said.code}")

    def no_key(self) -> None:
        """A passage without an Idempotency-Key is refused as wrong."""
        body = json.dumps(self._body(str(uuid.uuid4()))).encode()
        said = self._raw(body, {})
        if said.code not in NOT_THIS:
            raise Refuted(f"it is answered with {said.code}")

    def turned_away(self) -> None:
        """A vehicle that was turned away is answered with 201, or with 404, 405 or 501 by a
        platform that does not want to hear of them."""
        key = str(uuid.uuid4())
        body = {**self._body(key), "verdict": "refuse", "reason": "not_declared"}
        body |= {"outcome": "refused_left", "why": "backed_off"}
        del body["completed_at"], body["entered_at"], body["observed"]
        said = self._post(key, body, "turned-away")
        if said.code in UNKNOWN_HERE:
            return
        self._taken(said)
        self._taken(self._post(key, body, "turned-away"))

    def guidance(self) -> None:
        """That a vehicle in the wrong lane is sent to another one is answered with 201, or with
        404, 405 or 501 by a platform that does not want to hear of it."""
        key = str(uuid.uuid4())
        body = {
            "lane": "conformance",
            "passage": key,
            "plate": "99X99999",
            "assignment": "conformance",
            "to": "elsewhere",
            "reason": "wrong_lane",
            "at": iso(datetime.now(UTC)),
        }
        said = self._post(f"{key}:elsewhere", body, "guidance")
        if said.code in UNKNOWN_HERE:
            return
        self._taken(said)
        self._taken(self._post(f"{key}:elsewhere", body, "guidance"))

    # --- how it is asked, and judged ---

    def _path(self, what: str) -> str:
        return f"/v1/gates/{self._gate}/{what}"

    def _body(self, key: str) -> dict[str, Any]:
        now = iso(datetime.now(UTC))
        return {
            "event": key,
            "lane": "conformance",
            "passage": key,
            "plate": "99X99999",
            "country": "VN",
            "kind": "truck",
            "verdict": "allow",
            "reason": "operator",
            "assignment": "",
            "by": "operator:conformance",
            "read_plate": "99X99999",
            "arrived_at": now,
            "decided_at": now,
            "entered_at": now,
            "completed_at": now,
            "observed": True,
            "evidence": [],
        }

    def _list(self, query: Mapping[str, str]) -> Answer:
        return self._understood(self._asked(query))

    def _understood(self, said: Said) -> Answer:
        if said.code != 200:
            raise Refuted(f"it answers {said.code} {said.body[:80]!r}")
        try:
            return read_list(HTTP, said.body, self._config.reading)
        except UnreadableList as error:
            raise Refuted(f"its answer is not understood: {error}") from None

    def _asked(self, query: Mapping[str, str], seconds: float = ASK_S) -> Said:
        return self._said("GET", self._path("assignments"), seconds, params=dict(query))

    def _quietly(self, query: Mapping[str, str], seconds: float) -> None:
        try:
            self._asked(query, seconds)
        except Refuted:
            # Judged by its own step.
            return

    def _post(self, key: str, body: Mapping[str, Any], what: str = "passages") -> Said:
        headers = {"Idempotency-Key": key}
        return self._said("POST", self._path(what), ASK_S, json=dict(body), headers=headers)

    def _raw(self, payload: bytes, headers: Mapping[str, str]) -> Said:
        headers = {"Content-Type": "application/json", **headers}
        path = self._path("passages")
        return self._said("POST", path, ASK_S, content=payload, headers=headers)

    def _said(self, method: str, path: str, seconds: float, **options: Any) -> Said:
        try:
            return _ask(self._driver, method, path, seconds, **options)
        except PlatformDown as error:
            raise Refuted(str(error)) from None

    def _taken(self, said: Said) -> None:
        if said.code != 201:
            raise Refuted(f"it answers {said.code} {said.body[:80]!r}; taken is 201 alone")
        if not said.body.strip():
            return
        try:
            body = parsed(said.body)
        except (ValueError, RecursionError):
            raise Refuted(f"201, with a body that is no JSON: {said.body[:80]!r}") from None
        if not isinstance(body, dict) or body.get("accepted", True) is not True:
            raise Refuted(f"201, with a body that takes it back: {said.body[:80]!r}")
        if speaks_of_error(body):
            raise Refuted(f"201, with a body that speaks of an error: {said.body[:80]!r}")


def _ask(
    driver: HttpPlatform, method: str, path: str, seconds: float = ASK_S, **options: Any
) -> Said:
    """Raises PlatformDown, Refuted."""
    began = time.monotonic()
    with driver.ask(method, path, seconds, **options) as answer:
        try:
            body = body_of(answer, LARGEST)
        except (TooLarge, ValueError) as error:
            raise Refuted(f"the body of {path} cannot be read: {error}") from None
        took = time.monotonic() - began
        return Said(answer.status_code, body, took, dict(answer.headers))
