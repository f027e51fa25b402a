"""A vehicle on the entry loop before a picture that stands still: the camera is doubted."""

from types import SimpleNamespace

import pytest

from edge.barrier.port import BarrierStatus
from edge.gate.monitors.pictures import PictureMonitor
from edge.system.clock import ManualClock
from edge.vision.port import CameraStatus
from tests.support.builders import NOON


class Site:
    def __init__(self):
        self.clock, self.loop, self.unchanged_since, self.doubted = ManualClock(NOON), None, 0.0, []
        self.monitor = PictureMonitor(self.view, self.doubted.append, self.clock)
        self.wire_ok = True

    def view(self):
        still = self.clock.now().mono - self.unchanged_since
        camera = CameraStatus("out1", "live", "", 10.0, None, still)
        barrier = BarrierStatus("out1", entry_loop=self.loop, wire_ok=self.wire_ok)
        return SimpleNamespace(lanes=[SimpleNamespace(lane="out1", barrier=barrier, camera=camera)])

    def goes_on(self, seconds, loop):
        self.loop = loop
        for _ in range(seconds):
            self.monitor.check()
            self.clock.advance(1.0)


@pytest.fixture
def site():
    made = Site()
    made.clock.advance(100.0)
    made.unchanged_since = made.clock.now().mono - 60.0
    made.goes_on(3, False)
    return made


def test_a_vehicle_comes_and_the_picture_does_not_change(site):
    site.goes_on(8, True)
    assert site.doubted == ["out1"]


def test_a_picture_that_changed_as_the_vehicle_came_is_believed(site):
    site.unchanged_since = site.clock.now().mono + 1.0
    site.goes_on(60, True)
    assert site.doubted == []


@pytest.mark.parametrize("loop", [False, None], ids=["empty", "no loop"])
def test_an_empty_lane_and_one_without_a_loop_say_nothing(site, loop):
    site.goes_on(600, loop)
    assert site.doubted == []


def test_a_loop_that_was_occupied_when_its_wire_came_back_says_nothing(site):
    site.wire_ok = False
    site.goes_on(5, True)
    site.monitor._free.clear()
    site.wire_ok = True
    site.goes_on(20, True)
    assert site.doubted == []
