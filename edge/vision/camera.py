"""The newest frame of a camera, whatever its source does.

A source is read on one thread of its own, because reading waits. Each way of reading has a deadline
of its own (mjpeg.py, OpenCV's for RTSP), so the thread returns by itself and opens the source anew;
there is never a second thread. A camera counts as alive by pictures that could be decoded, not by
bytes: a source that gives none for `stall_after_s` is reported.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import closing
from typing import NamedTuple

from edge.config import CameraConfig
from edge.config.secret import SecretError
from edge.system.backoff import Retries
from edge.system.causes import cause, cause_of
from edge.vision.capture import (
    READ_TIMEOUT_S,
    UNDECODED,
    CameraError,
    Frame,
    picture_in,
    undecoded,
)
from edge.vision.reading import Picture

REOPEN = Retries(0.5, 5.0)
"""Pauses before a source that gave no picture is opened again."""

OPENED_EACH_S = 0.1
"""Seconds between two openings of one that gave some: cameras there are that close the connection
after each."""

STOP_S = 1.0


class Shot(NamedTuple):
    """A frame, its number, and when the whole of it had come (monotonic)."""

    number: int
    picture: Picture
    at: float


class Camera:
    """One source, reopened for ever until `stop`. `newest` and `fault` are for one thread.
    `decoding_s`: processor time that the newest picture took to be decoded.
    `clock_ahead_s`: of the camera's own clock, as it said last; None where it has said nothing."""

    def __init__(self, config: CameraConfig) -> None:
        self._config = config
        self._named = str(config.source)
        self._lock = threading.Lock()
        self._frame: Frame | None = None
        self._number, self._came_at = 0, 0.0
        self._tried = 0
        self._shot: Shot | None = None
        self._began = time.monotonic()
        self._error = ""
        self.decoding_s = 0.0
        self.clock_ahead_s: float | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"camera {self._named}", daemon=True)
        self._thread.start()

    def newest(self, after: int) -> Shot | None:
        """The newest frame that can be decoded if its number is beyond `after`."""
        with self._lock:
            number, frame, at = self._number, self._frame, self._came_at
        if frame is not None and number > self._tried:
            self._tried = number
            began = time.thread_time()
            picture = picture_in(frame)
            self.decoding_s = time.thread_time() - began
            if picture is not None:
                self._shot = Shot(number, picture, at)
        shot = self._shot
        return shot if shot is not None and shot.number > after else None

    def fault(self) -> str:
        """Why there are no pictures, or "" while there are."""
        now = time.monotonic()
        if now - self._good_at < self._config.stall_after_s:
            return ""
        # Perhaps nobody has asked for one for so long.
        self.newest(self._tried)
        if (quiet_s := now - self._good_at) < self._config.stall_after_s:
            return ""
        with self._lock:
            error, came_at = self._error, self._came_at
        if error:
            return error
        if now - came_at < self._config.stall_after_s:
            return cause("at", place=self._named, why=UNDECODED)
        return cause("camera.quiet", place=self._named, seconds=quiet_s)

    @property
    def _good_at(self) -> float:
        """When the last picture that could be decoded came; before the first one, the beginning."""
        return self._began if self._shot is None else self._shot.at

    def stop(self) -> None:
        """Ends reading; waits a little for the thread, which may wait in the source's read."""
        self._stopping.set()
        self._thread.join(STOP_S)

    # --- the camera's thread ---

    def _run(self) -> None:
        tries = 0
        while not self._stopping.is_set():
            opened_at = time.monotonic()
            error = self._read()
            if error:
                with self._lock:
                    self._error = error
            if self._gave_one(opened_at):
                # Why that one ended does not say why the next gives nothing.
                self._error = ""
                tries, pause_s = 0, opened_at + OPENED_EACH_S - time.monotonic()
            else:
                pause_s = REOPEN.pause_s(tries)
                tries += 1
            self._stopping.wait(max(0.0, pause_s))

    def _gave_one(self, since: float) -> bool:
        """Whether a picture has come since then, though nobody may have asked for it yet."""
        with self._lock:
            frame, came_at = self._frame, self._came_at
        if frame is None or came_at < since:
            return False
        return self._good_at >= since or picture_in(frame) is not None

    def _source(self) -> Generator[Frame, None, None]:
        config = self._config
        return undecoded(
            config.signed(), config.loop, True, config.snapshots_per_s, self.take_clock
        )

    def take_clock(self, ahead_s: float) -> None:
        """Whoever hears from the camera what time it has."""
        self.clock_ahead_s = ahead_s

    def _read(self) -> str:
        """Takes frames until the source ends, or nothing of it can be decoded; why."""
        opened_at = time.monotonic()
        patience_s = self._config.stall_after_s + READ_TIMEOUT_S
        try:
            with closing(self._source()) as source:
                for frame in source:
                    now = time.monotonic()
                    with self._lock:
                        self._frame, self._number, self._came_at = frame, self._number + 1, now
                        self._error = ""
                    if self._stopping.is_set():
                        return ""
                    if (
                        now - max(opened_at, self._good_at) > patience_s
                        and picture_in(frame) is None
                    ):
                        return cause("at", place=self._named, why=UNDECODED)
            return cause("camera.ended", place=self._named)
        except (CameraError, SecretError) as problem:
            return cause_of(problem)
        except Exception as problem:  # OpenCV raises its own kinds; a camera never ends us.
            return cause("camera.failed", place=self._named, error=type(problem).__name__)
