"""The vision process: started, watched and restarted by the service; its death harms nobody else.

Parent and child speak over one pipe: facts, live pictures, camera states and a heartbeat one way,
what a camera's pictures are to be believed the other. The child ends with its parent (the pipe
closes); a child that dies, hangs (system/supervision.py) or grows too large is replaced.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import queue
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.config import Settings
from edge.domain.facts import CameraChanged, VisionFact
from edge.system import scheduling
from edge.system.backoff import Backoff, Retries
from edge.system.causes import cause
from edge.system.disk_room import disk_room
from edge.system.memory import first_to_go, resident
from edge.system.supervision import BEAT_S, Beat, Patience, Stage
from edge.system.unhandled import THREAD, UNHANDLED, thread_name
from edge.vision import evidence_files, fusion
from edge.vision.evidence_room import EvidenceRoom
from edge.vision.port import CameraStatus, view_of
from edge.vision.weights import WeightsError

if TYPE_CHECKING:
    from edge.vision.lane_pipeline import LanePipeline

WATCHED_S = 0.25
"""Seconds between two looks at the child's answers and memory."""

STATUS_EVERY_S = 1.0
IDLE_S = 0.004
"""Seconds to wait when no camera has sent anything."""

RESTART = Retries(0.25, 15.0)
"""Pauses before a child that died is started anew."""

STEADY_S = 30.0
"""Seconds of life after which a child counts as working: the pauses begin anew after it."""

CLEAN_EVERY_S = 3600.0

log = logging.getLogger(__name__)


