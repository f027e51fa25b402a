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
        self.clock, self.loop, self.doubted = ManualClock(NOON), None, []
        self.unchanged_since = self.unmoved_since = 0.0
        self.monitor = PictureMonitor(self.view, self.doubted.append, self.clock)
        self.wire_ok = True

    def view(self):
        now = self.clock.now().mono
        still, unmoved = now - self.unchanged_since, now - self.unmoved_since
        camera = CameraStatus("out1", "live", "", 10.0, None, still, unmoved)
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
    made.unmoved_since = made.clock.now().mono
    made.goes_on(3, False)
    return made


def test_a_vehicle_comes_and_the_picture_does_not_change(site):
    site.goes_on(8, True)
    assert site.doubted == ["out1"]


class Noisy(Site):
    """Its pictures change by some bit all the time."""

    def goes_on(self, seconds, loop):
        for _ in range(seconds):
            self.unchanged_since = self.clock.now().mono
            super().goes_on(1, loop)


@pytest.fixture
def noisy():
    made = Noisy()
    made.clock.advance(100.0)
    made.unmoved_since = made.clock.now().mono - 60.0
    made.goes_on(3, False)
    return made


@pytest.mark.parametrize("stands_s", [4, 90])
def test_a_vehicle_comes_and_goes_and_nothing_moves_in_a_picture_that_is_never_the_same(
    noisy, stands_s
):
    noisy.goes_on(stands_s, True)
    assert noisy.doubted == []
    noisy.goes_on(6, False)
    assert noisy.doubted == ["out1"]
    noisy.goes_on(60, False)
    assert noisy.doubted == ["out1"]


@pytest.mark.parametrize("moves_after_s", [-2, 1, 31], ids=["before", "as it came", "as it went"])
def test_a_picture_in_which_something_moved_as_the_vehicle_came_or_went_is_believed(
    noisy, moves_after_s
):
    noisy.unmoved_since = noisy.clock.now().mono + moves_after_s
    noisy.goes_on(30, True)
    noisy.goes_on(60, False)
    assert noisy.doubted == []


def test_a_loop_that_stays_on_or_comes_on_for_a_moment_is_no_vehicle_that_the_camera_missed(noisy):
    for _ in range(20):
        noisy.goes_on(2, True)
        noisy.goes_on(6, False)
    noisy.goes_on(600, True)
    assert noisy.doubted == []


def test_a_vehicle_that_left_while_the_wire_was_lost_says_nothing_of_the_camera(noisy):
    noisy.goes_on(10, True)
    noisy.wire_ok = False
    noisy.goes_on(10, False)
    noisy.wire_ok = True
    noisy.goes_on(60, False)
    assert noisy.doubted == []


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
