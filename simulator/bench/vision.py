"""Detection, the whole vision path, how many cameras are borne and how old their frames are when
they have been looked at, and what an idle lane costs; on rendered pictures."""

from __future__ import annotations

import multiprocessing
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2

from edge.config import CameraConfig, LaneConfig
from edge.domain.facts import VehicleLost, VehicleSeen, VisionFact
from edge.vision.detection import Detector
from edge.vision.reading import PlateReader
from simulator.bench import figure
from simulator.bodywork import look_for
from simulator.scene import Placed, Scene

FRAMES = 100
RATE = 10
"""Frames a second of each camera."""

SECONDS = 16.0
IDLE_LANES, IDLE_WARM_S, IDLE_S = 4, 8.0, 10.0
CAMERAS = (8, 12, 16)
FEWER = (6, 4, 2, 1)
PLATES = ("24C12345", "51D98765", "15C24680", "34A36837")


def figures() -> Iterator[dict[str, Any]]:
    from edge.vision.detectors import detector_of
    from edge.vision.frame_result import detect
    from edge.vision.recogniser import OpenVinoPlateReader

    # As the vision process does: the models' own threads are enough for two cores.
    cv2.setNumThreads(1)
    detector, reader = detector_of(), OpenVinoPlateReader(threads=2)
    pictures = [cv2.resize(p, (1920, 1080)) for p in _stand(PLATES[0], 10)]
    for picture in pictures:
        detect(picture, detector, reader)
    alone, whole = [], []
    for n in range(FRAMES):
        began = time.perf_counter()
        detector.find(pictures[n % 10])
        middle = time.perf_counter()
        frame_result = detect(pictures[n % 10], detector, reader)
        alone.append(middle - began)
        whole.append(time.perf_counter() - middle)
        if not any(p.reading and p.reading.text == PLATES[0] for p in frame_result.plates):
            raise RuntimeError("the vehicle of the benchmark was not read: the figures are void")
    yield figure("detection, 1080p frame in to boxes out", 1 / statistics.median(alone), "frames/s")
    yield figure("whole vision path, one vehicle, median", 1000 * statistics.median(whole), "ms")
    with tempfile.TemporaryDirectory() as folder:
        films = [_film(Path(folder) / f"{n}.mp4", n) for n in range(len(PLATES))]
        runs = _borne(films, detector, reader, Path(folder))
        borne = max(runs, default=0)
        yield figure("cameras sending 10 frames/s (720p), every vehicle read", borne, "cameras")
        for count, run in runs.items():
            yield figure(f"frames taken from each of {count} cameras", run.rate, "frames/s")
        for count, run in list(runs.items())[:1]:
            yield from _ages(count, run)
        yield figure("an idle lane, share of a core", _idle(detector, reader, Path(folder)), "%")


def _ages(cameras: int, run: _Run) -> Iterator[dict[str, Any]]:
    """How old each frame was, from the moment the whole of it had come: when it had been looked at,
    and when the first fact that a vehicle is surely read was reported."""
    named = f"of {cameras} cameras"
    for what, ages in (
        (f"frame's age when it has been looked at, {named}", run.ages),
        (f"frame's age when its sure reading is told, {named}", run.told),
    ):
        for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
            yield figure(f"{what}, {name}", 1000 * _share(ages, share), "ms")


def _share(values: list[float], share: float) -> float:
    ordered = sorted(values) or [0.0]
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _stand(plate: str, count: int) -> list[Any]:
    vehicle = look_for("truck", random.Random(2), (plate, "VN", "yellow", 1))
    scene = Scene(3)
    return [scene.render([Placed(vehicle, 8.5 + n / 10)])[0] for n in range(count)]


def _film(file: Path, number: int) -> Path:
    """A truck comes, waits four seconds and goes; the road is empty for two: ten seconds. Each film
    begins elsewhere, none with the last moment of a truck that is gone."""
    vehicle = look_for("truck", random.Random(number), (PLATES[number], "VN", "yellow", 1))
    scene, pictures = Scene(number), []
    for n in range(10 * RATE):
        t = n / RATE
        distance = 24 - 5 * t if t < 3 else 9.0 if t < 7 else 9.0 - 5 * (t - 7)
        pictures.append(scene.render([Placed(vehicle, distance)] if t < 8 else [])[0])
    turned = number * len(pictures) // (len(PLATES) + 1)
    height, width = pictures[0].shape[:2]
    writer = cv2.VideoWriter(
        str(file), cv2.VideoWriter.fourcc(*"mp4v"), float(RATE), (width, height)
    )
    for picture in pictures[turned:] + pictures[:turned]:
        writer.write(picture)
    writer.release()
    return file


@dataclass(slots=True)
class _Run:
    """`rate`: frames a second taken from each camera. `ages`: of every frame taken, seconds, once
    it was looked at; `told`: of those on which a vehicle was first surely read."""

    rate: float = 0.0
    ages: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)


def _borne(
    films: list[Path], detector: Detector, reader: PlateReader, folder: Path
) -> dict[int, _Run]:
    """The runs with so many cameras in which every vehicle was read, the fewest first."""
    runs = {}
    for count in CAMERAS:
        run = _taken(count, films, detector, reader, folder)
        if run is None:
            break
        runs[count] = run
    for count in FEWER if not runs else ():
        run = _taken(count, films, detector, reader, folder)
        if run is not None:
            return {count: run}
    return runs


