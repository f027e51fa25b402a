"""A clock that jumps and a disk that is slow, full or read-only, for a service's process: a library
of C that is loaded before it (disturbance.c), made where a compiler is."""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
from datetime import UTC, datetime
from pathlib import Path

SOURCE = Path(__file__).with_name("disturbance.c")
FIELDS = struct.Struct("6q")
OFFSET, SYNCHRONISED, SYNC_LEAST, SYNC_MOST, SYNCS, DISK = range(6)
WELL, FULL, READ_ONLY = range(3)


class NoCompiler(RuntimeError):
    """The library cannot be made here; the text says what lacks."""


def library(source: Path, folder: Path) -> Path:
    """The library of that source, in `folder`. Raises NoCompiler."""
    if shutil.which("gcc") is None:
        raise NoCompiler("gcc is not installed (apt install gcc libc6-dev)")
    made = folder / f"{source.stem}.so"
    build = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", str(made)]
    done = subprocess.run([*build, str(source), "-ldl"], capture_output=True, text=True)
    if done.returncode:
        raise NoCompiler(f"gcc cannot compile here (apt install libc6-dev): {done.stderr[-300:]}")
    return made


class Disturbance:
    """Start the process with `env`; whatever is set then takes effect at once. Raises
    NoCompiler."""

    def __init__(self, folder: Path) -> None:
        file = folder / "disturbance"
        file.write_bytes(FIELDS.pack(0, -1, 0, 0, 0, WELL))
        with file.open("r+b") as opened:
            self._wanted = mmap.mmap(opened.fileno(), FIELDS.size)
        self.env = {"LD_PRELOAD": str(library(SOURCE, folder)), "DISTURBANCE": str(file)}

    def _put(self, field: int, value: int) -> None:
        struct.pack_into("q", self._wanted, 8 * field, value)

    def _get(self, field: int) -> int:
        return int(struct.unpack_from("q", self._wanted, 8 * field)[0])

    def jump_to(self, moment: datetime) -> None:
        """The process's wall clock shows this moment now."""
        self._put(OFFSET, round((moment - datetime.now(UTC)).total_seconds() * 1e9))

    def jump_by(self, seconds: float) -> None:
        self._put(OFFSET, self._get(OFFSET) + round(seconds * 1e9))

    def right_time(self) -> None:
        self._put(OFFSET, 0)

    def synchronised(self, yes: bool | None) -> None:
        """What the kernel is to say of the clock; None: what it does."""
        self._put(SYNCHRONISED, -1 if yes is None else int(yes))

    def slow_syncs(self, least_s: float, most_s: float) -> None:
        self._put(SYNC_LEAST, round(least_s * 1e6))
        self._put(SYNC_MOST, round(most_s * 1e6))

    def disk(self, how: int) -> None:
        """WELL, FULL (no file grows) or READ_ONLY (none is written)."""
        self._put(DISK, how)

    @property
    def syncs(self) -> int:
        """How many were slowed."""
        return self._get(SYNCS)
