"""MJPEG over HTTP, and single JPEGs that are asked for one after the other.

The parts of a stream are separated by their JPEGs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

from edge.domain.foreign_text import shown
from edge.system.causes import cause
from edge.vision.camera_http import CameraHttp, NoPictures, OnClock, header, mapped, no_clock
from edge.vision.jpeg_stream import LARGEST_JPEG, JpegStream

PICTURE_S = 10.0
"""Seconds without a whole picture after which the connection is given up."""


def pictures(url: str, on_clock: OnClock = no_clock) -> Iterator[bytes]:
    """Whole JPEGs until the answer ends. Raises NoPictures."""
    with closing(CameraHttp(url, PICTURE_S, on_clock)) as camera, camera.answer() as answer:
        stream, came = JpegStream(), False
        with mapped(PICTURE_S):
            for chunk in answer.iter_stream():
                for picture in stream.feed(chunk):
                    camera.begin()
                    came = True
                    yield picture
                camera.left()
        if not came:
            kind = shown(header(answer, b"content-type"))
            raise NoPictures(cause("camera.no_picture_in", kind=kind))


def snapshots(url: str, rate: float, on_clock: OnClock = no_clock) -> Iterator[bytes]:
    """One JPEG for each request, `rate` a second at most, for ever. Raises NoPictures."""
    with closing(CameraHttp(url, PICTURE_S, on_clock)) as camera:
        due = time.monotonic()
        while True:
            camera.begin()
            with camera.answer() as answer:
                yield _whole(camera, answer.iter_stream(), header(answer, b"content-type"))
            due = max(due + 1 / rate, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))


def _whole(camera: CameraHttp, chunks: Iterator[bytes], kind: str) -> bytes:
    """The body, which is to be one picture."""
    body = bytearray()
    with mapped(PICTURE_S):
        for chunk in chunks:
            body += chunk
            if len(body) > LARGEST_JPEG:
                raise NoPictures(cause("camera.endless_jpeg", most=LARGEST_JPEG))
            camera.left()
        found = next(JpegStream().feed(bytes(body)), None)
    if found is None:
        raise NoPictures(cause("camera.no_picture_in", kind=shown(kind)))
    return found
