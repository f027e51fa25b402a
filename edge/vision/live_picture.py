"""PURE. The live picture of a camera: the lane's vehicles in boxes, what is read of them, the ways
drawn for it, or its stop line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2

from edge.config import CameraConfig
from edge.vision import lettering
from edge.vision.drawn_ways import draw_ways
from edge.vision.reading import Picture, Reading
from edge.vision.tracking import Track

GHOST_S = 0.3
"""Seconds after which an unseen vehicle is drawn no more, though its track may continue."""

WIDTH = 640
GREEN, YELLOW = (80, 200, 80), (60, 200, 240)


def drawn(
    picture: Picture, tracks: Sequence[Track], read: Mapping[int, Reading], config: CameraConfig
) -> bytes:
    """JPEG, `WIDTH` pixels wide. `read`: by track."""
    scale = WIDTH / picture.shape[1]
    live = cv2.resize(picture, None, fx=scale, fy=scale)
    newest = max((f.at for f in tracks), default=0.0)
    for track in tracks:
        if track.at < newest - GHOST_S:
            continue
        result = read.get(track.number)
        colour = GREEN if result and result.accepted else YELLOW
        x1, y1, x2, y2 = (round(v * scale) for v in track.box)
        cv2.rectangle(live, (x1, y1), (x2, y2), colour, 2)
        text = result.text if result else track.usual_kind
        lettering.write(live, text, (x1 + 4, max(16, y1 - 6)), 0.6, colour, 2)
    draw_ways(live, config)
    done, data = cv2.imencode(".jpg", live, [cv2.IMWRITE_JPEG_QUALITY, 75])
    return data.tobytes() if done else b""
