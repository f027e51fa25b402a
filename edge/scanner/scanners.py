"""The lanes' scanners: one thread each; a scanner that is pulled out is waited for."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from functools import partial

from edge.barrier.wires.serial import GONE, cure, device
from edge.config import Settings
from edge.domain.facts import CodeSeen
from edge.scanner.lines import LONGEST, Lines
from edge.system.attached import REOPEN_S, Attached

READ_S = 0.2
"""Seconds that a read waits for bytes."""


class Scanner:
    """One lane's; `report` is called on its thread."""

    def __init__(
        self,
        lane: str,
        port: str,
        baud: int,
        report: Callable[[CodeSeen], None],
        reopen_s: float = REOPEN_S,
    ) -> None:
        self._lane, self._port, self._baud, self._report = lane, port, baud, report
        self._attached = Attached(
            f"scanner of lane {lane}", self._read, GONE, partial(cure, port), reopen_s
        )
        self.start, self.stop = self._attached.start, self._attached.stop

    def __repr__(self) -> str:
        return f"<Scanner {self._lane} {self._port}>"

    @property
    def running(self) -> bool:
        return self._attached.running

    def _read(self, stopping: threading.Event) -> None:
        """Raises one of GONE."""
        port, lines = device(self._port, self._baud, READ_S), Lines()
        try:
            while not stopping.is_set():
                data = port.read(1)
                self._attached.works()
                if not data:
                    continue
                data += port.read(min(port.in_waiting, LONGEST))
                lines, found = lines.after(data)
                for text in found:
                    self._report(CodeSeen(self._lane, text, "scanner"))
        finally:
            with contextlib.suppress(*GONE):
                port.close()


def scanners(settings: Settings, report: Callable[[CodeSeen], None]) -> list[Scanner]:
    """All that the settings name."""
    return [
        Scanner(name, lane.scanner.port, lane.scanner.baud, report)
        for name, lane in settings.lanes.items()
        if lane.scanner is not None
    ]
