"""Single exchanges with a Hikvision device over HTTP Digest, each with one deadline over all its
parts, and none while a refused sign-in is fresh."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass

import httpx

from edge.barrier.wires.port import NoAnswer
from edge.system.causes import cause

LOCKOUT_S = 60.0
"""Seconds without a try after a refused sign-in: devices lock accounts after a few."""

LONGEST = 65_536
"""An answer of more bytes is none."""

LONGEST_ELEMENT = 100
"""Letters between an element's marks; one with more is none."""


class Refused(NoAnswer):
    """The device has answered: no."""


@dataclass(frozen=True, slots=True)
class Status:
    """0 neither end, 1 closed, 2 open. `asked_at`: monotonic seconds; the status is no older."""

    value: str
    asked_at: float


@dataclass(slots=True)
class Lockout:
    until: float = float("-inf")


class Device:
    """One device; for the event loop's thread alone."""

    def __init__(
        self,
        place: str,
        client: httpx.AsyncClient,
        answer_s: float,
        lockout: Lockout,
        refused: str,
    ) -> None:
        self.place = place
        self.client = client
        self.answer_s = answer_s
        self._lockout = lockout
        self._refused = refused

    async def status(self, channel: int) -> Status:
        asked_at = time.monotonic()
        text = await self._ask("GET", f"{_path(channel)}/barrierGateStatus", "", self.answer_s)
        value = _element(text, "barrierGateStatus") or _element(text, "status")
        if value not in ("0", "1", "2"):
            raise NoAnswer(cause("wire.strange_status", place=self.place, value=repr(value)))
        return Status(value, asked_at)

    async def command(self, channel: int, mode: str, within_s: float) -> None:
        body = f"<BarrierGate><ctrlMode>{mode}</ctrlMode></BarrierGate>"
        reported = await self._ask("PUT", _path(channel), body, within_s)
        if (code := _element(reported, "statusCode")) not in ("", "1"):
            raise Refused(cause("wire.not_done", place=self.place, mode=mode, code=code))

    async def _ask(self, method: str, path: str, body: str, within_s: float) -> str:
        """One exchange, once. Raises NoAnswer (it may have happened)."""
        if time.monotonic() < self._lockout.until:
            raise Refused(self._refused)
        head = {"Content-Type": "application/xml"}
        try:
            async with (
                asyncio.timeout(within_s),
                self.client.stream(method, path, content=body, headers=head) as answer,
            ):
                text = await _bounded(answer)
        except TimeoutError:
            raise NoAnswer(cause("wire.not_within", place=self.place, seconds=within_s)) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise NoAnswer(
                cause("wire.http_no_connection", place=self.place, error=error)
            ) from None
        if answer.status_code == 401:
            self._lockout.until = time.monotonic() + LOCKOUT_S
            raise Refused(self._refused)
        if answer.status_code in (404, 405, 501) or "notSupport" in text:
            raise Refused(cause("wire.isapi_unsupported", place=self.place, path=path))
        if not answer.is_success:
            why = _element(text, "subStatusCode") or f"HTTP {answer.status_code}"
            raise Refused(
                cause("wire.refuses", place=self.place, method=method, path=path, why=why)
            )
        return text


def _path(channel: int) -> str:
    return f"/ISAPI/Parking/channels/{channel}/barrierGate"


async def _bounded(answer: httpx.Response) -> str:
    data = bytearray()
    async for piece in answer.aiter_bytes():
        data += piece
        if len(data) > LONGEST:
            raise httpx.RemoteProtocolError("an answer that does not end")
    return data.decode("utf-8", "replace")


def _element(text: str, name: str) -> str:
    """The text of an element without children, or ""."""
    # Bounded everywhere: the guard's thread waits while an expression is looked for.
    found = re.search(rf"<{name}(?:\s[^<>]{{0,200}})?>([^<]{{0,{LONGEST_ELEMENT}}})</{name}>", text)
    return found.group(1).strip() if found else ""
