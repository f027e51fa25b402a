"""Pictures out of bytes and into them. What is not whole is no picture."""

from __future__ import annotations

import cv2
import numpy as np

from edge.vision.reading import Picture

JPEG, PNG = b"\xff\xd8", b"\x89PNG"
START_OF_SCAN, END = 0xDA, b"\xff\xd9"
QUALITY = 90


def decode(data: bytes) -> Picture | None:
    """The picture in any format that OpenCV knows, or None; truncated JPEG and PNG are none."""
    if data.startswith(JPEG) and not whole_jpeg(data):
        return None
    if data.startswith(PNG) and b"IEND" not in data[-64:]:
        return None
    if not data:
        return None
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # e.g. more pixels than OpenCV allows
        return None
    return None if picture is None else np.asarray(picture, np.uint8)


def encode(picture: Picture, quality: int = QUALITY) -> bytes:
    """As JPEG."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("the picture cannot be written as JPEG")
    return data.tobytes()


def whole_jpeg(data: bytes) -> bool:
    """Whether the picture's own end mark is there: not a thumbnail's, and whatever a telephone
    appends after it."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return False
        kind = data[at + 1]
        if kind == 0xFF:  # filling
            at += 1
        elif kind == START_OF_SCAN:
            return data.find(END, at) >= 0
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False