def _taken(
    count: int, films: list[Path], detector: Detector, reader: PlateReader, folder: Path
) -> _Run | None:
    """Runs so many lanes as the vision process does, on films at their own speed; None where a
    vehicle was not read, or wrongly."""
    from edge.vision.lane_pipeline import LanePipeline

    facts: list[VisionFact] = []
    run, sure = _Run(), set[str]()

    def report(fact: VisionFact) -> None:
        facts.append(fact)
        if not isinstance(fact, VehicleSeen) or fact.track in sure or fact.frame_at is None:
            return
        if fact.plate is not None and fact.plate.accepted:
            sure.add(fact.track)
            run.told.append(time.monotonic() - fact.frame_at)

    accept = getattr(reader, "accept", 0.9)
    pipelines = [
        LanePipeline(
            f"l{n}", _lane(str(films[n % len(films)])), detector, reader, accept, folder, "b",
            report, lambda lane, jpeg: None,
        )
        for n in range(count)
    ]  # fmt: skip
    began = time.monotonic()
    rates: list[float] = []
    while (now := time.monotonic()) < began + SECONDS:
        busy = False
        for pipeline in pipelines:
            if pipeline.step(now):
                busy = True
                run.ages.append(time.monotonic() - pipeline.frame_at)
        if not busy:
            time.sleep(0.003)
        if now > began + 4:
            rates.append(min(pipeline.status().frames_per_s for pipeline in pipelines))
    for pipeline in pipelines:
        pipeline.stop()
    run.rate = statistics.median(rates)
    return run if _all_read(facts, count) else None


def _idle(detector: Detector, reader: PlateReader, folder: Path) -> float:
    """Processor time of one lane of IDLE_LANES before which nothing stands, as percent of a core:
    MJPEG at RATE, 720p, with a camera's noise, sent by another process."""
    from edge.vision.lane_pipeline import LanePipeline

    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe()
    sender = context.Process(target=_send_empty_road, args=(far,), daemon=True)
    sender.start()
    try:
        urls = near.recv()
        pipelines = [
            LanePipeline(
                f"l{n}", _lane(url), detector, reader, 0.9, folder, "b",
                lambda fact: None, lambda lane, jpeg: None,
            )
            for n, url in enumerate(urls)
        ]  # fmt: skip
        used = 0.0
        for seconds in (IDLE_WARM_S, IDLE_S):
            began, used = time.monotonic(), time.process_time()
            while (now := time.monotonic()) < began + seconds:
                if not any([pipeline.step(now) for pipeline in pipelines]):
                    time.sleep(0.004)
            used = time.process_time() - used
        for pipeline in pipelines:
            pipeline.stop()
        return 100 * used / IDLE_S / len(urls)
    finally:
        sender.kill()
        sender.join(5)


def _send_empty_road(pipe: Connection) -> None:
    """The life of the process that has the cameras of idle lanes."""
    from simulator.camera import Cameras

    scene = Scene(7)
    road = [cv2.imencode(".jpg", scene.render([])[0])[1].tobytes() for _ in range(10)]

    def frame() -> tuple[int, bytes]:
        number = int(time.monotonic() * RATE)
        return number, road[number % len(road)]

    cameras = Cameras({f"c{n}": frame for n in range(IDLE_LANES)}, rate=float(RATE))
    cameras.start()
    pipe.send([cameras.url(f"c{n}") for n in range(IDLE_LANES)])
    while True:
        time.sleep(60)


def _lane(source: str) -> LaneConfig:
    """A lane of which only the camera is asked."""
    values: dict[str, Any] = {"camera": CameraConfig(source=source, max_frames_per_s=RATE)}
    return LaneConfig.model_construct(**values)


def _all_read(facts: list[VisionFact], count: int) -> bool:
    """Whether in each lane vehicles came and left, and every one of them was read, and right.

    Tracks of a lane that overlap are one vehicle: here they come one by one, far apart.
    """
    groups: dict[str, list[_Group]] = {f"l{n}": [] for n in range(count)}
    for fact in facts:
        if isinstance(fact, VehicleSeen):
            seen = groups[fact.lane]
            if not seen or not seen[-1].alive:
                seen.append(_Group())
            seen[-1].alive.add(fact.track)
            seen[-1].at_barrier |= fact.at_barrier
            if fact.plate is not None and fact.plate.accepted:
                if fact.plate.text != PLATES[int(fact.lane[1:]) % len(PLATES)]:
                    return False
                seen[-1].read = True
        elif isinstance(fact, VehicleLost) and groups[fact.lane]:
            groups[fact.lane][-1].alive.discard(fact.track)
    passed = [[g for g in seen if g.at_barrier and not g.alive] for seen in groups.values()]
    return all(passed) and all(group.read for lane in passed for group in lane)


@dataclass(slots=True)
class _Group:
    """The tracks of one vehicle."""

    alive: set[str] = field(default_factory=set)
    at_barrier: bool = False
    read: bool = False
