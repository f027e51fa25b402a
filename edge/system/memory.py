"""What is freed goes back to the computer: after a flood of requests the service is as small as it
was before.

glibc keeps freed blocks below its own limit for large ones, which it raises by itself up to 32 MB,
in as many heaps as there are threads. With a fixed limit they are pages of their own. To have it
look through its heaps (malloc_trim) would take 10 ms, in which no thread gets memory.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
from pathlib import Path

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""mallopt(3)."""

LARGE = 32 * 1024
"""Bytes from which a block is mapped by itself: bodies of requests, pictures, pages of a list."""

KEPT = 128 * 1024
HEAPS = 2


def give_back_what_is_freed() -> None:
    """Before any thread is made; nothing where the C library is another."""
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, LARGE)
        library.mallopt(M_TRIM_THRESHOLD, KEPT)
        library.mallopt(M_ARENA_MAX, HEAPS)


GROWS_MOST = 2_000_000_000
"""Bytes beyond its limit to which a process may grow between two looks of who watches it; private
memory is counted that nobody has touched yet, as stacks of threads."""

OOM_ADJUSTMENT = 500
"""Of 1000: where memory runs out, the kernel ends this process and not the service."""


def resident(process: int) -> int:
    """Bytes of memory that it has in use; 0 where it is gone."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def first_to_go(most: int) -> None:
    """For a process beside the service: it fails before the computer does. `most`: bytes that it
    may have in use."""
    limit = most + GROWS_MOST
    with contextlib.suppress(OSError, ValueError):
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(OOM_ADJUSTMENT), encoding="ascii")
