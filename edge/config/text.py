"""A text file that people write: UTF-8, with or without a byte order mark, and not without end."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from edge.system.causes import Cause, cause

MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
"""Byte order marks of other encodings; the longer ones first, as one begins with another."""


class NotText(ValueError):
    """The file's bytes are no text; the cause says why and what to do."""

    def __init__(self, why: Cause) -> None:
        super().__init__(why)


def text_of(file: Path, largest: int) -> str:
    """The file's text, of at most `largest` bytes. Raises OSError and NotText."""
    # A pipe that nobody writes to would be waited for without end.
    with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
        if stat.S_ISFIFO(os.fstat(opened.fileno()).st_mode):
            raise NotText(cause("text.pipe"))
        data = opened.read(largest + 1)
    if len(data) > largest:
        raise NotText(cause("text.too_large", bytes=largest))
    for mark, name in MARKS.items():
        if data.startswith(mark):
            raise NotText(cause("text.encoding", encoding=name))
    if b"\0" in data:
        raise NotText(cause("text.zeros"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotText(cause("text.line", line=line)) from None
    return text
