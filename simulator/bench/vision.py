"""Detection, the whole vision path, and how many cameras are borne, on rendered pictures."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
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
        borne, taken = _borne(films, detector, reader, Path(folder))
    yield figure("cameras sending 10 frames/s (720p), every vehicle read", borne, "cameras")
    yield figure("frames taken from each of so many cameras", taken, "frames/s")


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


def _borne(
    films: list[Path], detector: Detector, reader: PlateReader, folder: Path
) -> tuple[int, float]:
    """The most cameras of those tried with which every vehicle was read, and the frames taken."""
    best = (0, 0.0)
    for count in CAMERAS:
        taken = _taken(count, films, detector, reader, folder)
        if taken is None:
            break
        best = (count, taken)
    for count in FEWER if best[0] == 0 else ():
        taken = _taken(count, films, detector, reader, folder)
        if taken is not None:
            return count, taken
    return best


def _taken(
    count: int, films: list[Path], detector: Detector, reader: PlateReader, folder: Path
) -> float | None:
    """Runs so many lanes as the vision process does, on films at their own speed.

    Frames a second taken from each camera; None where a vehicle was not read, or wrongly.
    """
    from edge.vision.lane_pipeline import LanePipeline

    facts: list[VisionFact] = []
    accept = getattr(reader, "accept", 0.9)
    watches = [
        LanePipeline(
            f"l{n}", _lane(films[n % len(films)]), detector, reader, accept, folder, "b",
            facts.append, lambda lane, jpeg: None,
        )
        for n in range(count)
    ]  # fmt: skip
    began = time.monotonic()
    rates: list[float] = []
    while (now := time.monotonic()) < began + SECONDS:
        if not any([pipeline.step(now) for pipeline in watches]):
            time.sleep(0.003)
        if now > began + 4:
            rates.append(min(pipeline.status().frames_per_s for pipeline in watches))
    for pipeline in watches:
        pipeline.stop()
    return statistics.median(rates) if _all_read(facts, count) else None


def _lane(film: Path) -> LaneConfig:
    camera = CameraConfig(source=str(film), max_frames_per_s=RATE)
    return LaneConfig.model_construct(camera=camera)  # type: ignore[call-arg]


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
