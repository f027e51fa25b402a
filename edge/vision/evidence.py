"""Pictures kept for people: the vehicle and its plate, as JPEG files by day."""

from __future__ import annotations

import contextlib
import logging
import time
import uuid
from pathlib import Path

import cv2

from edge.system.owner import give_to_owner
from edge.vision.detection import Box, cut, grown
from edge.vision.evidence_files import clean as clean
from edge.vision.evidence_files import load as load
from edge.vision.evidence_room import EvidenceRoom
from edge.vision.reading import Picture

QUALITY = 85
PLATE_WIDTH = 320
"""Pixels to which kept plates are enlarged, for people's eyes."""

BETTER = 0.1
"""Gain in confidence from which on a reading's picture replaces the one that is kept."""

MOST_TEXTS = 8
"""Maximum readings of one vehicle whose pictures are kept; a flickering reading must not fill the
disk."""

log = logging.getLogger(__name__)


def keep(
    folder: Path,
    lane: str,
    picture: Picture,
    vehicle: Box,
    plate: Box | None,
    room: EvidenceRoom | None = None,
) -> tuple[str, ...]:
    """Writes the pictures; their names. `room`: where there is none, old ones make way, or nothing
    is kept. Raises nothing: a full disk loses pictures, not trucks."""
    height, width = picture.shape[:2]
    day = time.strftime("%Y%m%d")
    stem = f"{day}-{lane}-{uuid.uuid4().hex}"
    parts = {"vehicle": cut(picture, grown(vehicle, 0.1, 0.1, width, height))}
    if plate is not None:
        near = cut(picture, grown(plate, 0.15, 0.25, width, height))
        if near.size:
            scale = max(1.0, PLATE_WIDTH / near.shape[1])
            parts["plate"] = cv2.resize(near, None, fx=scale, fy=scale)
    names = []
    try:
        if not (folder / day).exists():
            (folder / day).mkdir(parents=True, exist_ok=True)
            for made in (folder, folder / day):
                give_to_owner(made, folder.parent)
        for part, view in parts.items():
            if view.size == 0:
                continue
            done, data = cv2.imencode(".jpg", view, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            if done and (room is None or room.make(data.nbytes)):
                _write(folder / day / f"{stem}-{part}.jpg", data.tobytes())
                if room is not None:
                    room.took(data.nbytes)
                names.append(f"{stem}-{part}.jpg")
    except OSError as error:
        _lost.one_more(error)
    else:
        _lost.no_more()
    return tuple(names)


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
    """The pictures of one vehicle: for each text that was read, the one in which it was read best.
    The final reading may not be the surest one on the way (a neighbour's plate, say); its pictures
    must show the plate that is reported."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, tuple[str, ...]]] = {}

    def wants(self, text: str, sure: float) -> bool:
        """Whether a picture in which `text` was read with confidence `sure` is worth keeping."""
        if text not in self._kept:
            return sure > BETTER and len(self._kept) < MOST_TEXTS
        return sure > self._kept[text][0] + BETTER

    def put(self, text: str, sure: float, names: tuple[str, ...]) -> None:
        """Files that were kept; "" for a picture without a reading."""
        self._kept[text] = (sure, names)

    def of(self, text: str) -> tuple[str, ...]:
        """The files that show this text, else those without a reading, else none."""
        return self._kept.get(text, self._kept.get("", (0.0, ())))[1]
