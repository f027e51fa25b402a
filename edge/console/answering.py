"""The service's side of the channel: questions of the console's process, answered on threads of
their own. A stop waits for no page and for no disk."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection

from edge.console.channel import (
    ACTIONS,
    MOST_ASKED,
    ORDERS,
    QUERIES,
    Answer,
    Ask,
    End,
    GateFailed,
    given,
    packed,
)
from edge.gate.port import GateOperations, Unanswered
from edge.sync.port import Unread
from edge.system.unhandled import UNHANDLED

THREADS = ((ORDERS, 32), (ACTIONS, 32), (QUERIES, 4))
"""Of each kind of question; made when they are needed. As many orders and decisions at once as the
console lets through, by its forms and its calls."""


class Line:
    """The service's end of one console's channel; any thread."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._sending, self._counting = pipe, threading.Lock(), threading.Lock()
        self._asked = 0

    def asked(self) -> bool:
        """One more question waits; False where there are too many."""
        with self._counting:
            self._asked += 1
            return self._asked <= MOST_ASKED

    def send(self, message: Answer | End) -> None:
        """Nothing where the console has gone; it waits while the console takes nothing, which ends
        with the console."""
        if isinstance(message, Answer):
            with self._counting:
                self._asked -= 1
        # Not while others wait for their turn.
        data = packed(message)
        with self._sending, contextlib.suppress(OSError, ValueError):
            self._pipe.send_bytes(data)

    def close(self) -> None:
        with self._sending:
            self._pipe.close()


class Answering:
    """The questions of all consoles that follow each other."""

    def __init__(self, operations: GateOperations) -> None:
        self._operations = operations
        self._workers = [(calls, _Workers(most)) for calls, most in THREADS]

    def take(self, ask: Ask, line: Line) -> None:
        """Waits for nothing. Raises ValueError where too many wait, and for what is no question."""
        workers = next((crew for calls, crew in self._workers if ask.call in calls), None)
        if workers is None:
            raise ValueError(f"{ask.call[:40]!r} is no question")
        if not line.asked():
            raise ValueError(f"more than {MOST_ASKED} questions at once")
        workers.do(lambda: line.send(self._answer(ask)))

    def _answer(self, ask: Ask) -> Answer:
        try:
            values = given(ask.call, ask.given)
            return Answer(ask.number, getattr(self._operations, ask.call)(**values))
        except (Unanswered, Unread) as error:
            return Answer(ask.number, failed=error)
        except Exception as error:
            UNHANDLED.note(f"{ask.call} for the console")
            return Answer(ask.number, failed=GateFailed(type(error).__name__))


class _Workers:
    """Threads that do what is put before them; a further one where all are busy, up to `most`."""

    def __init__(self, most: int) -> None:
        self._most, self._count, self._idle = most, 0, 0
        self._lock = threading.Lock()
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def do(self, work: Callable[[], None]) -> None:
        self._work.put(work)
        with self._lock:
            if self._idle >= self._work.qsize() or self._count >= self._most:
                return
            self._count += 1
        threading.Thread(target=self._run, name="console's question", daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            work = self._work.get()
            with self._lock:
                self._idle -= 1
            work()