class VisionProcess:
    """Implements port.Eyes. `body`: the whole life of the process, `child` where none is given."""

    def __init__(
        self, settings: Settings, body: Callable[[Settings, Connection], None] | None = None
    ) -> None:
        self._settings, self._body = settings, body or child
        self._folder = settings.data_folder / "evidence"
        self._report: Callable[[VisionFact], None] = lambda fact: None
        self._pictures: dict[str, bytes] = {}
        self._statuses: dict[str, CameraStatus] = {}
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._telling = threading.Lock()
        self._patience = Patience()
        self._why = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vision", daemon=True)

    def start(self, report: Callable[[VisionFact], None]) -> None:
        self._report = report
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._end()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    def picture(self, lane: str) -> bytes | None:
        return self._pictures.get(lane)

    def status(self, lane: str) -> CameraStatus:
        return self._statuses.get(lane, CameraStatus(lane, "starting", "", 0.0, None))

    def evidence(self, name: str) -> bytes | None:
        return evidence_files.load(self._folder, name)

    def doubt(self, lane: str) -> None:
        self._tell("doubt", lane)

    def confirm(self, lane: str) -> None:
        self._tell("confirm", lane)

    def _tell(self, word: str, lane: str) -> None:
        with self._telling, contextlib.suppress(OSError, ValueError):
            if self._pipe is not None:
                self._pipe.send((word, lane))

    # --- watching the child ---

    def _run(self) -> None:
        context = multiprocessing.get_context("spawn")
        backoff = Backoff(RESTART, steady_s=STEADY_S)
        while not self._stopping.is_set():
            self._why = ""
            self._patience.begin()
            try:
                near, self._process = self._begin(context)
            except OSError as error:
                # No process or no descriptor is to be had now.
                why: str = cause("camera.vision", error=error)
                log.error("vision: %s; it is tried again", why)
                self._all_failed(why)
                self._stopping.wait(backoff.next())
                continue
            began = time.monotonic()
            over = threading.Event()
            watching = threading.Thread(
                target=self._supervise, args=(self._process, over), name="vision watch", daemon=True
            )
            watching.start()
            with self._telling:
                self._pipe = near
            why = self._listen(near)
            with self._telling:
                self._pipe = None
                near.close()
            over.set()
            watching.join()
            self._end()
            if self._stopping.is_set():
                return
            backoff.stood(time.monotonic() - began)
            log.error("vision: %s; it is started anew", why)
            self._all_failed(why)
            self._stopping.wait(backoff.next())

    def _begin(self, context: SpawnContext) -> tuple[Connection, BaseProcess]:
        """Our end of the pipe, and the process. Raises OSError."""
        near, far = context.Pipe(duplex=True)
        process = context.Process(
            target=self._body, args=(self._settings, far), name="vision", daemon=True
        )
        try:
            process.start()
        except OSError:
            near.close()
            raise
        finally:
            far.close()
        return near, process

    def _listen(self, pipe: Connection) -> str:
        """Takes the child's messages until it dies; why it ended."""
        while not self._stopping.is_set():
            try:
                if pipe.poll(0.5):
                    self._take(pipe.recv())
            except (EOFError, OSError):
                return self._why or cause("camera.process_died")
        return ""

    def _supervise(self, process: BaseProcess, over: threading.Event) -> None:
        """Kills a child that does not answer or has grown too large: one that is stopped within a
        message keeps whoever listens to it waiting."""
        most = self._settings.vision.memory_mb * 1_000_000
        while not over.wait(WATCHED_S):
            # So much time counts, and not what passed: we may have been stopped ourselves.
            silent_s = self._patience.waited(WATCHED_S)
            if silent_s is not None:
                self._why = cause("camera.process_silent", seconds=silent_s)
            elif process.pid is not None and (used := resident(process.pid)) > most:
                self._why = cause("camera.process_large", used=used / 1e6, most=most / 1e6)
            else:
                continue
            process.kill()
            return

    def _take(self, message: tuple[str, Any]) -> None:
        kind, body = message
        if kind == "beat":
            self._patience.heard(body)
            return
        self._patience.spoke()
        if kind == "fact":
            self._report(body)
        elif kind == "picture":
            lane, jpeg = body
            self._pictures[lane] = jpeg
        elif kind == "status":
            self._statuses[body.lane] = body
        elif kind == "thread_ended":
            UNHANDLED.count(f"{THREAD}{body} of vision")
        elif kind == "fault":
            log.error("vision: %s", body)
            self._all_failed(body)

    def _all_failed(self, why: str) -> None:
        for name, lane in self._settings.lanes.items():
            for camera in lane.all_cameras:
                view = view_of(name, camera)
                self._statuses[view] = CameraStatus(view, "failed", why, 0.0, None)
                self._report(CameraChanged(name, False, why, camera))

    def _end(self) -> None:
        process = self._process
        if process is None:
            return
        with contextlib.suppress(Exception):
            process.kill()
            process.join(10)


def child(settings: Settings, pipe: Connection) -> None:
    """The whole life of the vision process."""
    scheduling.give_way()
    # A Ctrl-C is for the parent, which ends us by closing the pipe.
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    first_to_go(settings.vision.memory_mb * 1_000_000)
    out: queue.Queue[tuple[str, Any]] = queue.Queue(1000)
    threading.excepthook = partial(_thread_ended, out)
    asked: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    pulse = Pulse()
    threading.Thread(target=_speak, args=(pipe, out), daemon=True).start()
    threading.Thread(target=_hear, args=(pipe, asked), daemon=True).start()
    threading.Thread(target=_beat, args=(pulse, out), daemon=True).start()
    try:
        _watch_all(settings, out, asked, pulse)
    except WeightsError as error:
        out.put(("fault", cause("camera.vision", error=error)))
        time.sleep(2)
    except ImportError as error:
        out.put(("fault", cause("camera.library", error=error)))
        time.sleep(2)
    except Exception as error:
        log.exception("vision cannot go on")
        out.put(("fault", cause("camera.vision", error=error)))
        time.sleep(2)
    os._exit(1)


def _thread_ended(out: queue.Queue[tuple[str, Any]], ended: threading.ExceptHookArgs) -> None:
    """Logged here, counted in the service."""
    UNHANDLED.thread_ended(ended)
    with contextlib.suppress(queue.Full):
        out.put_nowait(("thread_ended", thread_name(ended)))


