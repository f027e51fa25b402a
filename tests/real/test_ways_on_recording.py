"""A real toll lane with its ways drawn: every vehicle once, the neighbour's none, each its own."""

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest

from edge.config import CameraConfig
from edge.domain.facts import Heading
from edge.vision.detectors import detector_of
from edge.vision.frame_result import detect
from edge.vision.fusion import ACCEPT, Fusion
from edge.vision.recogniser import OpenVinoPlateReader
from edge.vision.tracking import Tracker
from edge.vision.video_file import opened
from edge.vision.ways import Ways
from tests.support.vision.films import seen_in

DATA = Path(os.environ.get("GATE_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
TOLL = DATA / "toll_lane"
pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(not TOLL.exists(), reason=f"no real recording at {TOLL}"),
]

WAYS = {
    "approach": ((0.58, 0.42), (0.70, 0.34), (0.74, 0.62), (0.36, 0.62)),
    "waiting": ((0.36, 0.62), (0.74, 0.62), (0.70, 1.0), (0.03, 1.0)),
    "travel": (0.66, 0.4, 0.36, 0.98),
}
EVERY = 2
"""Of the recording's 18 pictures a second, as a gate takes them."""

STEP_S = EVERY / 18
COMES = range(90, 124, EVERY)
"""Its pictures in which a car comes to the barrier, from where the camera first sees all of it."""


@pytest.fixture
def comes():
    with opened(TOLL / "cars.mp4") as video:
        return [picture for n, picture in enumerate(video.pictures()) if n in COMES]


def test_every_vehicle_of_a_real_lane_is_counted_once_and_the_neighbours_are_not_its():
    detector, reader = detector_of(), OpenVinoPlateReader()
    tracker, ways = Tracker(), Ways(CameraConfig(source="x", ways=WAYS))
    fusions, headings, areas = defaultdict(Fusion), defaultdict(set), defaultdict(list)
    with opened(TOLL / "cars.mp4") as video:
        for number, picture in enumerate(video.pictures()):
            if number % EVERY:
                continue
            now, (height, width) = number / video.rate, picture.shape[:2]
            mine = lambda box, w=width, h=height: ways.inside(box, w, h)  # noqa: E731
            seen, _ = tracker.update(detect(picture, detector, reader, mine=mine), now)
            ways.update(seen, tracker.tracks, now, width, height)
            for track in ways.own(seen):
                headings[track.number].add(ways.of(track).heading)
                areas[track.number].append(ways.of(track).area)
                if track.plate and track.plate.reading:
                    fusions[track.number] = fusions[track.number].with_reading(track.plate.reading)
    truth = json.loads((TOLL / "truth.json").read_text(encoding="utf-8"))
    plates = {event["plate"] for event in truth["events"]}
    read = {n: fusion.result(ACCEPT) for n, fusion in fusions.items()}
    sure = [r.text for r in read.values() if r and r.accepted]
    assert sorted(sure) == sorted(plates), "each read once, on a track of its own"
    for fusion in fusions.values():
        texts = {r.text for r in fusion.readings if r.accepted}
        assert len(texts) <= 1, "no track has been two vehicles"
    came = [n for n, where in areas.items() if where.count("approach") + where.count("waiting") > 5]
    assert len(came) == len(plates), dict(areas)
    assert not {Heading.REVERSING, Heading.WRONG_WAY} & set().union(*headings.values())


def test_a_recording_that_is_played_backwards_is_reversing_and_the_wrong_way(comes):
    """Real pictures of one that comes, stands for five seconds and is played backwards; and of one
    that is only played backwards."""
    models = detector_of(), OpenVinoPlateReader()
    there_and_back = [*comes, *[comes[-1]] * 45, *reversed(comes)]
    seen = seen_in(there_and_back, *models, step=STEP_S, reads=False, **WAYS)
    named = [heading for heading in seen.headings.values() if Heading.REVERSING in heading]
    assert len(named) == 1, dict(seen.headings)
    assert named[0].index(Heading.FORWARD) < named[0].index(Heading.REVERSING)
    assert not any(Heading.WRONG_WAY in heading for heading in seen.headings.values())
    seen = seen_in(reversed(comes), *models, step=STEP_S, reads=False, **WAYS)
    named = [heading for heading in seen.headings.values() if Heading.WRONG_WAY in heading]
    assert len(named) == 1, dict(seen.headings)
    assert Heading.FORWARD not in named[0]
