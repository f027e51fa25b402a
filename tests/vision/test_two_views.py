"""Two cameras before real pipelines, joined to one passage by the lane's rules."""

import cv2
import numpy as np
import pytest

from edge.config import CameraConfig, LaneConfig
from edge.domain.facts import VehicleArrived
from edge.lane.effects import Authorise
from edge.vision.detection import Detection
from edge.vision.lane_pipeline import LanePipeline
from edge.vision.reading import Reading
from simulator.camera import Cameras
from tests.support.builders import a_book, an_assignment
from tests.support.lane_play import Play
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(240)
TEXTS = {"front": "24C12345", "rear": "51R00001"}
TRUCK = Detection("truck", 0.9, (200.0, 60.0, 440.0, 300.0))
PLATE = Detection("plate", 0.8, (290.0, 250.0, 350.0, 270.0))


class Models:
    """Finds one truck in every picture, and reads the plate of its end."""

    def __init__(self, text):
        self.text = text

    def find(self, picture):
        return [TRUCK, PLATE] if picture.shape[:2] == (360, 640) else []

    def read(self, crop):
        text = self.text
        return Reading(text, text, "VN", "white", 1, 0.99, True, ((text, 1.0),), 90)


@pytest.fixture
def pictures():
    rng, number = np.random.default_rng(3), [0]

    def frame():
        number[0] += 1
        picture = np.full((360, 640, 3), 90, np.uint8)
        picture = cv2.add(picture, rng.integers(0, 6, picture.shape, np.uint8))
        return number[0], cv2.imencode(".jpg", picture)[1].tobytes()

    cameras = Cameras({"front": frame, "rear": frame}, rate=50.0)
    cameras.start()
    yield cameras
    cameras.stop()


def test_front_and_rear_cameras_give_one_passage_with_both_plates(pictures, tmp_path):
    def camera(name):
        return CameraConfig(source=pictures.url(name), sees=name, stall_after_s=60.0)

    lane = LaneConfig.model_construct(camera=camera("front"), cameras={"rear": camera("rear")})
    play = Play(a_book(an_assignment(TEXTS["front"], trailers=[TEXTS["rear"]])))
    play(VehicleArrived("out1"))
    pipelines = [
        LanePipeline(
            "out1", lane, Models(TEXTS[end]), Models(TEXTS[end]), 0.9, tmp_path, "s",
            lambda fact: play(fact), lambda view, jpeg: None, camera=name,
        )
        for name, end in (("", "front"), ("rear", "rear"))
    ]  # fmt: skip
    try:
        for n in range(8):
            for pipeline in pipelines:
                wait_for(lambda p=pipeline, now=n / 10: p.step(now), every=0.002)
    finally:
        for pipeline in pipelines:
            pipeline.stop()
    assert [e for e in play.effects if isinstance(e, Authorise)]
    passage = play.lane.passage
    assert (passage.plate, passage.trailer_texts) == (TEXTS["front"], (TEXTS["rear"],))
    assert {d["plate"] for d in play.recorded("plate.read")} == set(TEXTS.values())
    assert len({d["passage"] for d in play.recorded("plate.read")}) == 1
    assert {p.view for p in pipelines} == {"out1", "out1.rear"}
