"""Pictures kept for people: the whole view, the vehicle and its plate, as JPEG files by day."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np

from edge.domain.evidence import Kind, name_of
from edge.system.owner import give_to_owner
from edge.vision.detection import Box, cut, grown
from edge.vision.evidence_files import clean as clean
from edge.vision.evidence_files import load as load
from edge.vision.evidence_room import EvidenceRoom
from edge.vision.privacy import blurred
from edge.vision.reading import Picture

QUALITY = 85
OVERVIEW_WIDTH = 1280
"""Most pixels of a whole view."""

PLATE_WIDTH = 320
"""Pixels to which kept plates are enlarged, for people's eyes."""

BETTER = 0.1
"""Gain in confidence from which on a reading's picture replaces the one that is kept."""

LARGER, ALMOST = 1.5, 0.05
"""Gain in the plate's width in pixels from which on a picture replaces the one that is kept,
although it was read with that much less confidence: people need it larger than our reader does."""

MOST_TEXTS = 8
"""Maximum readings of one vehicle whose pictures are kept; a flickering reading must not fill the
disk."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Store:
    """Where one lane's files are kept. `room`: where there is none, old ones make way, or nothing
    is kept; `blur`: what pictures do not show (privacy.py)."""

    folder: Path
    lane: str
    room: EvidenceRoom | None = None
    blur: tuple[str, ...] = ()

    def keep(
        self, picture: Picture, vehicle: Box, plate: Box | None, captured_at: datetime
    ) -> tuple[str, ...]:
        """Writes the whole picture, the vehicle and its plate; their names. Raises nothing: a full
        disk loses pictures, not trucks."""
        parts = views(picture, vehicle, plate, self.blur)
        encoded: dict[Kind, bytes] = {}
        for kind, view in parts.items():
            quality = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
            done, data = cv2.imencode(".jpg", view, quality) if view.size else (False, None)
            if done and data is not None:
                encoded[kind] = data.tobytes()
        return self.keep_files(encoded, captured_at)

    def keep_files(self, files: Mapping[Kind, bytes], captured_at: datetime) -> tuple[str, ...]:
        """Their names, of those that could be written."""
        folder, day = self.folder, time.strftime("%Y%m%d")
        names = []
        try:
            if not (folder / day).exists():
                (folder / day).mkdir(parents=True, exist_ok=True)
                for made in (folder, folder / day):
                    give_to_owner(made, folder.parent)
            for kind, data in files.items():
                if self.room is None or self.room.make(len(data)):
                    name = name_of(day, self.lane, captured_at, data, kind)
                    _write(folder / day / name, data)
                    if self.room is not None:
                        self.room.took(len(data))
                    names.append(name)
        except OSError as error:
            _lost.one_more(error)
        else:
            _lost.no_more()
        return tuple(names)


def views(
    picture: Picture, vehicle: Box, plate: Box | None, blur: tuple[str, ...]
) -> dict[Kind, Picture]:
    """What is kept of a picture."""
    height, width = picture.shape[:2]
    shown = blurred(picture, vehicle, plate, blur)
    scale = min(1.0, OVERVIEW_WIDTH / width)
    overview = cv2.resize(shown, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    parts = {
        Kind.OVERVIEW: np.asarray(overview, np.uint8),
        Kind.VEHICLE: cut(shown, grown(vehicle, 0.1, 0.1, width, height)),
    }
    if plate is not None:
        near = cut(picture, grown(plate, 0.15, 0.25, width, height))
        if near.size:
            scale = max(1.0, PLATE_WIDTH / near.shape[1])
            large = cv2.resize(near, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
            parts[Kind.PLATE] = np.asarray(large, np.uint8)
    return parts


def _write(file: Path, data: bytes) -> None:
    """Whole or not at all. Raises OSError."""
    try:
        file.write_bytes(data)
        give_to_owner(file, file.parent)
    except OSError:
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)
        raise


class _Lost:
    """Reports pictures that the disk does not take: when that begins, when its reason changes and,
    with their number, when it ends; not for every frame."""

    def __init__(self) -> None:
        self._count, self._errno = 0, 0

    def one_more(self, error: OSError) -> None:
        self._count += 1
        if error.errno != self._errno:
            self._errno = error.errno or -1
            log.error("evidence cannot be kept: %s; reported again when it can", error)

    def no_more(self) -> None:
        if self._count:
            log.warning("evidence is kept again; %d times it was not", self._count)
        self._count, self._errno = 0, 0


_lost = _Lost()


class Album:
    """The pictures of one vehicle: for each text that was read, the one in which it was read best,
    or as surely and much larger.
    The final reading may not be the surest one on the way (a neighbour's plate, say); its pictures
    must show the plate that is reported."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, int, tuple[str, ...]]] = {}

    def wants(self, text: str, sure: float, width: int = 0) -> bool:
        """Whether a picture is worth keeping in which `text` was read with confidence `sure`.
        `width`: of the plate in pixels, where the whole vehicle is in the picture, else 0."""
        if text not in self._kept:
            return sure > BETTER and len(self._kept) < MOST_TEXTS
        best, widest, _ = self._kept[text]
        larger = width >= LARGER * widest > 0 and sure >= best - ALMOST
        return larger or sure > best + BETTER

    def put(self, text: str, sure: float, names: tuple[str, ...], width: int = 0) -> None:
        """Files that were kept; "" for a picture without a reading."""
        self._kept[text] = (sure, width, names)

    def of(self, text: str) -> tuple[str, ...]:
        """The files that show this text, else those without a reading, else none."""
        return self._kept.get(text, self._kept.get("", (0.0, 0, ())))[2]
