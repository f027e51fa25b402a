"""The newest frame of a camera, whatever its source does.

A source is read on a thread of its own, because a camera's read may hang for ever; a source that
gives nothing for `stall_after_s` is told, and opened anew on a fresh thread.
"""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

from edge.config import CameraConfig
from edge.config.secret import SecretError
from edge.vision.capture import READ_TIMEOUT_S, CameraError, Frame, undecoded
from edge.vision.codec import decode
from edge.vision.reading import Picture

REOPEN_S = (0.5, 1.0, 2.0, 5.0)
STOP_S = 1.0


class Shot(NamedTuple):
    """A frame, its number, and when the whole of it had come (monotonic)."""

    number: int
    picture: Picture
    at: float


class Camera:
    """One source, reopened for ever until `stop`."""

    def __init__(self, config: CameraConfig) -> None:
        self._config = config
        self._named = str(config.source)
        self._lock = threading.Lock()
        self._frame: Frame | None = None
        self._number = 0
        self._seen_at: float | None = None
        self._began = time.monotonic()
        self._generation = 0
        self._error = ""
        self._stopping = threading.Event()
        self._start()

    def newest(self, after: int) -> Shot | None:
        """The newest frame if its number is beyond `after`."""
        with self._lock:
            number, frame, at = self._number, self._frame, self._seen_at
        if frame is None or at is None or number <= after:
            return None
        picture = decode(frame) if isinstance(frame, bytes) else frame
        return None if picture is None else Shot(number, picture, at)

    def fault(self) -> str:
        """Why there are no pictures, or "" while there are. Replaces a thread that hangs."""
        now = time.monotonic()
        with self._lock:
            since = self._seen_at if self._seen_at is not None else self._began
            if now - since < self._config.stall_after_s:
                return ""
            error = self._error
            hung = now - self._began > 3 * self._config.stall_after_s + READ_TIMEOUT_S
        if hung:
            self._start()
        quiet = f"{self._named}: no picture for {now - since:.0f} s"
        return error or f"{quiet}; check the camera's power and network"

    def stop(self) -> None:
        """Ends reading; waits a little for the thread, which may hang in the source's read."""
        self._stopping.set()
        self._thread.join(STOP_S)

    def _start(self) -> None:
        with self._lock:
            self._generation += 1
            self._began = time.monotonic()
            generation = self._generation
        self._thread = threading.Thread(
            target=self._run, args=(generation,), name=f"camera {self._named}", daemon=True
        )
        self._thread.start()

    def _run(self, generation: int) -> None:
        tries = 0
        while not self._stopping.is_set() and generation == self._generation:
            try:
                for frame in undecoded(self._config.signed(), self._config.loop):
                    if self._stopping.is_set() or generation != self._generation:
                        return
                    tries = 0
                    with self._lock:
                        self._frame, self._number = frame, self._number + 1
                        self._seen_at = self._began = time.monotonic()
                        self._error = ""
                error = f"{self._named}: the source has ended"
            except (CameraError, SecretError) as problem:
                error = str(problem)
            except Exception as problem:  # OpenCV raises its own kinds; a camera never ends us.
                error = f"{self._named}: {type(problem).__name__} while reading it"
            with self._lock:
                if generation != self._generation:
                    return
                self._error = error
                self._began = time.monotonic()
            self._stopping.wait(REOPEN_S[min(tries, len(REOPEN_S) - 1)])
            tries += 1
