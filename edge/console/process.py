"""The console's process: started, watched and replaced by the service, which never waits for it.

Browsers, uploads and exports take its time and its memory, and nobody else's. It asks over a
channel (channel.py) for what only the service knows or may do, and reads journal and pictures from
their files. It ends with the service; one that dies, hangs or grows too large is an alarm, and is
started anew.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from edge.config import Settings
from edge.console.answering import Answering, Line
from edge.console.channel import (
    ADDRESS,
    MOST_SAID,
    VERSION,
    Alive,
    Ask,
    Down,
    End,
    Hello,
    Listening,
    ThreadEnded,
    Up,
    understood,
)
from edge.console.first_user import FirstUser, KeptLink
from edge.gate.port import GateOperations
from edge.system.backoff import Backoff, Retries
from edge.system.causes import cause, cause_of, revived
from edge.system.memory import resident
from edge.system.supervision import Beat, Limits, Patience, Stage
from edge.system.unhandled import THREAD, UNHANDLED

WATCHED_S = 0.25
"""Seconds between two looks at the process."""

LIMITS = Limits(
    {Stage.LOADING: 60.0, Stage.WORKING: 6.0}, {Stage.LOADING: 180.0, Stage.WORKING: 10.0}
)
"""No arm waits for it, and a crowded computer is no reason to sign people out of their pages."""

MOST_MB = 700
"""It has 150, and 100 kB for each of 256 connections."""

RESTART = Retries(0.25, 15.0)
STEADY_S = 30.0
"""Pauses before one that died is started anew, and seconds of life after which they begin anew."""

END_S = 5.0
"""Seconds for an orderly end: answers on their way are sent, sessions are written."""

KILL_S = 15.0
"""Seconds for which a killed one is waited for."""

Body = Callable[[Settings, Connection, KeptLink, int], None]
"""The whole life of the process; child.child."""

log = logging.getLogger(__name__)


class ConsoleProcess:
    """`up` is called each time it listens, with the address, `down` with the reason why it does
    not; both on threads of its own. `body`: child.child where none is given."""

    def __init__(
        self,
        settings: Settings,
        operations: GateOperations,
        first: FirstUser,
        up: Callable[[Listening], None],
        down: Callable[[str], None],
        body: Body | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        self._settings, self._first, self._up, self._down = settings, first, up, down
        self._body = body or _child
        self._answering = Answering(operations)
        self._patience = Patience(limits)
        self._process: BaseProcess | None = None
        self._line: Line | None = None
        self._why = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="console", daemon=True)

    def start(self) -> None:
        """Waits for nothing."""
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        line, process = self._line, self._process
        if line is not None and process is not None:
            line.send(End())
            with contextlib.suppress(ValueError, AssertionError):
                process.join(END_S)
        until = time.monotonic() + KILL_S
        while self._thread.is_alive() and time.monotonic() < until:
            # One may just have been begun.
            self._kill()
            self._thread.join(0.1)

    @property
    def pid(self) -> int | None:
        """Of the process that there is now."""
        process = self._process
        return process.pid if process is not None and process.is_alive() else None

    # --- the thread that owns the process ---

    def _run(self) -> None:
        backoff = Backoff(RESTART, steady_s=STEADY_S)
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                why = self._live()
            except OSError as error:
                # No process or no descriptor is to be had now.
                why = cause_of(error)
            if self._stopping.is_set():
                return
            backoff.stood(time.monotonic() - began)
            log.error("console: %s; it is started anew", why)
            with contextlib.suppress(OSError):
                (self._settings.data_folder / ADDRESS).unlink(missing_ok=True)
            self._down(why)
            self._stopping.wait(backoff.next())

    def _live(self) -> str:
        """One process from its first to its last moment; why it ended."""
        context = multiprocessing.get_context("spawn")
        near, far = context.Pipe(duplex=True)
        self._why = ""
        self._patience.begin()
        self._process = process = context.Process(
            target=self._body,
            args=(self._settings, far, self._first.kept(), logging.getLogger().level),
            name="console",
            daemon=True,
        )
        try:
            process.start()
        except OSError:
            near.close()
            raise
        finally:
            far.close()
        self._line = line = Line(near)
        over = threading.Event()
        watching = threading.Thread(
            target=self._supervise, args=(process, over), name="console watch", daemon=True
        )
        watching.start()
        try:
            return self._listen(near, line)
        finally:
            over.set()
            watching.join()
            self._line = None
            if not self._stopping.is_set():
                self._kill()
            line.close()

    def _listen(self, pipe: Connection, line: Line) -> str:
        """Takes what the process says until its end; why it ended."""
        known = False
        try:
            while True:
                said = understood(pipe.recv_bytes(MOST_SAID))
                if isinstance(said, Hello):
                    known = said.version == VERSION
                if not known:
                    return cause("console.other_version")
                self._take(said, line)
        except (EOFError, OSError):
            return self._why or cause("console.died")
        except ValueError as error:
            log.error("the console says what is not understood: %s", error)
            return cause("console.not_understood")

    def _take(self, said: Hello | Ask | Alive | Up | Down | ThreadEnded, line: Line) -> None:
        """Raises ValueError."""
        if isinstance(said, Alive):
            self._patience.heard(Beat(said.stage, said.busy_s))
            return
        self._patience.spoke()
        match said:
            case Ask():
                self._answering.take(said, line)
            case Up():
                self._up(Listening(said.url, said.fingerprint))
            case Down():
                self._down(revived(said.why, said.phrase))
            case ThreadEnded():
                UNHANDLED.count(f"{THREAD}{said.name[:100]} of the console")

    def _supervise(self, process: BaseProcess, over: threading.Event) -> None:
        """Kills one that hangs or has grown too large."""
        while not over.wait(WATCHED_S):
            silent_s = self._patience.waited(WATCHED_S)
            if self._stopping.is_set():
                continue
            if silent_s is not None:
                self._why = cause("console.silent", seconds=silent_s)
            elif process.pid is not None and (used := resident(process.pid)) > MOST_MB * 1e6:
                self._why = cause("console.large", used=used / 1e6, most=MOST_MB)
            else:
                continue
            process.kill()
            return

    def _kill(self) -> None:
        process = self._process
        if process is not None:
            with contextlib.suppress(Exception):
                process.kill()
                process.join(10)


def _child(settings: Settings, pipe: Connection, link: KeptLink, level: int) -> None:
    """What serves pages is loaded there, and never here."""
    from edge.console.child import child

    child(settings, pipe, link, level)
