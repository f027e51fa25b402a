"""Random lanes on bad wires, in memory: not one unsafe frame.

The real line, board driver and guard run turn by turn on a clock that only moves when they wait. A
monitor that knows nothing of the guard judges by the bytes on the wire and the physical truth. A
million turns take minutes; the ordinary run does a part of them, the long one all.
"""

import logging

import pytest
from memory_wire import EVERY, Site

from edge.barrier.table import Phase
from simulator.barrier.bad_wires import name_of

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


@pytest.mark.parametrize("seed", range(SITES // 5))
def test_no_frame_is_unsafe_on_wires_that_change_at_random(seed):
    site = Site(seed, stop=seed % 2 == 0)
    assert play(site, TURNS) == ""


@pytest.mark.parametrize("wire", EVERY, ids=name_of)
def test_no_frame_is_unsafe_on_one_bad_wire(wire):
    site = Site(3, wires=(wire,))
    site.port.fault = wire
    assert play(site, TURNS // 4) == ""


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_million_turns_hold_no_unsafe_frame():
    closes = 0
    for seed in range(1000, 1000 + 1_000_000 // TURNS):
        site = Site(seed, stop=seed % 2 == 0)
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
    from edge.barrier import crossing, motion, signals

    for module in (signals, motion, crossing):
        monkeypatch.setattr(module, "obstructed", lambda senses: False)
    assert any(play(Site(seed), TURNS) for seed in range(5))


def test_the_wall_clock_moves_no_arm():
    """The guard's clock has no wall time at all in these plays; ten years of it change nothing."""
    site = Site(2)
    assert not hasattr(site.clock.now(), "wall")
    play(site, 500)
    assert site.guards.guards["x"].status().arm != Phase.UNREAD
