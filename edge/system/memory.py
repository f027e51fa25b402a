"""What is freed goes back to the computer: after a flood of requests the service is as small as it
was before.

glibc keeps freed blocks below its own limit for large ones, which it raises by itself up to 32 MB,
in as many heaps as there are threads. With a fixed limit they are pages of their own. To have it
look through its heaps (malloc_trim) would take 10 ms, in which no thread gets memory.
"""

from __future__ import annotations

import contextlib
import ctypes

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
