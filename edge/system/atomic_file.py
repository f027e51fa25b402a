"""Files that are replaced whole: a reader, a crash or a power cut finds the old or the new one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from edge.system.owner import give_to_owner


def write_atomic(file: Path, data: bytes, mode: int = 0o644) -> None:
    """Under another name, to the disk, then renamed. Root leaves it to the folder's owner. Raises
    OSError; then the old one stays."""
    fresh = file.with_name(f".{file.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as out:
        give_to_owner(fresh, file.parent)
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """The names in it to the disk, where its file system can do so."""
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
