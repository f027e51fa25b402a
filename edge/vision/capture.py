"""Where pictures come from: MJPEG over HTTP (own bounded parser), RTSP (OpenCV's FFmpeg, over TCP),
video files at their own speed. Each source is an iterator of frames that ends or raises.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import httpx
import numpy as np

from edge.config.address import Source
from edge.vision.codec import decode, whole_jpeg
from edge.vision.reading import Picture

os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp")
# FFmpeg's and OpenCV's own words name parts of addresses; ours say what is wrong.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

LARGEST_JPEG = 8_000_000
READ_TIMEOUT_S = 10.0
START, END = b"\xff\xd8", b"\xff\xd9"
HEAD_END = b"\r\n\r\n"

Frame = Picture | bytes
"""A picture, or one as a whole JPEG that nobody has decoded yet: cameras send more than is used."""


class CameraError(Exception):
    """No pictures; the text names the source and what to do."""


def frames(source: Source | str, loop: bool, paced: bool = True) -> Iterator[Picture]:
    """Pictures of a source until it ends. Raises CameraError."""
    for frame in undecoded(source, loop, paced):
        picture = decode(frame) if isinstance(frame, bytes) else frame
        if picture is not None:
            yield picture


def undecoded(source: Source | str, loop: bool, paced: bool = True) -> Iterator[Frame]:
    """As `frames`, without the work of decoding where it can be left for later."""
    source = source if isinstance(source, Source) else Source(source)
    if mistake := source.mistake():
        raise CameraError(f"{source}: {mistake}; correct camera.source")
    if source.scheme in ("http", "https"):
        yield from _mjpeg(source)
    elif source.scheme:
        yield from _opencv(source, False, False)
    else:
        if not Path(source.whole).exists():
            raise CameraError(f"{source}: no such video file; correct camera.source")
        yield from _opencv(source, loop, paced)


def rate_of(source: str) -> float:
    """Frames a second of a video file as it says itself; 25 where it says nothing sensible."""
    capture = cv2.VideoCapture(source)
    try:
        return _sensible(capture.get(cv2.CAP_PROP_FPS))
    finally:
        capture.release()


def _sensible(rate: float) -> float:
    return rate if 1 <= rate <= 120 else 25.0


def _opened(source: Source) -> cv2.VideoCapture:
    if not source.scheme:
        return cv2.VideoCapture(source.whole)
    limit = round(READ_TIMEOUT_S * 1000)
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, limit, cv2.CAP_PROP_READ_TIMEOUT_MSEC, limit]
    return cv2.VideoCapture(source.opened(), cv2.CAP_FFMPEG, limits)


def _opencv(source: Source, loop: bool, paced: bool) -> Iterator[Picture]:
    while True:
        capture = _opened(source)
        try:
            if not capture.isOpened():
                why = "cannot be opened; is the address or file right, and the camera on?"
                raise CameraError(f"{source}: {why}")
            step = 1 / _sensible(capture.get(cv2.CAP_PROP_FPS))
            due = time.monotonic()
            count = 0
            while True:
                good, picture = capture.read()
                if not good or picture is None:
                    break
                count += 1
                yield np.asarray(picture, np.uint8)
                if paced:
                    due += step
                    time.sleep(max(0.0, due - time.monotonic()))
        finally:
            capture.release()
        if count == 0:
            raise CameraError(f"{source}: no picture can be read from it")
        if not loop:
            return


def _mjpeg(source: Source) -> Iterator[bytes]:
    """Parts of a multipart/x-mixed-replace answer, by their JPEG marks, within bounds."""
    try:
        with httpx.stream("GET", source.opened(), timeout=httpx.Timeout(READ_TIMEOUT_S)) as answer:
            if answer.status_code != 200:
                cure = "check user and password" if answer.status_code == 401 else "check the path"
                raise CameraError(f"{source}: the camera answers {answer.status_code}; {cure}")
            held, at = b"", 0
            for chunk in answer.iter_bytes():
                held += chunk
                while (end := held.find(END, at)) >= 0:
                    start = held.find(START)
                    if 0 <= start < end and not whole_jpeg(held[start : end + 2]):
                        # Either cut off, and another part has begun, or the end of a thumbnail.
                        later = held.rfind(HEAD_END + START, start + 1, end)
                        held, at = (held[later + 4 :], 0) if later >= 0 else (held, end + 2)
                        continue
                    if 0 <= start < end:
                        yield held[start : end + 2]
                    held, at = held[end + 2 :], 0
                if len(held) > LARGEST_JPEG:
                    raise CameraError(
                        f"{source}: no JPEG within {LARGEST_JPEG} bytes; is it MJPEG?"
                    )
    except httpx.InvalidURL:
        raise CameraError(f"{source}: no address; correct camera.source") from None
    except httpx.HTTPError as error:
        raise CameraError(f"{source}: {type(error).__name__}: {error or 'no answer'}") from None
