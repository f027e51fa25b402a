"""The core's times from the settings, the watchdog, and the order in which two boards are read."""

import math

from edge.barrier.boards.composite import CompositeBoard
from edge.barrier.guard.guard import STANDS_S, fall_s, limits_of, may_fall_s, permit_of
from tests.support.barrier.lane_truth import CONFIG
from tests.support.barrier.memory_wire import Site


def test_a_motion_may_wait_for_the_pulse_and_the_dead_time_of_the_one_before():
    config = CONFIG.model_copy(update={"pulse_s": 0.4, "dead_time_s": 0.7})
    assert limits_of(config).start_s == 0.4 + 0.7


def test_only_a_stop_that_is_wired_ends_at_once_what_an_arm_does():
    unstopped = {n: c for n, c in CONFIG.outputs.items() if n != "stop"}
    assert limits_of(CONFIG).stands_s == STANDS_S
    assert limits_of(CONFIG.model_copy(update={"outputs": unstopped})).stands_s == math.inf


def test_an_arm_comes_down_for_its_pulse_its_travel_and_the_margin_at_most():
    config = CONFIG.model_copy(update={"pulse_s": 0.4, "travel_s": 5.0, "travel_margin_s": 2.0})
    assert fall_s(config) == 7.4
    assert may_fall_s(config) == 7.0
    assert may_fall_s(config.model_copy(update={"inputs": {"limit_open": 1}})) == 0.0


def test_a_permit_lasts_as_long_as_is_set_where_it_is_wired():
    wired = CONFIG.model_copy(update={"outputs": {**CONFIG.outputs, "permit": 6}, "permit_s": 0.8})
    assert permit_of(wired).pulse_s == 0.8
    assert permit_of(CONFIG).pulse_s == 0.0


def stalled(seconds):
    """Whether a guard that has stood still for so long tells it."""
    site = Site(1)
    site.run_until(lambda: site.guard.status().arm == "closed")
    site.stand_still(seconds)
    site.round()
    return "stalled" in [getattr(fact, "code", "") for fact in site.facts]


def test_a_guard_that_stands_still_for_longer_than_its_watchdog_tells_it():
    assert not stalled(0.9 * CONFIG.watchdog_s)
    assert stalled(1.1 * CONFIG.watchdog_s)


class Read:
    def __init__(self, log, name, inputs):
        self.log, self.name, self.inputs = log, name, inputs
        self.asked_at = None

    def read_inputs(self):
        self.log.append(self.name)
        return dict(self.inputs)


def test_the_safety_inputs_are_read_last_and_an_actuator_tells_its_ends_alone():
    log = []
    arm = Read(log, "arm", {"limit_open": True, "safety_loop": False})
    inputs = Read(log, "inputs", {"safety_loop": True})
    board = CompositeBoard(arm, inputs, frozenset({"open"}), frozenset({"limit_open"}))
    assert board.read_inputs() == {"limit_open": True, "safety_loop": True}
    assert log == ["arm", "inputs"]
