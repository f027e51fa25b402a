"""How much of the disk pictures leave free: the journal's room, which is worth more than they."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

MOST_OF_DISK = 0.1
"""On a small disk no more than this part of it is left free, or nothing could be kept at all."""

WARN = 1.5
"""Multiple of the room to be left free below which people are warned: there is still time to act.
"""

WELL = 2.0
"""Multiple of the room to be left free from which on the warning is over."""


@dataclass(frozen=True, slots=True)
class DiskRoom:
    """Bytes. `free` for this user; `left`: below this no picture is kept, and old ones go."""

    free: int
    left: int

    @property
    def low(self) -> bool:
        return self.free < WARN * self.left

    @property
    def well(self) -> bool:
        return self.free >= WELL * self.left


def disk_room(folder: Path, leave_free: int, ballast: int) -> DiskRoom:
    """Room of the disk under the folder. `leave_free` as configured; the journal's ballast must
    find its place again in any case. Raises OSError."""
    place = next(p for p in (folder, *folder.parents) if p.exists())
    disk = os.statvfs(place)
    whole = disk.f_blocks * disk.f_frsize
    left = max(min(leave_free, int(whole * MOST_OF_DISK)), 2 * ballast)
    return DiskRoom(disk.f_bavail * disk.f_frsize, left)
