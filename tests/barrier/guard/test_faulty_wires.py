"""Random lanes on bad wires, in memory: not one unsafe frame.

The real line, board driver and guard run turn by turn on a clock that only moves when they wait. A
monitor that knows nothing of the guard judges by the bytes on the wire and the physical truth. A
million turns take minutes; the ordinary run does a part of them, the long one all.
"""

import logging

import pytest

from edge.barrier.core.table import Phase
from edge.domain.commands import Action, Order
from simulator.barrier.bad_wires import Clean, name_of
from tests.support.barrier.memory_wire import EVERY, Site

CLOSE = Order("c", Action.CLOSE, "test", "")
TURNS = 8_000
SITES = 100


@pytest.fixture(autouse=True)
def quietly():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def play(site, turns):
    """The first unsafe thing, or ""."""
    for turn in range(turns):
        site.step()
        if site.monitor.unsafe:
            return f"turn {turn}: {site.monitor.unsafe}"
    return ""


def a_site(seed):
    """Every other one has no stop; half of the arms are slow."""
    return Site(seed, stop=seed % 2 == 0, travel_s=2.4 if seed % 4 > 1 else 1.2)


@pytest.mark.parametrize("seed", range(SITES // 5))
def test_no_frame_is_unsafe_on_wires_that_change_at_random(seed):
    assert play(a_site(seed), TURNS) == ""


@pytest.mark.parametrize("wire", EVERY, ids=name_of)
def test_no_frame_is_unsafe_on_one_bad_wire(wire):
    site = Site(3, wires=(wire,))
    site.spoil(wire)
    assert play(site, TURNS // 4) == ""


@pytest.mark.parametrize("stop", [True, False], ids=["stops", "opens"])
def test_an_arm_that_was_lost_from_sight_is_halted_when_it_is_seen_again(stop):
    """The adapter is away for a moment while the arm comes down, and a vehicle comes."""
    site = Site(5, wires=(Clean(),), stop=stop, travel_s=2.4)
    site.run_until(lambda: site.guard.status().arm == "closed")
    site.order("open")
    site.run_until(lambda: site.guard.status().arm == "open")
    site.run_until(lambda: site.guard.order(CLOSE) or site.lane.arm.direction < 0)
    site.unplug(0.2)
    site.round()
    site.lane.put(safety_loop=True)
    site.run_until(lambda: site.lane.arm.direction >= 0)
    assert site.lane.arm.position > 0.3
    assert site.guard.status().wire_ok
    for _ in range(400):
        site.round()
    assert site.monitor.unsafe == []
    assert site.lane.arm.position > 0.3


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_million_turns_hold_no_unsafe_frame():
    closes = 0
    for seed in range(1000, 1000 + 1_000_000 // TURNS):
        site = a_site(seed)
        assert play(site, TURNS) == "", f"seed {seed}"
        closes += site.monitor.closes
    assert closes > 1000


def test_the_play_is_worth_judging():
    """Vehicles pass, arms move both ways, wires fail: the monitor has something to see."""
    site = Site(1)
    play(site, TURNS)
    kinds = {type(fact).__name__ for fact in site.facts}
    assert {"VehicleCrossed", "ArmMoved", "GuardAlarm", "RequestHandled"} <= kinds
    assert site.monitor.closes > 5


def test_the_monitor_sees_a_guard_that_ignores_the_loop(monkeypatch):
    """A guard made careless is caught."""
    from edge.barrier.core import crossing, motion, signals

    for module in (signals, motion, crossing):
        monkeypatch.setattr(module, "obstructed", lambda input_state: False)
    for module in (signals, motion):
        monkeypatch.setattr(module, "unseen", lambda input_state: False)
    assert any(play(Site(seed), TURNS) for seed in range(5))


def test_the_wall_clock_moves_no_arm():
    """The guard's clock has no wall time at all in these plays; ten years of it change nothing."""
    site = Site(2)
    assert not hasattr(site.clock.now(), "wall")
    play(site, 500)
    assert site.guards.guards["x"].status().arm != Phase.UNREAD
