"""Pictures have a budget and leave the journal its room: the oldest make way for new ones."""

from __future__ import annotations

import logging
import stat
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from edge.system.disk_room import DiskRoom

AT_ONCE = 100
"""Files removed for one new picture at most: vision does not stand still for it."""

log = logging.getLogger(__name__)


class EvidenceRoom:
    """`most`: bytes that all pictures may have. `room`: of their disk, asked for each picture; may
    raise OSError. For one thread, but `count`, which may take long and has its own."""

    def __init__(self, folder: Path, most: int, room: Callable[[], DiskRoom]) -> None:
        self._folder, self._most, self._room = folder, most, room
        self._lock = threading.Lock()
        self._bytes = 0
        self._counted = False
        self._oldest: deque[tuple[Path, int]] = deque()
        self._short = False

    def count(self) -> None:
        """Those that are there; until then they have no budget, but the disk has."""
        found = sum(size for day in self._days() for *_, size in _files(day))
        with self._lock:
            self._bytes, self._counted = found, True

    def make(self, size: int) -> bool:
        """Whether there is room for this many bytes, after the oldest pictures were removed."""
        for _ in range(AT_ONCE):
            if self._fits(size):
                self._reported(short=False)
                return True
            if not self._remove_oldest():
                break
        fits = self._fits(size)
        self._reported(short=not fits)
        return fits

    def took(self, size: int) -> None:
        with self._lock:
            self._bytes += size

    def _fits(self, size: int) -> bool:
        try:
            room = self._room()
        except OSError:
            # The write will say what is wrong.
            return True
        with self._lock:
            within = not self._counted or self._bytes + size <= self._most
        return within and room.free - size >= room.left

    def _remove_oldest(self) -> bool:
        if not self._oldest:
            self._oldest = self._next_day()
        while self._oldest:
            file, size = self._oldest.popleft()
            try:
                file.unlink()
            except FileNotFoundError:
                continue
            except OSError as error:
                log.error("old evidence stays: %s", error)
                continue
            self.took(-size)
            return True
        return False

    def _next_day(self) -> deque[tuple[Path, int]]:
        """The oldest day's files, the oldest first; today's only where there is no other day: the
        clock may be wrong, and what was just kept is not the oldest."""
        days = self._days()
        today = time.strftime("%Y%m%d")
        for day in sorted(days, key=lambda day: (day.name == today, day.name)):
            if files := _files(day):
                return deque((file, size) for _, file, size in files)
            if day.name != today:
                try:
                    day.rmdir()
                except OSError as error:
                    log.error("old evidence stays: %s", error)
        return deque()

    def _days(self) -> list[Path]:
        if not self._folder.exists():
            return []
        return sorted(d for d in self._folder.iterdir() if d.is_dir() and d.name.isdigit())

    def _reported(self, short: bool) -> None:
        if short and not self._short:
            log.error("no room for pictures at %s; reported again when there is", self._folder)
        elif self._short and not short:
            log.warning("there is room for pictures again")
        self._short = short


def _files(day: Path) -> list[tuple[float, Path, int]]:
    """Time, file and size of each, the oldest first; those that vanish meanwhile are left out."""
    found = []
    for file in day.iterdir():
        try:
            kept = file.stat()
        except OSError:
            continue
        if stat.S_ISREG(kept.st_mode):
            found.append((kept.st_mtime, file, kept.st_size))
    return sorted(found)
