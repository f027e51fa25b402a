"""The vision process: started, watched and restarted by the service; its death harms nobody else.

Parent and child speak over one pipe (channel.py): facts, live pictures, camera states and a
heartbeat one way, what a camera's pictures are to be believed the other. The child ends with its
parent (the pipe closes); a child that dies, hangs (system/supervision.py), says what is not
understood or grows too large is replaced.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection

from edge.config import Settings
from edge.domain.facts import CameraChanged, VisionFact
from edge.system.causes import cause
from edge.system.child_process import ChildProcess, Reasons
from edge.system.supervision import Beat
from edge.system.unhandled import THREAD, UNHANDLED
from edge.vision import evidence_files
from edge.vision.channel import (
    MOST_SAID,
    Asked,
    Fault,
    LivePicture,
    Said,
    ThreadEnded,
    Word,
    packed_word,
    unpacked,
)
from edge.vision.port import CameraStatus, lane_of, view_of

REASONS = Reasons(
    not_begun=lambda error: cause("camera.vision", error=error),
    died=lambda: cause("camera.process_died"),
    not_understood=lambda: cause("camera.process_not_understood"),
    silent=lambda seconds: cause("camera.process_silent", seconds=seconds),
    large=lambda used, most: cause("camera.process_large", used=used / 1e6, most=most / 1e6),
)


class VisionProcess:
    """Implements port.Eyes. `body`: the whole life of the process, child.child where none is
    given."""

    def __init__(
        self, settings: Settings, body: Callable[[Settings, Connection], None] | None = None
    ) -> None:
        self._settings = settings
        self._folder = settings.data_folder / "evidence"
        self._report: Callable[[VisionFact], None] = lambda fact: None
        self._pictures: dict[str, bytes] = {}
        self._statuses: dict[str, CameraStatus] = {}
        self._pipe: Connection | None = None
        self._asking = threading.Lock()
        self._child = ChildProcess(
            "vision", body or _child, self._arguments, self._listen, self._close, self._all_failed,
            REASONS, settings.vision.memory_mb * 1_000_000,
        )  # fmt: skip

    def start(self, report: Callable[[VisionFact], None]) -> None:
        self._report = report
        self._child.start()

    def stop(self) -> None:
        self._child.stop()

    @property
    def pid(self) -> int | None:
        """Of the process that there is now."""
        return self._child.pid

    def picture(self, lane: str) -> bytes | None:
        return self._pictures.get(lane)

    def status(self, lane: str) -> CameraStatus:
        return self._statuses.get(lane, CameraStatus(lane, "starting", "", 0.0, None))

    def evidence(self, name: str) -> bytes | None:
        return evidence_files.load(self._folder, name)

    def doubt(self, lane: str) -> None:
        self._ask(Word.DOUBT, lane)

    def confirm(self, lane: str) -> None:
        self._ask(Word.CONFIRM, lane)

    def _ask(self, word: Word, lane: str) -> None:
        with self._asking, contextlib.suppress(OSError, ValueError):
            if self._pipe is not None:
                self._pipe.send_bytes(packed_word(Asked(word, lane)))

    # --- on the thread that owns the process ---

    def _arguments(self, pipe: Connection) -> tuple[Settings, Connection]:
        return self._settings, pipe

    def _listen(self, pipe: Connection) -> str:
        """Takes the process's messages until it says that it cannot go on, and why. Raises EOFError
        and OSError at its end, and ValueError for what is not understood."""
        with self._asking:
            self._pipe = pipe
        while True:
            said = unpacked(pipe.recv_bytes(MOST_SAID))
            if isinstance(said, Fault):
                return said.why
            self._take(said)

    def _close(self, pipe: Connection) -> None:
        with self._asking:
            self._pipe = None
            pipe.close()

    def _take(self, said: Said) -> None:
        """Raises ValueError for a lane that is not there."""
        if isinstance(said, Beat):
            self._child.patience.heard(said)
            return
        self._child.patience.spoke()
        match said:
            case ThreadEnded(name):
                UNHANDLED.count(f"{THREAD}{name} of vision")
            case Fault():
                pass
            case _ if lane_of(said.lane) not in self._settings.lanes:
                raise ValueError(f"there is no lane {said.lane[:40]!r}")
            case LivePicture(lane, jpeg):
                # It is sent of a picture that has been looked at.
                self._child.worked()
                self._pictures[lane] = jpeg
            case CameraStatus():
                self._statuses[said.lane] = said
            case _:
                self._report(said)

    def _all_failed(self, why: str) -> None:
        for name, lane in self._settings.lanes.items():
            for camera in lane.all_cameras:
                view = view_of(name, camera)
                self._statuses[view] = CameraStatus(view, "failed", why, 0.0, None)
                self._report(CameraChanged(name, False, why, camera))


def _child(settings: Settings, pipe: Connection) -> None:
    """What sees is loaded there, and never here."""
    from edge.vision.child import child

    child(settings, pipe)
