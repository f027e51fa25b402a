"""The pictures and recordings among what a command is given: files and folders."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"}
VIDEOS = {".mp4", ".avi", ".mkv", ".mov", ".ts", ".mjpeg", ".webm", ".m4v"}
AS_JPEG = "save it as JPEG"
UNREADABLE = {
    **dict.fromkeys(
        (".heic", ".heif"),
        f"HEIC pictures cannot be read; {AS_JPEG} (iPhone: Settings, Camera, Formats, Most "
        "Compatible)",
    ),
    **dict.fromkeys((".avif", ".jxl", ".jp2"), f"pictures of this kind cannot be read; {AS_JPEG}"),
    **dict.fromkeys(
        (".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2"),
        f"raw pictures of a camera cannot be read; {AS_JPEG}",
    ),
}
"""Endings of picture formats that are not read: they are reported, not passed over."""


class Found(NamedTuple):
    """`error`: why it cannot be read, where that is known before it is opened."""

    path: Path
    error: str = ""


class Finding:
    """Go through it once; `skipped` then counts the other files in the folders by their ending."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = paths
        self._seen: set[Path] = set()
        self.skipped: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Found]:
        """The files named, and those in the folders named, once each."""
        for path in self._paths:
            for found in self._folder(path) if path.is_dir() else [_judged(path)]:
                if found.path not in self._seen:
                    self._seen.add(found.path)
                    yield found

    def _folder(self, folder: Path) -> Iterator[Found]:
        closed: list[OSError] = []
        for at, folders, names in os.walk(folder, onerror=closed.append):
            folders.sort()
            for name in sorted(names):
                ending = Path(name).suffix.lower()
                if ending in PICTURES | VIDEOS or ending in UNREADABLE:
                    yield _judged(Path(at) / name)
                else:
                    self.skipped[ending or "without an ending"] += 1
            while closed:
                error = closed.pop()
                yield Found(Path(error.filename), f"cannot be looked into: {error.strerror}")
        for error in closed:
            yield Found(Path(error.filename), f"cannot be looked into: {error.strerror}")


def _judged(path: Path) -> Found:
    """Nothing is opened that might never end: a pipe, a device."""
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        return Found(path, "a link to nothing" if path.is_symlink() else "no such file")
    except OSError as error:
        return Found(path, f"cannot be read: {error.strerror}")
    if not stat.S_ISREG(kind):
        return Found(path, "not a file but a pipe or a device; save it as a file first")
    return Found(path, UNREADABLE.get(path.suffix.lower(), ""))
