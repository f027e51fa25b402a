"""Sequences composed of real pictures: no track goes on from one vehicle to the next."""

import csv
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.vision.detectors import detector_of
from edge.vision.frame_result import detect
from edge.vision.recogniser import OpenVinoPlateReader
from edge.vision.tracking import Tracker
from tests.support.vision.films import seen_in

DATA = Path(os.environ.get("GATE_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = pytest.mark.timeout(600)
NEEDED = [DATA / "vn_moto_outdoor", DATA / "vn_barrier_cars"]
if not all(folder.exists() for folder in NEEDED):
    pytestmark = pytest.mark.skip(reason=f"no real pictures at {DATA}")


@pytest.fixture(scope="module")
def models():
    return detector_of(), OpenVinoPlateReader()


def pictures_of(name, count, start):
    """So many whole pictures of a set, with the plate in each."""
    with open(DATA / name / "truth.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[start : start + count]
    return [(cv2.imread(str(DATA / name / row["file"])), row["text"]) for row in rows]


def trembling(picture, rng):
    """As a camera on a post, or a hand, shows it a moment later."""
    dx, dy = rng.integers(-3, 4, 2)
    moved = cv2.warpAffine(
        picture, np.float32([[1, 0, dx], [0, 1, dy]]), picture.shape[1::-1],
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.clip(moved * rng.uniform(0.93, 1.07) + rng.normal(0, 3, moved.shape), 0, 255).astype(
        np.uint8
    )


def told(seen, texts):
    """No track has surely read two plates, and none a plate that is no one's."""
    for fusion in seen.fusions.values():
        assert len({r.text for r in fusion.readings if r.accepted}) <= 1
    assert set(seen.sure.values()) <= set(texts)
    assert len(set(seen.sure.values())) == len(seen.sure), "each on one track"


@pytest.mark.parametrize("start", [0, 40])
def test_a_hand_goes_from_one_motorcycle_to_the_next(models, start):
    """Twelve pictures of each, and six while the hand moves on; 10 a second."""
    motorcycles = pictures_of("vn_moto_outdoor", 5, start)
    rng = np.random.default_rng(start)
    sheets = [cv2.resize(picture, (600, 450)) for picture, _ in motorcycles]
    strip = np.hstack(sheets)

    def film():
        for n in range(len(sheets)):
            for _ in range(12):
                yield trembling(strip[:, 600 * n : 600 * (n + 1)], rng)
            for k in range(1, 7) if n + 1 < len(sheets) else ():
                left = 600 * n + 100 * k
                yield trembling(strip[:, left : left + 600], rng)

    seen = seen_in(film(), *models)
    told(seen, [text for _, text in motorcycles])
    assert len(seen.sure) >= 4


@pytest.mark.parametrize("start", [0, 30])
def test_cars_take_each_others_place_at_the_arm_of_a_real_lane(models, start):
    """Bumper to bumper, as a camera shows it that misses how one drives off: each stands where the
    one before stood a picture ago."""
    cars = pictures_of("vn_barrier_cars", 6, start)
    rng = np.random.default_rng(start)
    seen = seen_in((trembling(p, rng) for p, _ in cars for _ in range(12)), *models)
    told(seen, [text for _, text in cars])
    assert len(seen.sure) >= 5


WAITS_S, STEP_S = 600, 0.5


@pytest.mark.parametrize(
    ("start", "seen_well"),
    [(0, True), (4, True), (24, True), (30, True), (34, True), (12, False), (20, False)],
)
def test_who_waits_ten_minutes_at_a_real_arm_keeps_the_track_and_the_next_gets_another(
    models, start, seen_well
):
    """Two dozen real detections of each in a random order; for a second now and then none. Where
    the detector finds one in fewer than half of its pictures a track breaks, and goes on to nobody
    else."""
    detector, reader = models
    cars, rng = pictures_of("vn_barrier_cars", 2, start), np.random.default_rng(start)
    looks = [
        [detect(trembling(picture, rng), detector, reader, closer=1, most=2) for _ in range(24)]
        for picture, _ in cars
    ]
    tracker, now = Tracker(), 0.0
    tracks: list[set[int]] = []
    for seconds, of_this_car, (_, text) in zip((WAITS_S, 10), looks, cars, strict=True):
        tracks.append(set())
        for _ in range(round(seconds / STEP_S)):
            now += STEP_S * (3 if rng.random() < 0.02 else 1)
            current, _ = tracker.update(of_this_car[rng.integers(len(of_this_car))], now)
            tracks[-1] |= {
                t.number for t in current
                if t.plate and t.plate.reading and t.plate.reading.text == text
            }  # fmt: skip
    assert now > WAITS_S
    assert not tracks[0] & tracks[1]
    if seen_well:
        assert [len(numbers) for numbers in tracks] == [1, 1], tracks
    else:
        assert all(tracks)
