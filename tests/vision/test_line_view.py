"""Who is missed by the detector still hides the line under the arm."""

import numpy as np
import pytest

from edge.vision.geometry import Line
from edge.vision.line_view import FREE_S, NEW_LIGHT_S, LineView

LINE = Line((60.0, 250.0), (580.0, 250.0), 1)
CAR = (200.0, 180.0, 400.0, 280.0)


class Road:
    def __init__(self, seed=1):
        self.rng, self.now = np.random.default_rng(seed), 0.0
        self.ground = self.rng.integers(70, 130, (360, 640, 1), np.int16).repeat(3, 2)
        self.view = LineView()

    def see(self, *boxes, parts=(), light=0, seconds=0.1):
        """`parts`: what stands there and is not detected, (x1, y1, x2, y2)."""
        until = self.now + seconds
        while self.now < until:
            self.now += 0.1
            noise = self.rng.integers(-4, 5, self.ground.shape, np.int16)
            picture = self.ground + noise + light
            for x1, y1, x2, y2 in parts:
                picture[y1:y2, x1:x2] = 40
            self.view.see(np.clip(picture, 0, 255).astype(np.uint8), LINE, boxes, self.now)
        return self.view.free


def test_nothing_is_known_of_a_line_that_was_never_seen_free():
    road = Road()
    assert not road.see(CAR)
    assert not road.see(CAR, seconds=5)
    road.see(seconds=FREE_S + 0.3)
    assert road.view.free


@pytest.mark.parametrize("light", [-25, 0, 25])
def test_a_vehicle_gone_leaves_the_line_as_it_was_in_another_light_too(light):
    road = Road()
    road.see(seconds=3)
    road.see(CAR, parts=[(200, 180, 400, 280)], light=light, seconds=2)
    assert road.see(light=light)


@pytest.mark.parametrize(
    "missed", [(250, 240, 330, 256), (300, 245, 350, 256), (60, 100, 580, 300)],
    ids=["a bed", "a drawbar", "a whole trailer"],
)  # fmt: skip
def test_what_the_detector_missed_hides_the_line(missed):
    road = Road()
    road.see(seconds=3)
    assert not road.see(parts=[missed])
    assert not road.see(parts=[missed], seconds=20), "nor is it taken for the road soon"
    assert road.see(seconds=1)


def test_a_new_light_that_stays_is_how_it_is():
    road = Road()
    road.see(seconds=3)
    road.see(parts=[(60, 240, 200, 260)], seconds=NEW_LIGHT_S + 3)
    assert road.view.free
