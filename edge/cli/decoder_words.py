"""Damage that the decoders of pictures report on standard error.

libjpeg fills what is missing of a picture with grey and counts that as decoded. It reports this
only on the standard error of the process, and OpenCV offers no other way to it. So that output is
caught while one picture is decoded, by a command that does nothing else meanwhile.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

DAMAGE = re.compile(r"premature end|bad huffman code|corrupt jpeg data: bad", re.IGNORECASE)
LEFT_OVER = re.compile(r"(\d+) extraneous bytes")
MOST_LEFT_OVER = 64
"""Some cameras fill a picture up with a few bytes; more are of a part that is lost."""


def decoded(decode: Callable[[], T]) -> tuple[T, bool]:
    """What `decode` gives, and whether the decoder reported a missing part."""
    try:
        kept = os.dup(2)
    except OSError:  # the command was started without a standard error
        return decode(), False
    with tempfile.TemporaryFile() as words:
        os.dup2(words.fileno(), 2)
        try:
            made = decode()
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        words.seek(0)
        return made, damage(words.read(10_000).decode("utf-8", "replace"))


def damage(words: str) -> bool:
    left_over = LEFT_OVER.search(words)
    return DAMAGE.search(words) is not None or (
        left_over is not None and int(left_over[1]) > MOST_LEFT_OVER
    )
