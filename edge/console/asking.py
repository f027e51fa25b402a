"""The console's side of the channel: the gate's operations, asked of the service.

The past and kept pictures are read here, from the files themselves: a search or a report takes
nothing from the service. Views and pictures are asked for once for all who want them at a time.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from edge.console.channel import (
    MOST_ANSWERED,
    MOST_SAID,
    QUERIES,
    QUESTIONS,
    Ask,
    End,
    Said,
    unpacked,
)
from edge.gate.port import GateOperations, GateView, Unanswered
from edge.sync.journal.journal import FILE
from edge.sync.journal.reading import JournalReading
from edge.system.causes import cause
from edge.vision import evidence_files

ANSWER_S = 30.0
"""Seconds for which an answer is waited for; a commit on a slow disk takes long."""

VIEW_AGE_S = 0.1
PICTURE_AGE_S = 0.2
"""Maximum age of what several readers share."""

T = TypeVar("T")


class Channel:
    """The console's end; any thread. `ended` is called where the service wants it to end."""

    def __init__(self, pipe: Connection, ended: Callable[[], None]) -> None:
        self._pipe, self._ended = pipe, ended
        self._lock = threading.Lock()
        self._number = 0
        self._waiting: dict[int, Future[Any]] = {}

    def send(self, message: Said) -> None:
        """Raises OSError, and ValueError for what cannot be said."""
        data = message.model_dump_json().encode()
        if len(data) > MOST_SAID:
            raise ValueError(f"{len(data)} bytes are more than {MOST_SAID}")
        with self._lock:
            self._pipe.send_bytes(data)

    def ask(self, call: str, given: dict[str, Any]) -> Any:
        """Raises what the service raised, and Unanswered."""
        answer: Future[Any] = Future()
        with self._lock:
            self._number += 1
            number = self._number
            self._waiting[number] = answer
        try:
            self.send(Ask(number=number, call=call, given=given))
            return answer.result(ANSWER_S)
        except TimeoutError:
            raise Unanswered(cause("refused.unanswered")) from None
        except (OSError, ValueError) as error:
            raise Unanswered(cause("refused.not_asked", why=error)) from None
        finally:
            self._waiting.pop(number, None)

    def listen(self) -> None:
        """Until the service has gone. Raises EOFError, OSError."""
        while True:
            message = unpacked(self._pipe.recv_bytes(MOST_ANSWERED))
            if isinstance(message, End):
                self._ended()
                continue
            waiting = self._waiting.get(message.number)
            if waiting is None:
                continue
            if message.failed is not None:
                waiting.set_exception(message.failed)
            else:
                waiting.set_result(message.value)


def operations_over(channel: Channel, folder: Path) -> GateOperations:
    """`folder`: of the gate's data."""
    return cast(GateOperations, Asking(channel, folder))


class Asking:
    """Implements port.GateOperations: what is not written here is asked as it is named."""

    def __init__(self, channel: Channel, folder: Path) -> None:
        past = JournalReading(folder / FILE)
        self.recent, self.counts_by_hour = past.recent, past.counts_by_hour
        self._channel, self._folder = channel, folder
        self._view: _Shared[GateView] = _Shared(partial(channel.ask, "view", {}), VIEW_AGE_S)
        self._pictures: dict[str, _Shared[bytes | None]] = {}

    def __getattr__(self, call: str) -> Callable[..., Any]:
        if call not in QUESTIONS:
            raise AttributeError(call)
        return partial(self._ask, call)

    def view(self) -> GateView:
        return self._view()

    def picture(self, lane: str) -> bytes | None:
        shared = self._pictures.get(lane)
        if shared is not None:
            return shared()
        ask = partial(self._channel.ask, "picture", {"lane": lane})
        found: bytes | None = ask()
        if found is not None:
            # One that there is: names of strangers are not kept.
            self._pictures[lane] = _Shared(ask, PICTURE_AGE_S)
        return found

    def evidence(self, name: str) -> bytes | None:
        return evidence_files.load(self._folder / "evidence", name)

    def _ask(self, call: str, *values: Any, **named: Any) -> Any:
        bound = _SIGNATURES[call].bind(None, *values, **named).arguments
        given = {name: value for name, value in bound.items() if name != "self"}
        try:
            return self._channel.ask(call, given)
        finally:
            if call not in QUERIES:
                self._view.forget()


_SIGNATURES = {call: inspect.signature(getattr(GateOperations, call)) for call in QUESTIONS}


class _Shared(Generic[T]):
    """One answer for all who ask within a moment; one question at a time."""

    def __init__(self, ask: Callable[[], T], age_s: float) -> None:
        self._ask, self._age_s = ask, age_s
        self._lock = threading.Lock()
        self._kept: tuple[float, T] | None = None
        self._forgotten = 0

    def __call__(self) -> T:
        with self._lock:
            now = time.monotonic()
            if self._kept is not None and now - self._kept[0] < self._age_s:
                return self._kept[1]
            forgotten = self._forgotten
            value = self._ask()
            if forgotten == self._forgotten:
                self._kept = now, value
            return value

    def forget(self) -> None:
        """What was asked before this moment counts no more."""
        self._forgotten += 1
        self._kept = None
