"""A clock that jumps and a disk that is slow, for a real process: see disturbance.c."""

import mmap
import struct
from datetime import UTC, datetime
from pathlib import Path

from tests.support.preloaded import library

SOURCE = Path(__file__).with_name("disturbance.c")
FIELDS = struct.Struct("5q")


class Disturbance:
    """Start the process with `env`; whatever is set then takes effect at once."""

    def __init__(self, folder):
        file = folder / "disturbance"
        file.write_bytes(FIELDS.pack(0, -1, 0, 0, 0))
        with file.open("r+b") as opened:
            self._wanted = mmap.mmap(opened.fileno(), FIELDS.size)
        self.env = {"LD_PRELOAD": str(library(SOURCE, folder)), "DISTURBANCE": str(file)}

    def _put(self, index, value):
        struct.pack_into("q", self._wanted, 8 * index, value)

    def jump_to(self, moment):
        """The process's wall clock shows this moment now."""
        self._put(0, round((moment - datetime.now(UTC)).total_seconds() * 1e9))

    def jump_by(self, seconds):
        offset = struct.unpack_from("q", self._wanted)[0]
        self._put(0, offset + round(seconds * 1e9))

    def right_time(self):
        self._put(0, 0)

    def synchronised(self, yes):
        """What the kernel is to say of the clock; None: what it does."""
        self._put(1, -1 if yes is None else int(yes))

    def slow_syncs(self, least_s, most_s):
        self._put(2, round(least_s * 1e6))
        self._put(3, round(most_s * 1e6))

    @property
    def syncs(self):
        """How many were slowed."""
        return FIELDS.unpack(self._wanted)[4]
