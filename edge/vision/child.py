"""The life of the vision process: frames of all lanes in, facts out over the pipe."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import threading
import time
import uuid
from functools import partial
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from edge.config import Settings
from edge.system import scheduling
from edge.system.causes import cause
from edge.system.disk_room import disk_room
from edge.system.memory import first_to_go
from edge.system.supervision import BEAT_S, Beat, Stage
from edge.system.unhandled import UNHANDLED, thread_name
from edge.vision import evidence_files, fusion
from edge.vision.channel import (
    MOST_ASKED,
    Asked,
    Fault,
    LivePicture,
    Said,
    ThreadEnded,
    packed,
    unpacked_word,
)
from edge.vision.evidence_room import EvidenceRoom
from edge.vision.weights import WeightsError

if TYPE_CHECKING:
    from edge.vision.lane_pipeline import LanePipeline

STATUS_EVERY_S = 1.0
IDLE_S = 0.004
"""Seconds to wait when no camera has sent anything."""

CLEAN_EVERY_S = 3600.0

LAST_WORD_S = 2.0
"""Seconds for the last word to reach the service."""

log = logging.getLogger(__name__)


def child(settings: Settings, pipe: Connection) -> None:
    """The whole life of the vision process."""
    scheduling.give_way()
    # A Ctrl-C is for the parent, which ends us by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    first_to_go(settings.vision.memory_mb * 1_000_000)
    out: queue.Queue[Said] = queue.Queue(1000)
    threading.excepthook = partial(_thread_ended, out)
    asked: queue.SimpleQueue[Asked] = queue.SimpleQueue()
    pulse = Pulse()
    threading.Thread(target=_speak, args=(pipe, out), daemon=True).start()
    threading.Thread(target=_hear, args=(pipe, asked), daemon=True).start()
    threading.Thread(target=_beat, args=(pulse, out), daemon=True).start()
    try:
        _process_all(settings, out, asked, pulse)
    except Exception as error:
        if not isinstance(error, WeightsError | ImportError):
            log.exception("vision cannot go on")
        unloaded = isinstance(error, ImportError)
        library, other = cause("camera.library", error=error), cause("camera.vision", error=error)
        out.put(Fault(library if unloaded else other))
        # Whoever hears it ends us.
        time.sleep(LAST_WORD_S)
    os._exit(1)


def _thread_ended(out: queue.Queue[Said], ended: threading.ExceptHookArgs) -> None:
    """Logged here, counted in the service."""
    UNHANDLED.thread_ended(ended)
    with contextlib.suppress(queue.Full):
        out.put_nowait(ThreadEnded(thread_name(ended)))


class Pulse:
    """The child's own loop marks here that it comes round."""

    def __init__(self) -> None:
        self._stage, self._at = Stage.LOADING, time.monotonic()

    def mark(self, stage: Stage) -> None:
        self._stage, self._at = stage, time.monotonic()

    def beat(self) -> Beat:
        return Beat(self._stage, time.monotonic() - self._at)


def _beat(pulse: Pulse, out: queue.Queue[Said]) -> None:
    while True:
        out.put(pulse.beat())
        time.sleep(BEAT_S)


def _process_all(
    settings: Settings,
    out: queue.Queue[Said],
    asked: queue.SimpleQueue[Asked],
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
            out.put_nowait(LivePicture(lane, jpeg))

    pipelines = [
        LanePipeline(
            name,
            lane,
            detector,
            reader,
            fusion.ACCEPT if vision.accept is None else vision.accept,
            folder,
            start,
            out.put,
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
            one = asked.get()
            for pipeline in pipelines:
                if pipeline.lane == one.lane:
                    pipeline.take(one.word)
        if now - reported_at > STATUS_EVERY_S:
            reported_at = now
            for pipeline in pipelines:
                out.put(pipeline.status())
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


def _speak(pipe: Connection, out: queue.Queue[Said]) -> None:
    """Until the parent's end. What cannot be said ends us too: another begins anew."""
    try:
        while True:
            pipe.send_bytes(packed(out.get()))
    except OSError:
        os._exit(0)
    except Exception:
        log.exception("vision cannot say what it has seen")
        os._exit(1)


def _hear(pipe: Connection, asked: queue.SimpleQueue[Asked]) -> None:
    """Until the parent's end, which is ours."""
    try:
        while True:
            asked.put(unpacked_word(pipe.recv_bytes(MOST_ASKED)))
    except (EOFError, OSError):
        os._exit(0)
    except Exception:
        log.exception("the service says what vision does not understand")
        os._exit(1)
