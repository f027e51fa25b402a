"""What may be wrong with the pictures of a camera that goes on sending them."""

from __future__ import annotations

from enum import StrEnum

import cv2
import numpy as np

JPEG_QUALITY = 88
NOISE = 3
"""Of the sensor, in steps of brightness: it goes on whatever is wrong."""


class PictureFault(StrEnum):
    NONE = ""
    STILL = "still"
    """the same picture again and again, bit for bit"""
    BLACK = "black"
    BLINDED = "blinded"
    BLURRED = "blurred"
    COVERED = "covered"
    """the lower half shows nothing"""
    MOVED = "moved"
    """the camera was pushed aside"""
    GARBLED = "garbled"
    """bytes that are no picture, as a JPEG"""


class Spoiling:
    """One camera's pictures as they come out of it. `fault` may change at any time."""

    def __init__(self, seed: int = 1) -> None:
        self.fault = PictureFault.NONE
        self._rng = np.random.default_rng(seed)
        self._last = b""

    def out(self, jpeg: bytes) -> bytes:
        """The JPEG that is sent in place of this one."""
        fault = self.fault
        if fault is PictureFault.STILL:
            self._last = self._last or jpeg
            return self._last
        self._last = b""
        if fault is PictureFault.NONE:
            return jpeg
        if fault is PictureFault.GARBLED:
            middle = len(jpeg) // 3
            return jpeg[:2] + self._rng.bytes(middle) + jpeg[-2:]
        return self._spoilt(jpeg, fault)

    def _spoilt(self, jpeg: bytes, fault: PictureFault) -> bytes:
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        height, width = picture.shape[:2]
        if fault is PictureFault.BLACK:
            picture = cv2.convertScaleAbs(picture, alpha=0.02)
        elif fault is PictureFault.BLINDED:
            picture = cv2.convertScaleAbs(picture, alpha=3, beta=160)
        elif fault is PictureFault.BLURRED:
            picture = cv2.GaussianBlur(picture, (0, 0), width / 200)
        elif fault is PictureFault.COVERED:
            picture[height // 2 :] = 20
        elif fault is PictureFault.MOVED:
            aside = np.array([[1, 0, 0.2 * width], [0, 1, 0.05 * height]])
            picture = cv2.warpAffine(picture, aside, (width, height), borderMode=cv2.BORDER_REFLECT)
        grain = self._rng.integers(-NOISE, NOISE + 1, picture.shape).astype(np.int16)
        noisy = cv2.add(picture, grain, dtype=cv2.CV_8U)
        done, data = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        return data.tobytes() if done else jpeg
