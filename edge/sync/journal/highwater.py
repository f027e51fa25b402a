"""Numbers that were given once are never given again, even when the journal itself is lost.

Beside the journal lies a number that is noted now and then. A journal that has to begin without the
file it followed goes on well above it.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from edge.system.atomic_file import write_atomic

FILE = "highwater"
STEP = 100_000
"""More events than are ever recorded between two notes."""

HIGHEST_CLAIM = 10**12
"""Upper bound of a believable number: a thousand events a second for thirty years. A higher claim
is ignored, and no journal continues above it, so that numbers remain."""


def above(folder: Path) -> int:
    """Above every number that a lost journal may have given; 0 where there was none."""
    with contextlib.suppress(OSError, ValueError):
        noted = int((folder / FILE).read_text())
        return noted + STEP if noted else 0
    return 0


def note(folder: Path, seq: int) -> None:
    """Best effort: a full or read-only disk must not stop the journal."""
    with contextlib.suppress(OSError):
        write_atomic(folder / FILE, str(seq).encode())
