"""The kept pictures as files by day. The service reads them without loading what makes them."""

from __future__ import annotations

import contextlib
import logging
import re
import time
from pathlib import Path

from edge.domain.evidence import parsed

OLD_NAME = re.compile(r"^\d{8}-[a-z0-9_-]{1,32}-[0-9a-f]{32}-(vehicle|plate)\.jpg$")

SAFE = re.compile(r"^\d{8}-[a-z0-9_-]{1,32}-[0-9a-zA-Z.-]{90,110}$")

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

    def load(self, name: str) -> bytes | None:
        return load(self._folder, name)

    def find(self, sha256: str, day: str) -> str | None:
        """The name of a file by the hash of its bytes; `day`: YYYYMMDD, or "" for a search of all
        days, the newest first."""
        days = [self._folder / day] if day else []
        with contextlib.suppress(OSError):
            days = days or sorted((d for d in self._folder.iterdir() if d.is_dir()), reverse=True)
        for one in days:
            with contextlib.suppress(OSError):
                for file in one.iterdir():
                    if f"-{sha256}-" in file.name and is_name(file.name):
                        return file.name
        return None


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
