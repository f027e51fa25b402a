"""One camera's pictures, judged (picture_health.py), and what is learned of them kept."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from edge.domain.alarm_codes import AlarmCode
from edge.vision import view_memory
from edge.vision.channel import Word
from edge.vision.detection import Box
from edge.vision.picture_health import PictureHealth
from edge.vision.reading import Picture

KEPT_EVERY_S = 600.0
"""Seconds between two times that what is learned of a camera goes to the disk."""


class PictureMonitor:
    """`folder`: where it is kept, None for nowhere; `name`: of the camera's view."""

    def __init__(self, folder: Path | None, name: str) -> None:
        self._folder, self._name = folder, name
        self._kept_at = -KEPT_EVERY_S
        self.health = PictureHealth()
        if folder is not None:
            self.health.recall(view_memory.kept(folder, name))

    def check(self, picture: Picture, at: float, boxes: Sequence[Box]) -> None:
        """`at`: monotonic seconds; `boxes`: vehicles in the picture."""
        self.health.check(picture, at, boxes)
        if self._folder is None or at - self._kept_at < KEPT_EVERY_S:
            return
        if learned := self.health.learned:
            self._kept_at = at
            # A slow disk does not keep the lanes waiting.
            threading.Thread(
                target=view_memory.keep, args=(self._folder, self._name, learned), daemon=True
            ).start()

    def believed(self, part: bool) -> bool:
        """Whether what the last picture shows counts. `part`: only a part of it is the lane's,
        which is another one where the camera was moved."""
        moved = AlarmCode.CAMERA_MOVED in self.health.standing
        return not self.health.blind and not (moved and part)

    def take(self, word: Word) -> None:
        """See port.Eyes."""
        if word is Word.DOUBT:
            self.health.doubt()
            return
        self.health.confirm()
        if self._folder is not None:
            view_memory.forget(self._folder, self._name)
