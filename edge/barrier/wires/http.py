"""A device with relays behind HTTP, used by a thread of its own: nothing waits for it.

The thread requests one page again and again, to know that the device is there. A command is sent at
once, and once only. One that is not answered in time is given up: its connection is closed with
everything that the network has not delivered, and it is never sent again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from edge.barrier.wires.http_client import http_client
from edge.barrier.wires.port import Answered, NoAnswer, WireGone, Write
from edge.config.address import masked
from edge.config.secret import secret_of
from edge.system.causes import cause, cause_of

ASK_EVERY_S = 0.5
"""Seconds between two questions whether the device is there."""

SILENT_S = 2.0
"""Seconds after its last answer, beside the time that an answer may take, from which on the device
counts as gone."""

LEAVE_S = 0.5
"""Maximum seconds that `close` waits for the last command."""

LONGEST = 65_536
"""An answer of more bytes is none."""

LOCKOUT_S = 60.0
"""Seconds without a try after a refused sign-in: devices lock accounts after a few."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: method, path with its query, body."""

    path: str
    method: str = "GET"
    body: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A write as the device is told it: requests in order, each with what tells from its answer
    that it was done. `answers`: where the line's thread puts what has become of it."""

    write: Write
    steps: tuple[tuple[Ask, Callable[[str], bool]], ...]
    answers: deque[Answered]


class HttpLine:
    """The device; implements port.Wire. Not thread-safe: one owner. `digest`: sign in by Digest
    (RFC 7616), else Basic; no `password_file`: not at all. `answer_s`: what one exchange may take,
    from connecting to the last byte."""

    def __init__(
        self,
        url: str,
        username: str,
        password_file: Path | None,
        answer_s: float,
        ca_file: Path | None,
        digest: bool,
    ) -> None:
        self.place = masked(url.rstrip("/"))
        self._url = url.rstrip("/")
        self._username = username
        self._password_file = password_file
        self._answer_s = answer_s
        self._ca_file = ca_file
        self._digest = digest
        self._status: Ask | None = None
        self._session: _Session | None = None

    def __repr__(self) -> str:
        return f"<HttpLine {self.place} {'open' if self._session else 'closed'}>"

    def watch(self, status: Ask) -> None:
        """Sets the request that is repeated from the next `open` on."""
        self._status = status

    def open(self) -> None:
        """Begins to ask. Raises WireGone for files that cannot be read."""
        self.close()
        client = http_client(self.place, self._url, self._ca_file, self._auth)
        assert self._status is not None
        refused = cause(
            "wire.refuses_user",
            place=self.place,
            user=repr(self._username),
            file=self._password_file or cause("wire.name_password_file"),
            seconds=LOCKOUT_S,
        )
        self._session = _Session(self.place, client, self._answer_s, self._status, refused)

    def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.end()

    def status(self) -> str:
        """The last page. Raises NoAnswer where it is too old or there is none, WireGone."""
        session = self._standing()
        if session.page is None:
            raise NoAnswer(session.why)
        age = time.monotonic() - session.page_at
        if age > SILENT_S + self._answer_s:
            raise NoAnswer(cause("wire.silent_for", place=self.place, seconds=age, why=session.why))
        return session.page

    def post(self, command: Command) -> None:
        """Says it, without waiting. Raises WireGone."""
        self._standing().post(command)

    def _auth(self) -> httpx.Auth | None:
        if self._password_file is None:
            return None
        secret = secret_of(self._password_file)
        kind = httpx.DigestAuth if self._digest else httpx.BasicAuth
        return kind(self._username, secret)

    def _standing(self) -> _Session:
        if self._session is None:
            raise WireGone(cause("wire.not_connected", place=self.place))
        if not self._session.alive():
            raise WireGone(cause("wire.thread_ended", place=self.place))
        return self._session


class _Session:
    """From one opening of the line to its closing: the thread, and what it knows."""

    def __init__(
        self, place: str, client: httpx.AsyncClient, answer_s: float, status: Ask, refused: str
    ) -> None:
        self.page: str | None = None
        self.page_at = 0.0
        self.why: str = cause("wire.not_answered_yet", place=place)
        self._place = place
        self._client = client
        self._answer_s = answer_s
        self._status = status
        self._refused = refused
        self._locked_until = float("-inf")
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._commands: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name=f"http {place}", daemon=True)
        self._thread.start()

    def alive(self) -> bool:
        return self._thread.is_alive()

    def post(self, command: Command) -> None:
        self._soon(lambda: self._begin(command))

    def end(self) -> None:
        self._soon(self._over.set)
        self._thread.join(LEAVE_S)

    def _soon(self, go: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(go)
        except RuntimeError:
            raise WireGone(cause("wire.thread_ended", place=self._place)) from None

    # --- the session's thread ---

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        except Exception:
            log.exception("%s: the thread has ended", self._place)

    async def _serve(self) -> None:
        async with self._client:
            watching = asyncio.create_task(self._watch())
            await self._over.wait()
            if self._commands:
                await asyncio.wait(self._commands, timeout=LEAVE_S)
            watching.cancel()

    async def _watch(self) -> None:
        while True:
            began = time.monotonic()
            try:
                self.page = await self._ask(self._status)
                self.page_at = began
            except NoAnswer as error:
                self.why = cause_of(error)
            await asyncio.sleep(max(0.0, began + ASK_EVERY_S - time.monotonic()))

    def _begin(self, command: Command) -> None:
        task = asyncio.create_task(self._do(command))
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)

    async def _do(self, command: Command) -> None:
        good = False
        try:
            for ask, done in command.steps:
                text = await self._ask(ask)
                if not done(text):
                    log.warning("%s has not done %s", self._place, command.write)
                    return
            good = True
        except NoAnswer as error:
            log.warning("%s: %s", command.write, error)
        finally:
            command.answers.append((command.write, good))

    async def _ask(self, ask: Ask) -> str:
        """One exchange, once. Raises NoAnswer (it may have happened)."""
        if time.monotonic() < self._locked_until:
            raise NoAnswer(self._refused)
        head = {"Content-Type": ask.content_type} if ask.content_type else {}
        try:
            async with (
                asyncio.timeout(self._answer_s),
                self._client.stream(
                    ask.method, ask.path, content=ask.body or None, headers=head
                ) as answer,
            ):
                text = await _bounded(answer)
        except TimeoutError:
            raise NoAnswer(
                cause("wire.not_within", place=self._place, seconds=self._answer_s)
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise NoAnswer(
                cause("wire.http_no_connection", place=self._place, error=error)
            ) from None
        if answer.status_code == 401:
            self._locked_until = time.monotonic() + LOCKOUT_S
            raise NoAnswer(self._refused)
        if not answer.is_success:
            raise NoAnswer(
                cause(
                    "wire.http_refuses",
                    place=self._place,
                    path=ask.path.partition("?")[0],
                    code=answer.status_code,
                )
            )
        return text


async def _bounded(answer: httpx.Response) -> str:
    data = bytearray()
    async for piece in answer.aiter_bytes():
        data += piece
        if len(data) > LONGEST:
            raise httpx.RemoteProtocolError("an answer that does not end")
    return data.decode("utf-8", "replace")
