"""Cameras: the newest frame of each, whatever the source does.

A source is read on a thread of its own, because a camera's read may hang for ever; a source that
gives nothing for `stall_after_s` is told, and opened anew on a fresh thread. Sources: MJPEG over
HTTP (own bounded parser), RTSP (through OpenCV's FFmpeg), video files at their own speed.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import httpx
import numpy as np

from edge.config import CameraConfig
from edge.vision.codec import decode
from edge.vision.reading import Picture

os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp|stimeout;5000000")

LARGEST_JPEG = 8_000_000
REOPEN_S = (0.5, 1.0, 2.0, 5.0)
READ_TIMEOUT_S = 10.0

log = logging.getLogger(__name__)


class CameraError(Exception):
    """No pictures; the text names the source and what to do."""


def frames(source: str, loop: bool, paced: bool = True) -> Iterator[Picture]:
    """Pictures of a source until it ends. Raises CameraError."""
    if source.startswith(("http://", "https://")):
        yield from _mjpeg(source)
    elif source.startswith(("rtsp://", "rtsps://")):
        yield from _opencv(source, False, False)
    else:
        if not Path(source).exists():
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


def _opencv(source: str, loop: bool, paced: bool) -> Iterator[Picture]:
    while True:
        capture = cv2.VideoCapture(source)
        try:
            if not capture.isOpened():
                raise CameraError(f"{source}: cannot be opened; is the address or file right?")
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


def _mjpeg(url: str) -> Iterator[Picture]:
    """Parts of a multipart/x-mixed-replace answer, by their JPEG marks, within bounds."""
    try:
        with httpx.stream("GET", url, timeout=httpx.Timeout(READ_TIMEOUT_S)) as answer:
            if answer.status_code != 200:
                raise CameraError(f"{url}: the camera answers {answer.status_code}; check the path")
            held = b""
            for chunk in answer.iter_bytes():
                held += chunk
                while (end := held.find(b"\xff\xd9")) >= 0:
                    start = held.find(b"\xff\xd8")
                    if 0 <= start < end:
                        picture = decode(held[start : end + 2])
                        if picture is not None:
                            yield picture
                    held = held[end + 2 :]
                if len(held) > LARGEST_JPEG:
                    raise CameraError(f"{url}: no JPEG within {LARGEST_JPEG} bytes; is it MJPEG?")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CameraError(f"{url}: {type(error).__name__}: {error or 'no answer'}") from None


class Camera:
    """The newest frame of one source. `why` is "" while it lives."""

    def __init__(self, config: CameraConfig) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._frame: Picture | None = None
        self._number = 0
        self._seen_at: float | None = None
        self._began = time.monotonic()
        self._generation = 0
        self._error = ""
        self._stopping = threading.Event()
        self._start()

    def newest(self, after: int) -> tuple[int, Picture] | None:
        """(number, frame) if there is one newer than `after`."""
        with self._lock:
            if self._frame is None or self._number <= after:
                return None
            return self._number, self._frame

    def fault(self) -> str:
        """Why there are no pictures, or "". Replaces a thread that hangs."""
        now = time.monotonic()
        with self._lock:
            since = self._seen_at if self._seen_at is not None else self._began
            if now - since < self._config.stall_after_s:
                return ""
            error = self._error
            hung = now - self._began > 3 * self._config.stall_after_s + READ_TIMEOUT_S
        if hung:
            self._start()
        quiet = f"{self._config.source}: no picture for {now - since:.0f} s"
        return error or f"{quiet}; check the camera's power and network"

    def stop(self) -> None:
        self._stopping.set()

    def _start(self) -> None:
        with self._lock:
            self._generation += 1
            self._began = time.monotonic()
            generation = self._generation
        threading.Thread(
            target=self._run, args=(generation,), name=f"camera {self._config.source}", daemon=True
        ).start()

    def _run(self, generation: int) -> None:
        tries = 0
        while not self._stopping.is_set() and generation == self._generation:
            try:
                for picture in frames(self._config.source, self._config.loop):
                    if self._stopping.is_set() or generation != self._generation:
                        return
                    tries = 0
                    with self._lock:
                        self._frame, self._number = picture, self._number + 1
                        self._seen_at = self._began = time.monotonic()
                        self._error = ""
                error = f"{self._config.source}: the source has ended"
            except CameraError as problem:
                error = str(problem)
            except Exception as problem:  # OpenCV raises its own kinds; a camera never ends us.
                error = f"{self._config.source}: {problem}"
            with self._lock:
                self._error = error
                self._began = time.monotonic()
            self._stopping.wait(REOPEN_S[min(tries, len(REOPEN_S) - 1)])
            tries += 1
