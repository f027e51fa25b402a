"""A Hikvision device over HTTP Digest, used by a thread of its own: nothing waits for it.

The thread requests each channel's status again and again and keeps the last one with its age.
Commands are posted to the thread and sent at once, beside whatever else is under way; each exchange
has one deadline over all its parts.

"open" and "close" have one meaning each, however often they are sent. So where an answer is lost,
an opening that turns a closing arm is sent again. The same holds for an opening that was sent while
a closing was not yet answered: the closing may have taken effect after it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx

from edge.barrier.wires.http_client import http_client
from edge.barrier.wires.isapi_exchange import LOCKOUT_S, Device, Lockout, Refused, Status
from edge.barrier.wires.port import NoAnswer, WireGone
from edge.config.address import masked
from edge.config.secret import secret_of
from edge.system.causes import cause, cause_of

STATUS_EVERY_S = 0.2
AGAIN_S = 0.5
"""Seconds after which a failed status is requested again."""

LATE_S = 10.0
"""Seconds for which an unanswered closing may still take effect, and for which an opening that
turns a closing arm is repeated until the device answers."""

LEAVE_S = 0.5
"""Maximum seconds that `close` waits for the last command."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Channel:
    """`wanted`: the newest command. `unsettled`: a closing whose fate is not known yet."""

    why: str
    status: Status | None = None
    wanted: str = ""
    unsettled: bool = False


class IsapiLine:
    """The device; implements port.Wire. Not thread-safe: one owner. `answer_s`: what one exchange
    may take, from connecting to the last byte; a status older than `stale_s` is none."""

    def __init__(
        self, url: str, username: str, password_file: Path, answer_s: float, ca_file: Path | None
    ) -> None:
        self.place = masked(url.rstrip("/"))
        self._url = url.rstrip("/")
        self.stale_s = 2 * answer_s + STATUS_EVERY_S
        self._username = username
        self._password_file = password_file
        self._answer_s = answer_s
        self._ca_file = ca_file
        self._channels: list[int] = []
        self._lockout = Lockout()
        self._session: _Session | None = None

    def __repr__(self) -> str:
        return f"<IsapiLine {self.place} {'open' if self._session else 'closed'}>"

    def watch(self, channel: int) -> None:
        """From the next `open` on its status is asked for."""
        self._channels.append(channel)

    def open(self) -> None:
        """Begins to ask. Raises WireGone for files that cannot be read."""
        self.close()
        client = http_client(self.place, self._url, self._ca_file, self._auth)
        refused = cause(
            "wire.refuses_user",
            place=self.place,
            user=repr(self._username),
            file=self._password_file,
            seconds=LOCKOUT_S,
        )
        device = Device(self.place, client, self._answer_s, self._lockout, refused)
        self._session = _Session(device, self._channels)

    def _auth(self) -> httpx.Auth:
        return httpx.DigestAuth(self._username, secret_of(self._password_file))

    def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.end()

    def status(self, channel: int) -> Status:
        """The last one known. Raises NoAnswer where it is too old or there is none, WireGone."""
        known = self._standing().channels[channel]
        if known.status is None:
            raise NoAnswer(known.why)
        age = time.monotonic() - known.status.asked_at
        if age > self.stale_s:
            raise NoAnswer(
                cause("wire.no_status_for", place=self.place, seconds=age, why=known.why)
            )
        return known.status

    def post(self, channel: int, mode: str) -> None:
        """Sends "open" or "close", once, without waiting. Raises NoAnswer for a closing while an
        earlier one is not answered, WireGone."""
        self._standing().post(channel, mode)

    def _standing(self) -> _Session:
        if self._session is None:
            raise WireGone(cause("wire.not_connected", place=self.place))
        if not self._session.alive():
            raise WireGone(cause("wire.thread_ended", place=self.place))
        return self._session


class _Session:
    """From one opening of the line to its closing: the thread, and what it knows."""

    def __init__(self, device: Device, channels: Iterable[int]) -> None:
        self.channels = {
            n: _Channel(cause("wire.not_answered_yet", place=device.place)) for n in channels
        }
        self._device = device
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._commands: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name=f"isapi {device.place}", daemon=True)
        self._thread.start()

    def alive(self) -> bool:
        return self._thread.is_alive()

    def post(self, number: int, mode: str) -> None:
        channel = self.channels[number]
        if mode == "close":
            if channel.unsettled:
                raise NoAnswer(cause("wire.closing_unanswered", place=self._device.place))
            channel.unsettled = True
        turning = mode == "open" and channel.wanted == "close"
        channel.wanted = mode
        self._soon(lambda: self._begin(number, mode, turning))

    def end(self) -> None:
        self._soon(self._over.set)
        self._thread.join(LEAVE_S)

    def _soon(self, go: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(go)
        except RuntimeError:
            raise WireGone(cause("wire.thread_ended", place=self._device.place)) from None

    # --- the session's thread ---

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        except Exception:
            log.exception("%s: the thread has ended", self._device.place)

    async def _serve(self) -> None:
        async with self._device.client, asyncio.TaskGroup() as watchers:
            tasks = [watchers.create_task(self._watch(n)) for n in self.channels]
            await self._over.wait()
            if self._commands:
                await asyncio.wait(self._commands, timeout=LEAVE_S)
            for task in tasks:
                task.cancel()

    async def _watch(self, number: int) -> None:
        channel = self.channels[number]
        while True:
            began = time.monotonic()
            pause = STATUS_EVERY_S
            try:
                channel.status = await self._device.status(number)
            except NoAnswer as error:
                channel.why, pause = cause_of(error), AGAIN_S
            await asyncio.sleep(max(0.0, began + pause - time.monotonic()))

    def _begin(self, number: int, mode: str, turning: bool) -> None:
        task = asyncio.create_task(self._command(number, mode, turning))
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)

    async def _command(self, number: int, mode: str, turning: bool) -> None:
        """One command, and what a lost answer asks for."""
        channel = self.channels[number]
        if mode == "close":
            try:
                await self._said(number, mode, LATE_S)
            finally:
                channel.unsettled = False
            if channel.wanted == "close":
                return
            mode, turning = "open", True
        until = time.monotonic() + LATE_S
        while channel.wanted == mode and not await self._said(number, mode, self._device.answer_s):
            if not turning or time.monotonic() > until:
                return
            await asyncio.sleep(STATUS_EVERY_S)

    async def _said(self, number: int, mode: str, within_s: float) -> bool:
        """Whether the device has answered, if only with a no."""
        began = time.monotonic()
        try:
            await self._device.command(number, mode, within_s)
        except NoAnswer as error:
            log.warning("channel %d: %s: %s", number, mode, error)
            return isinstance(error, Refused)
        took = time.monotonic() - began
        if took > self._device.answer_s:
            log.warning("%s: %s was done only after %.1f s", self._device.place, mode, took)
        return True
