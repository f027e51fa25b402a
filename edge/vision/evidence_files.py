"""The kept pictures as files by day. The service reads them without loading what makes them."""

from __future__ import annotations

import contextlib
import logging
import re
import threading
import time
from array import array
from bisect import bisect_left
from pathlib import Path

from edge.domain.evidence import parsed

OLD_NAME = re.compile(r"^\d{8}-[a-z0-9_-]{1,32}-[0-9a-f]{32}-(vehicle|plate)\.jpg$")

SAFE = re.compile(r"^\d{8}-[a-z0-9_-]{1,32}-[0-9a-zA-Z.-]{90,110}$")

SETTLED_NS = 2_000_000_000
"""Age of a folder's last change, from which on a later one has another time."""

START = 16
"""Hex digits of a hash that are kept of each file: eight bytes."""

log = logging.getLogger(__name__)


def is_name(name: str) -> bool:
    """Whether a kept file may be called so: today's names, and those of before they had a hash."""
    return bool(OLD_NAME.match(name) or (SAFE.match(name) and parsed(name)))


def load(folder: Path, name: str) -> bytes | None:
    """The file of that name; None for any other name or a file that is gone."""
    if not is_name(name):
        return None
    try:
        return (folder / name[:8] / name).read_bytes()
    except OSError:
        return None


class KeptFiles:
    """Implements sync.partners.answers.Files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._days: dict[str, tuple[int, array[int]]] = {}
        self._lock = threading.Lock()

    def load(self, name: str) -> bytes | None:
        return load(self._folder, name)

    def find(self, sha256: str, day: str) -> str | None:
        """The name of a file by the hash of its bytes; `day`: YYYYMMDD, or "" for a search of all
        days, the newest first."""
        with self._lock:
            for one in [self._folder / day] if day else self._folders():
                with contextlib.suppress(OSError):
                    if not day and not self._may_hold(one, int(sha256[:START], 16)):
                        continue
                    for file in one.iterdir():
                        if f"-{sha256}-" in file.name and is_name(file.name):
                            return file.name
        return None

    def _folders(self) -> list[Path]:
        """The newest day first; what is known of days that are gone is forgotten."""
        with contextlib.suppress(OSError):
            days = sorted((d for d in self._folder.iterdir() if d.is_dir()), reverse=True)
            self._days = {d.name: self._days[d.name] for d in days if d.name in self._days}
            return days
        return []

    def _may_hold(self, day: Path, start: int) -> bool:
        """Whether a hash of that day begins so. A folder is read anew only after it has changed."""
        changed = day.stat().st_mtime_ns
        known = self._days.get(day.name)
        if known is None or known[0] != changed:
            files = map(parsed, (file.name for file in day.iterdir()))
            starts = sorted(int(file.sha256[:START], 16) for file in files if file is not None)
            settled = time.time_ns() - changed > SETTLED_NS
            known = self._days[day.name] = changed if settled else 0, array("Q", starts)
        place = bisect_left(known[1], start)
        return place < len(known[1]) and known[1][place] == start


def clean(folder: Path, days: int) -> bool:
    """Keeps the pictures of the last `days` days that have any. They are counted and not reckoned
    by the clock: one that jumps for an hour would take all evidence with it. Today's stay in any
    case, and what a read-only disk does not give up. Whether any went."""
    if not folder.exists():
        return False
    went = False
    today = time.strftime("%Y%m%d")
    kept = sorted(d for d in folder.iterdir() if d.is_dir() and d.name.isdigit())
    for day in kept[: max(0, len(kept) - days)]:
        if day.name == today:
            continue
        try:
            for file in day.iterdir():
                file.unlink(missing_ok=True)
                went = True
            day.rmdir()
        except OSError as error:
            log.error("old evidence stays: %s", error)
    return went
