"""The lanes' scanners: one thread each; a scanner that is pulled out is waited for."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable

from edge.barrier.wires.serial import GONE, cure, device
from edge.config import Settings
from edge.domain.facts import CodeSeen
from edge.scanner.lines import LONGEST, Lines

READ_S = 0.2
"""Seconds that a read waits for bytes."""

REOPEN_S = 5.0

log = logging.getLogger(__name__)


class Scanner:
    """One lane's; `report` is called on its thread."""

    def __init__(self, lane: str, port: str, baud: int, report: Callable[[CodeSeen], None]) -> None:
        self._lane, self._port, self._baud, self._report = lane, port, baud, report
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"scanner {lane}", daemon=True)

    def __repr__(self) -> str:
        return f"<Scanner {self._lane} {self._port}>"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._read()
            except GONE as error:
                log.warning("scanner of lane %s: %s", self._lane, cure(self._port, error))
                self._stopping.wait(REOPEN_S)

    def _read(self) -> None:
        """Until the end. Raises one of GONE."""
        port, lines = device(self._port, self._baud, READ_S), Lines()
        try:
            while not self._stopping.is_set():
                data = port.read(1)
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
