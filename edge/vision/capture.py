"""Sources of pictures: MJPEG and single JPEGs over HTTP (mjpeg.py), RTSP (OpenCV's FFmpeg, over
TCP), USB cameras (OpenCV's V4L2), video files at their own speed. Each source is an iterator of
frames that ends or raises."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import cv2
import numpy as np

from edge.config.address import Source
from edge.system.causes import Cause, cause, cause_of
from edge.system.network_causes import failure
from edge.vision import mjpeg
from edge.vision.camera_http import NoPictures, OnClock, ahead_s, no_clock
from edge.vision.codec import decode
from edge.vision.reading import Picture

os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp")
# FFmpeg's and OpenCV's own words name parts of addresses; ours say what is wrong.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

READ_TIMEOUT_S = mjpeg.PICTURE_S
LARGEST_FRAME = 40_000_000
"""Pixels of a camera's or a recording's picture; 8K has 33 million."""

ENOUGH = 13_000_000
"""Pixels of a camera's picture from which on it is decoded at half of its sides, and those of a
stream that can only be decoded whole from which on it is refused: more show no plate better, and
one camera would take the time of all. Cameras for lanes have 2 to 12 million."""

SMALLEST_SIDE = 64
"""Pixels; a camera that is broken, or set up for nothing, sends less."""

CONNECT_S = 3.0
LONGEST_ANSWER = 2048
"""Bytes of a camera's first answer that are looked at."""

RTSP_PORTS = {"rtsp": 554, "rtsps": 322}

UNDECODED = cause("camera.undecoded")

Frame = Picture | bytes
"""A picture, or one as a whole JPEG that nobody has decoded yet: cameras send more than is used."""


class CameraError(Exception):
    """No pictures; the cause names the source and what to do."""

    def __init__(self, why: Cause) -> None:
        super().__init__(why)


USB_SIZE = (1920, 1080)
"""Width and height that a USB camera is asked for, as MJPEG; it gives the nearest it has."""


def frames(
    source: Source | str, loop: bool, paced: bool = True, snapshots_per_s: float = 0.0
) -> Iterator[Picture]:
    """Pictures of a source until it ends. Raises CameraError, also where pictures come of which
    none can be decoded."""
    good_at = time.monotonic()
    for frame in undecoded(source, loop, paced, snapshots_per_s):
        picture = picture_in(frame)
        if picture is not None:
            good_at = time.monotonic()
            yield picture
        elif time.monotonic() - good_at > READ_TIMEOUT_S:
            raise CameraError(cause("at", place=source, why=UNDECODED))


def undecoded(
    source: Source | str,
    loop: bool,
    paced: bool = True,
    snapshots_per_s: float = 0.0,
    on_clock: OnClock = no_clock,
) -> Generator[Frame, None, None]:
    """As `frames`, without the work of decoding where it can be left for later. `on_clock`: where
    the camera says what time it has."""
    source = source if isinstance(source, Source) else Source(source)
    if mistake := source.mistake():
        raise CameraError(cause("camera.mistake", place=source, why=mistake))
    if source.scheme in ("http", "https"):
        yield from _http(source, snapshots_per_s, on_clock)
    elif source.scheme:
        yield from _opencv(source, False, False, on_clock)
    elif source.device:
        if not Path(source.device).exists():
            raise CameraError(cause("camera.no_device", place=source))
        yield from _opencv(source, loop, not _is_device(source.device))
    else:
        if not Path(source.whole).exists():
            raise CameraError(cause("camera.no_file", place=source))
        yield from _opencv(source, loop, paced)


def picture_in(frame: Frame) -> Picture | None:
    """None for what cannot be decoded, and for a picture in which nothing could be seen."""
    picture = decode(frame, LARGEST_FRAME, ENOUGH) if isinstance(frame, bytes) else frame
    return picture if picture is not None and min(picture.shape[:2]) >= SMALLEST_SIDE else None


def sensible(rate: float) -> float:
    """Frames a second as the source states them; 25 where it states none that are possible."""
    return rate if 1 <= rate <= 120 else 25.0


def bounded(capture: cv2.VideoCapture, named: str, most: int = LARGEST_FRAME) -> None:
    """Raises CameraError for pictures that are too large, before one is decoded."""
    width, height = (
        capture.get(side) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
    )
    _sized(named, width, height, most)