class Pulse:
    """The child's own loop marks here that it comes round."""

    def __init__(self) -> None:
        self._stage, self._at = Stage.LOADING, time.monotonic()

    def mark(self, stage: Stage) -> None:
        self._stage, self._at = stage, time.monotonic()

    def beat(self) -> Beat:
        return Beat(self._stage, time.monotonic() - self._at)


def _beat(pulse: Pulse, out: queue.Queue[tuple[str, Any]]) -> None:
    while True:
        out.put(("beat", pulse.beat()))
        time.sleep(BEAT_S)


def _watch_all(
    settings: Settings,
    out: queue.Queue[tuple[str, Any]],
    asked: queue.SimpleQueue[tuple[str, str]],
    pulse: Pulse,
) -> None:
    import cv2

    from edge.vision.detectors import detector_of
    from edge.vision.lane_pipeline import LanePipeline
    from edge.vision.recogniser import OpenVinoPlateReader
    from edge.vision.weights import SHIPPED

    vision = settings.vision
    cv2.setNumThreads(1)
    detector = detector_of(vision.detector)
    reader = OpenVinoPlateReader(vision.reader or SHIPPED, vision.accept, vision.threads)
    folder = settings.data_folder / "evidence"
    room = EvidenceRoom(
        folder,
        vision.evidence_mb * 1_000_000,
        partial(
            disk_room,
            folder,
            vision.leave_free_mb * 1_000_000,
            settings.journal.ballast_mb * 1_000_000,
        ),
    )
    # There may be a hundred thousand.
    threading.Thread(target=room.count, name="evidence", daemon=True).start()
    start = uuid.uuid4().hex[:8]

    def show(lane: str, jpeg: bytes) -> None:
        with contextlib.suppress(queue.Full):
            out.put_nowait(("picture", (lane, jpeg)))

    pipelines = [
        LanePipeline(
            name,
            lane,
            detector,
            reader,
            fusion.ACCEPT if vision.accept is None else vision.accept,
            folder,
            start,
            lambda fact: out.put(("fact", fact)),
            show,
            room,
            settings.data_folder / "views",
            camera,
            vision.clips,
            vision.blur,
        )
        for name, lane in settings.lanes.items()
        for camera in lane.all_cameras
    ]
    reported_at = cleaned_at = 0.0
    while True:
        pulse.mark(Stage.WORKING)
        now = time.monotonic()
        busy = process_one(pipelines)
        while not asked.empty():
            word, lane = asked.get()
            for pipeline in pipelines:
                if pipeline.lane == lane:
                    pipeline.told(word)
        if now - reported_at > STATUS_EVERY_S:
            reported_at = now
            for pipeline in pipelines:
                out.put(("status", pipeline.status()))
        if now - cleaned_at > CLEAN_EVERY_S:
            cleaned_at = now
            if evidence_files.clean(folder, vision.evidence_days):
                threading.Thread(target=room.count, name="evidence", daemon=True).start()
        if not busy:
            time.sleep(IDLE_S)


def process_one(pipelines: list[LanePipeline]) -> bool:
    """Processes the newest frame of one lane; whether there was one."""
    in_turn = sorted(pipelines, key=lambda pipeline: pipeline.place)
    return any(pipeline.step(time.monotonic()) for pipeline in in_turn)


def _speak(pipe: Connection, out: queue.Queue[tuple[str, Any]]) -> None:
    while True:
        try:
            pipe.send(out.get())
        except (OSError, ValueError):
            os._exit(0)


def _hear(pipe: Connection, asked: queue.SimpleQueue[tuple[str, str]]) -> None:
    """Until the parent's end, which is ours."""
    with contextlib.suppress(Exception):
        while True:
            asked.put(pipe.recv())
    os._exit(0)


__all__ = ["Path", "VisionProcess", "child"]
