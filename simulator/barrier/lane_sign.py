"""A twin LED sign on a pty: it takes the Alpha protocol's write-text frames, decoded on its own."""

from __future__ import annotations

import re
from pathlib import Path

from simulator.barrier.pty import Listener

WRITE_TEXT = re.compile(rb"\x00{5}\x01Z00\x02AA\x1b[\x20\x22\x26\x30][a-z]([^\x00-\x1f]*)\x04")


class LaneSign:
    """`text`: what it shows; `history`: every line that was new."""

    def __init__(self, link: Path | None = None) -> None:
        self.text = ""
        self.history: list[str] = []
        self._held = b""
        self.wire = Listener(self._hear, link)
        self.port = self.wire.port

    def start(self) -> None:
        self.wire.start()

    def stop(self) -> None:
        self.wire.stop()

    def _hear(self, data: bytes) -> None:
        self._held = (self._held + data)[-512:]
        for found in WRITE_TEXT.finditer(self._held):
            self.text = found[1].decode("ascii", "replace")
            if not self.history or self.history[-1] != self.text:
                self.history.append(self.text)
        if (last := self._held.rfind(b"\x04")) >= 0:
            self._held = self._held[last + 1 :]
