"""The console's process: started, watched and replaced by the service, which never waits for it.

Browsers, uploads and exports take its time and its memory, and nobody else's. It asks over a
channel (channel.py) for what only the service knows or may do, and reads journal and pictures from
their files. It ends with the service; one that dies, hangs or grows too large is an alarm, and is
started anew.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from multiprocessing.connection import Connection

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
from edge.system.causes import cause, cause_of, revived
from edge.system.child_process import ChildProcess, Reasons
from edge.system.supervision import Beat, Limits, Stage
from edge.system.unhandled import THREAD, UNHANDLED

LIMITS = Limits(
    {Stage.LOADING: 60.0, Stage.WORKING: 6.0}, {Stage.LOADING: 180.0, Stage.WORKING: 10.0}
)
"""No arm waits for it, and a crowded computer is no reason to sign people out of their pages."""

MOST_MB = 700
"""It has 150, and 100 kB for each of 256 connections."""

END_S = 5.0
"""Seconds for an orderly end: answers on their way are sent, sessions are written."""

Body = Callable[[Settings, Connection, KeptLink, int], None]
"""The whole life of the process; child.child."""

REASONS = Reasons(
    not_begun=cause_of,
    died=lambda: cause("console.died"),
    not_understood=lambda: cause("console.not_understood"),
    silent=lambda seconds: cause("console.silent", seconds=seconds),
    large=lambda used, most: cause("console.large", used=used / 1e6, most=most / 1e6),
)


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
        self._line: Line | None = None
        self._child = ChildProcess(
            "console", self._body, self._arguments, self._listen, self._close, self._ended,
            REASONS, MOST_MB * 1_000_000, limits,
        )  # fmt: skip

    def start(self) -> None:
        """Waits for nothing."""
        self._child.start()

    def stop(self) -> None:
        self._child.stop(self._farewell, END_S)

    @property
    def pid(self) -> int | None:
        """Of the process that there is now."""
        return self._child.pid

    def _arguments(self, pipe: Connection) -> tuple[Settings, Connection, KeptLink, int]:
        return self._settings, pipe, self._first.kept(), logging.getLogger().level

    def _farewell(self) -> None:
        line = self._line
        if line is not None:
            line.send(End())

    def _ended(self, why: str) -> None:
        with contextlib.suppress(OSError):
            (self._settings.data_folder / ADDRESS).unlink(missing_ok=True)
        self._down(why)

    def _close(self, pipe: Connection) -> None:
        line, self._line = self._line, None
        if line is None:
            pipe.close()
        else:
            line.close()

    def _listen(self, pipe: Connection) -> str:
        """Takes what the process says until its end. Raises EOFError and OSError at its end, and
        ValueError."""
        self._line = line = Line(pipe)
        known = False
        while True:
            said = understood(pipe.recv_bytes(MOST_SAID))
            if isinstance(said, Hello):
                known = said.version == VERSION
            if not known:
                return cause("console.other_version")
            self._take(said, line)

    def _take(self, said: Hello | Ask | Alive | Up | Down | ThreadEnded, line: Line) -> None:
        """Raises ValueError."""
        if isinstance(said, Alive):
            self._child.patience.heard(Beat(said.stage, said.busy_s))
            return
        self._child.patience.spoke()
        match said:
            case Ask():
                self._answering.take(said, line)
            case Up():
                self._child.worked()
                self._up(Listening(said.url, said.fingerprint))
            case Down():
                self._down(revived(said.why, said.phrase))
            case ThreadEnded():
                UNHANDLED.count(f"{THREAD}{said.name[:100]} of the console")


def _child(settings: Settings, pipe: Connection, link: KeptLink, level: int) -> None:
    """What serves pages is loaded there, and never here."""
    from edge.console.child import child

    child(settings, pipe, link, level)
