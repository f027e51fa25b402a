"""Tells people that the disk is almost full, while pictures still make way for the journal."""

from __future__ import annotations

import contextlib

from edge.config import Settings
from edge.domain.alarm_codes import AlarmCode, Param
from edge.domain.events import GATE_SUBJECT
from edge.gate.monitors.port import Alarms
from edge.system.disk_room import disk_room


class DiskMonitor:
    """See port.Monitor."""

    def __init__(self, settings: Settings, alarms: Alarms) -> None:
        self._settings, self._alarms = settings, alarms

    def check(self) -> None:
        settings = self._settings
        with contextlib.suppress(OSError):
            room = disk_room(
                settings.data_folder,
                settings.vision.leave_free_mb * 1_000_000,
                settings.journal.ballast_mb * 1_000_000,
            )
            if room.low:
                params: dict[str, Param] = {
                    "free": room.free // 1_000_000,
                    "left": room.left // 1_000_000,
                    "folder": str(settings.data_folder),
                }
                self._alarms.raise_alarm(AlarmCode.DISK_LOW, GATE_SUBJECT, params)
            elif room.well:
                self._alarms.clear_alarm(AlarmCode.DISK_LOW, GATE_SUBJECT)