def _sized(named: str, width: float, height: float, most: int) -> None:
    if width * height > most:
        raise CameraError(cause("camera.too_large", place=named, width=width, height=height))


def _file(path: str) -> cv2.VideoCapture:
    """FFmpeg takes what stands before a ":" in a name for a scheme, but not in a whole path."""
    if Path(path).is_file():
        return cv2.VideoCapture(str(Path(path).absolute()), cv2.CAP_FFMPEG)
    return cv2.VideoCapture(path)


def _is_device(path: str) -> bool:
    """A file in place of a device, for trials, is played at its own speed."""
    return Path(path).is_char_device()


def _usb(path: str) -> cv2.VideoCapture:
    if not _is_device(path):
        return _file(path)
    capture = cv2.VideoCapture(path, cv2.CAP_V4L2)
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    for side, pixels in zip(
        (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT), USB_SIZE, strict=True
    ):
        capture.set(side, pixels)
    return capture


def _opened(source: Source, on_clock: OnClock) -> cv2.VideoCapture:
    if source.device:
        return _usb(source.device)
    if not source.scheme:
        return _file(source.whole)
    _reach(source, on_clock)
    limit = round(READ_TIMEOUT_S * 1000)
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, limit, cv2.CAP_PROP_READ_TIMEOUT_MSEC, limit]
    return cv2.VideoCapture(source.opened(), cv2.CAP_FFMPEG, limits)


def _reach(source: Source, on_clock: OnClock) -> None:
    """OpenCV opens one source after the other: who is not there must not hold up the others. Raises
    CameraError."""
    try:
        at = urlsplit(source.opened())
        place = (at.hostname or "", at.port or RTSP_PORTS.get(source.scheme, 554))
        with socket.create_connection(place, CONNECT_S) as camera:
            if source.scheme == "rtsp":
                _speaks(camera, at, source, on_clock)
    except UnicodeError:
        raise CameraError(cause("camera.no_host", place=source)) from None
    except OSError as error:
        raise CameraError(cause("camera.unreached", place=source, why=failure(error))) from None


def _speaks(camera: socket.socket, at: SplitResult, source: Source, on_clock: OnClock) -> None:
    """One that takes connections and answers nothing, as some do that hang, would keep all others
    waiting for as long as OpenCV is patient. Raises CameraError, OSError."""
    camera.settimeout(CONNECT_S)
    host = at.netloc.rpartition("@")[2]
    camera.sendall(f"OPTIONS rtsp://{host}{at.path} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
    answer = camera.recv(LONGEST_ANSWER)
    if not answer.startswith(b"RTSP/"):
        raise CameraError(cause("camera.not_rtsp", place=source))
    date = re.search(rb"(?im)^Date: *([^\r\n]{1,60})", answer)
    if date and (ahead := ahead_s(date[1].decode("latin-1"))) is not None:
        on_clock(ahead)


def _opencv(
    source: Source, loop: bool, paced: bool, on_clock: OnClock = no_clock
) -> Iterator[Picture]:
    while True:
        capture = _opened(source, on_clock)
        try:
            if not capture.isOpened():
                raise CameraError(cause("camera.not_opened", place=source))
            most = ENOUGH if source.scheme or source.device else LARGEST_FRAME
            bounded(capture, str(source), most)
            step = 1 / sensible(capture.get(cv2.CAP_PROP_FPS))
            due = time.monotonic()
            count = 0
            while True:
                good, picture = capture.read()
                if not good or picture is None:
                    break
                # A camera may be set to another size meanwhile.
                _sized(str(source), picture.shape[1], picture.shape[0], most)
                count += 1
                yield np.asarray(picture, np.uint8)
                if paced:
                    due += step
                    time.sleep(max(0.0, due - time.monotonic()))
        finally:
            capture.release()
        if count == 0:
            raise CameraError(cause("camera.nothing_read", place=source))
        if not loop:
            return


def _http(source: Source, snapshots_per_s: float, on_clock: OnClock) -> Iterator[bytes]:
    try:
        if snapshots_per_s:
            yield from mjpeg.snapshots(source.opened(), snapshots_per_s, on_clock)
        else:
            yield from mjpeg.pictures(source.opened(), on_clock)
    except NoPictures as error:
        raise CameraError(cause("at", place=source, why=cause_of(error))) from None
