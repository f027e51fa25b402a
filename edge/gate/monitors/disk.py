"""Tells people that the disk is almost full, while pictures still make way for the journal."""

from __future__ import annotations

import contextlib

from edge.domain.events import GATE_SUBJECT
from edge.gate.gate import Gate
from edge.system.disk_room import disk_room

LOW = "disk_low"


class DiskMonitor:
    """Call `check` about once a second, always from the same thread."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def check(self) -> None:
        settings = self._gate.settings
        with contextlib.suppress(OSError):
            room = disk_room(
                settings.data_folder,
                settings.vision.leave_free_mb * 1_000_000,
                settings.journal.ballast_mb * 1_000_000,
            )
            if room.low:
                text = (
                    f"{room.free // 1_000_000} MB are free at {settings.data_folder}; below "
                    f"{room.left // 1_000_000} MB pictures make way for the journal, the oldest "
                    "first: make room, or lower vision.evidence_mb"
                )
                self._gate.alarms.raise_alarm(LOW, GATE_SUBJECT, text)
            elif room.well:
                self._gate.alarms.clear_alarm(LOW, GATE_SUBJECT, "the disk has room again")
