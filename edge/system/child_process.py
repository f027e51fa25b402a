"""A process beside the service (vision, the console): begun, listened to, watched and replaced.

The service never waits for it. It speaks over one pipe and ends with the service; one that dies,
hangs (supervision.py), says what is not understood or grows too large is told and begun anew: at
once where it had done its work or was waited for, else after pauses that grow.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from edge.system import scheduling
from edge.system.backoff import Backoff, Retries
from edge.system.memory import resident
from edge.system.run_state import run_of
from edge.system.supervision import QUICK, Limits, Patience

WATCHED_S = 0.25
"""Seconds between two looks at its answers and memory."""

RESTART = Retries(0.25, 15.0)
"""Pauses before one that ended without having done any work is begun anew."""

AGAIN = Retries(0.25, 1.0)
STEADY_S = 30.0
"""The same for one that had, or that did not answer for long enough, and seconds of life after
which they begin anew: it is missed, and that it may end so again costs less than that nobody
sees."""

KILL_S = 15.0
"""Seconds for which a killed one is waited for."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why it ended, as causes (causes.py)."""

    not_begun: Callable[[OSError], str]
    """No process or no descriptor is to be had now."""
    died: Callable[[], str]
    not_understood: Callable[[], str]
    silent: Callable[[float], str]
    """Seconds for which it has not answered."""
    large: Callable[[int, int], str]
    """Bytes that it has in use, and may have."""


class ChildProcess:
    """`target(*arguments(pipe))` is the whole life of the process, in a fresh interpreter.

    `listen(pipe)` takes what it says, on the thread that owns it, and says why it ended where the
    process itself says so; it raises EOFError or OSError at its end and anything else for what is
    not understood. `down(why)` follows each end but the one by `stop`.
    """

    def __init__(
        self,
        name: str,
        target: Callable[..., None],
        arguments: Callable[[Connection], tuple[Any, ...]],
        listen: Callable[[Connection], str],
        close: Callable[[Connection], None],
        down: Callable[[str], None],
        reasons: Reasons,
        most: int,
        limits: Limits = QUICK,
    ) -> None:
        self._name, self._target, self._arguments = name, target, arguments
        self._listen, self._close, self._down = listen, close, down
        self._reasons, self._most = reasons, most
        self.patience = Patience(limits)
        self._process: BaseProcess | None = None
        self._why = ""
        self._worked = self._waited_for = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Waits for nothing."""
        self._thread.start()

    def stop(self, farewell: Callable[[], None] | None = None, end_s: float = 0.0) -> None:
        """`farewell` asks the process to end, for which it gets so many seconds."""
        self._stopping.set()
        process = self._process
        if farewell is not None and process is not None:
            farewell()
            with contextlib.suppress(ValueError, AssertionError):
                process.join(end_s)
        until = time.monotonic() + KILL_S
        while self._thread.is_alive() and time.monotonic() < until:
            # One may just have been begun.
            self._kill()
            self._thread.join(0.1)

    def worked(self) -> None:
        """The process that there is now has done what it is for."""
        self._worked = True

    @property
    def pid(self) -> int | None:
        """Of the process that there is now."""
        process = self._process
        return process.pid if process is not None and process.is_alive() else None

    # --- the thread that owns the process ---

    def _run(self) -> None:
        never_worked, missed = Backoff(RESTART), Backoff(AGAIN, steady_s=STEADY_S)
        while not self._stopping.is_set():
            began = time.monotonic()
            self._worked = self._waited_for = False
            try:
                why = self._live()
            except OSError as error:
                why = self._reasons.not_begun(error)
            if self._stopping.is_set():
                return
            log.error("%s: %s; it is started anew", self._name, why)
            self._down(why)
            if self._worked:
                never_worked.reset()
            if self._worked or self._waited_for:
                missed.stood(time.monotonic() - began)
                pause_s = missed.next()
            else:
                pause_s = never_worked.next()
            self._stopping.wait(pause_s)

    def _live(self) -> str:
        """One process from its first to its last moment; why it ended. Raises OSError where it
        cannot be begun."""
        self._why = ""
        self.patience.begin()
        near, process = self._begin()
        over = threading.Event()
        watching = threading.Thread(
            target=self._supervise, args=(process, over), name=f"{self._name} watch", daemon=True
        )
        watching.start()
        try:
            return self._listen(near)
        except (EOFError, OSError):
            return self._why or self._reasons.died()
        except Exception:
            log.exception("%s says what is not understood", self._name)
            return self._reasons.not_understood()
        finally:
            over.set()
            watching.join()
            if not self._stopping.is_set():
                self._kill()
            self._close(near)

    def _begin(self) -> tuple[Connection, BaseProcess]:
        """Our end of the pipe, and the process."""
        context = multiprocessing.get_context("spawn")
        near, far = context.Pipe(duplex=True)
        self._process = process = context.Process(
            target=self._target, args=self._arguments(far), name=self._name, daemon=True
        )
        try:
            with scheduling.ordinary_processes():
                process.start()
        except OSError:
            near.close()
            raise
        finally:
            far.close()
        return near, process

    def _supervise(self, process: BaseProcess, over: threading.Event) -> None:
        """Kills one that does not answer or has grown too large: one that is stopped within a
        message keeps whoever listens to it waiting."""
        while not over.wait(WATCHED_S):
            # So much time counts, and not what passed: we may have been stopped ourselves.
            run = run_of(process.pid, whole=self.patience.loading)
            silent_s = self.patience.waited(WATCHED_S, run)
            if self._stopping.is_set():
                continue
            if silent_s is not None:
                self._why, self._waited_for = self._reasons.silent(silent_s), True
            elif process.pid is not None and (used := resident(process.pid)) > self._most:
                self._why = self._reasons.large(used, self._most)
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
