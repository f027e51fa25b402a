"""Long lists are read in a process of their own: what would keep the interpreter for hundreds of
milliseconds, or take gigabytes, does so where no guard waits for it. Short ones are read at once.
"""

from __future__ import annotations

import contextlib
import json
import resource
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from edge.config import PlatformReading, PlatformWords
from edge.sync.platform.http_exchange import TooLarge, unpacked
from edge.sync.platform.list_reading import (
    Answer,
    UnreadableList,
    from_lines,
    lines,
    read_list,
    unreadable,
)
from edge.system import scheduling
from edge.system.causes import cause, cause_of

SHORT = 65_536
"""Bytes, unpacked, that are read in this process: a millisecond."""

LARGEST = 64_000_000
"""Bytes of a list, unpacked; a larger one is a mistake."""

LONGEST_S = 300.0
"""A list that takes longer to read is given up."""

MEMORY = 1_200_000_000
"""Bytes that the reading process may take."""


READING = (
    "from edge.system import scheduling; "
    "scheduling.give_way(); "
    "from edge.sync.platform.list_reader import main; "
    "main()"
)
"""The reading process gives way to all of the gate before it loads anything."""


class ListReader:
    """One list at a time."""

    def __init__(self, words: PlatformWords) -> None:
        self._words = words
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, kind: str, encoding: str, body: Iterable[bytes]) -> Answer:
        """Takes the body as it comes. Raises UnreadableList, and what reading the body raises."""
        body = iter(body)
        start, size = [], 0
        for piece in body:
            start.append(piece)
            size += len(piece)
            if size > SHORT:
                break
        else:
            with contextlib.suppress(TooLarge):
                try:
                    data = b"".join(unpacked(start, encoding, SHORT))
                except ValueError as error:
                    raise UnreadableList(cause_of(error)) from None
                return read_list(kind, data, self._words)
        return self._elsewhere(kind, encoding, chain(start, body))

    def stop(self) -> None:
        """Gives up what is being read; any thread."""
        child = self._child
        if child is not None:
            child.kill()

    def _elsewhere(self, kind: str, encoding: str, body: Iterable[bytes]) -> Answer:
        head = {"kind": kind, "encoding": encoding, "words": self._words.model_dump()}
        with scheduling.ordinary_processes():
            child = subprocess.Popen(
                [sys.executable, "-c", READING],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        self._child = child
        patience = threading.Timer(LONGEST_S, child.kill)
        patience.daemon = True
        patience.start()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            # It may have seen enough before all has been sent.
            with contextlib.suppress(BrokenPipeError):
                child.stdin.write(json.dumps(head).encode() + b"\n")
                for piece in body:
                    child.stdin.write(piece)
                child.stdin.close()
            return from_lines(child.stdout)
        finally:
            self._child = None
            patience.cancel()
            child.kill()
            with contextlib.suppress(BrokenPipeError):
                child.stdin.close()
            child.stdout.close()
            child.wait()


def main() -> None:
    """The reading process: a head and a list in, lines out."""
    given, out = sys.stdin.buffer, sys.stdout.buffer
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    head = json.loads(given.readline())
    words = PlatformReading.model_validate(head["words"])
    try:
        data = b"".join(unpacked(_pieces(given), head["encoding"], LARGEST))
        out.writelines(lines(read_list(head["kind"], data, words)))
    except (UnreadableList, TooLarge, ValueError) as error:
        out.write(unreadable(cause_of(error)))
    except MemoryError:
        out.write(unreadable(cause("list.memory")))


def _pieces(given: BinaryIO) -> Iterator[bytes]:
    size = 0
    while piece := given.read(SHORT):
        size += len(piece)
        if size > LARGEST:
            raise TooLarge(f"more than {LARGEST} bytes")
        yield piece
