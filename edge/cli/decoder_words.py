"""What the decoders of pictures say of damage.

libjpeg fills what is missing of a picture with grey and counts that as decoded; it tells so only in
words on the standard error of the process, and OpenCV gives no other way to them. So those words
are caught while one picture is decoded, by a command that does nothing else meanwhile.
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
    """What `decode` gives, and whether the decoder said that a part of it is missing."""
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
