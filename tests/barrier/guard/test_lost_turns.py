"""An arm comes down, something comes under it, and the answers to what is written are lost, late,
doubled or another's: on a wire in memory, with and without a stop, serial and TCP.

Each case says when the arm no longer came down. `n` answers in a row are spoilt; a question that is
lost moves nothing either.
"""

import logging

import pytest

from edge.domain.commands import Action, Order
from tests.support.barrier.memory_wire import Site, TcpSite
from tests.support.barrier.spoilt_answers import (
    CLOSE,
    FOREIGN,
    OPEN,
    STOP,
    TIMES,
    TRAVEL_S,
    Spoilt,
    a_reading,
    doubled,
    late,
    noted,
    nothing,
)


@pytest.fixture(autouse=True)
def quietly():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def comes_down(made, stop):
    """A site whose arm has come down for 1.1 s by an order."""
    site = made(1, stop=stop, travel_s=TRAVEL_S, config=TIMES)
    site.run_until(lambda: site.guard.status().arm == "closed")
    site.order("open")
    site.run_until(lambda: site.guard.status().arm == "open")
    for _ in range(100):
        site.round()
    site.guard.order(Order("c", Action.CLOSE, "test", ""))
    site.run_until(lambda: site.lane.arm.direction < 0)
    falls_at = site.clock.mono
    site.run_until(lambda: site.clock.mono >= falls_at + 1.1)
    return site


def comes_under(made, stop, kind, n, lost, writes, after_s):
    """An arm is sent down; so long after it something comes under it. Gives the site, how long
    after that it no longer came down, how far it came, 1 open, and the pulses since."""
    site = made(1, stop=stop, travel_s=TRAVEL_S, config=TIMES)
    site.run_until(lambda: site.guard.status().arm == "closed")
    site.order("open")
    site.run_until(lambda: site.guard.status().arm == "open")
    for _ in range(100):
        site.round()
    Spoilt(site, site.port.boards[1], kind, n, lost, writes)
    site.guard.order(Order("c", Action.CLOSE, "test", ""))
    site.run_until(lambda: pulses(site, CLOSE, 0.0))
    sent_at = pulses(site, CLOSE, 0.0)[-1]
    site.run_until(lambda: site.clock.mono >= sent_at + after_s)
    site.lane.put(safety_loop=True)
    came_at, lowest = site.clock.mono, 1.0
    # A guard that was blind for too long has turned it already.
    turned = noted(site.lane) if site.lane.arm.direction < 0 else [came_at]
    while site.clock.mono < came_at + 9:
        site.round()
        lowest = min(lowest, site.lane.arm.position)
    rests = turned[0] - came_at if turned else 99.0
    return site, rests, lowest, pulses(site, OPEN, came_at)


def pulses(site, channel, since):
    return [at for at, _, pdu in site.heard if pdu[:3] == bytes((5, 2, channel)) and at >= since]


WAITED_S = {Site: 0.21, TcpSite: 0.45}
"""What each lost answer costs: waiting for it; over TCP a connection and two readings too."""


@pytest.mark.parametrize("made", [Site, TcpSite])
@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("after_s", [0.0, 0.1, 1.1, 1.9])
def test_a_turning_frame_that_is_lost_is_said_again_at_once_where_no_stop_is_wired(
    made, kind, after_s
):
    site, rests, lowest, opened = comes_under(made, False, kind, 1, True, {OPEN}, after_s)
    waits = max(0.0, 1.05 - after_s)
    assert rests < waits + WAITED_S[made] + 0.1
    assert lowest > 0.1
    assert len(opened) == 2
    assert site.monitor.unsafe == []


@pytest.mark.parametrize("made", [Site, TcpSite])
@pytest.mark.parametrize("kind", [*FOREIGN, late, doubled])
def test_one_of_which_only_the_answer_is_lost_holds_the_same_contact_and_is_no_second_pulse(
    made, kind
):
    site, rests, lowest, opened = comes_under(made, False, kind, 1, False, {OPEN}, 1.1)
    assert rests < 0.1
    assert lowest > 0.5
    twice_answered = kind is doubled and made is TcpSite
    assert len(opened) == (1 if twice_answered else 2)
    assert site.lane.arm.pulses == 2, "the opening of before, and this one"


@pytest.mark.parametrize(
    ("made", "n"), [(m, n) for m in (Site, TcpSite) for n in (1, 2, 3)] + [(Site, 4)]
)
def test_so_many_lost_turning_frames_cost_so_much(made, n):
    """docs/barrier.md says these figures."""
    _, rests, lowest, _ = comes_under(made, False, nothing, n, True, {OPEN}, 1.0)
    print(f"{n} lost, {made.__name__}: {rests:.2f} s, {lowest:.2f}")
    assert rests < 0.1 + n * WAITED_S[made]
    assert lowest > 0.2


@pytest.mark.parametrize("made", [Site, TcpSite])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_with_a_stop_it_stands_until_it_is_opened(made, n):
    _, rests, lowest, _ = comes_under(made, True, nothing, n, True, {OPEN, STOP}, 1.1)
    assert rests < 0.1 + n * WAITED_S[made]
    assert lowest > 0.1


@pytest.mark.parametrize("made", [Site, TcpSite])
@pytest.mark.parametrize("stop", [True, False], ids=["stops", "opens"])
@pytest.mark.parametrize("kind", [nothing, a_reading, late])
@pytest.mark.parametrize("writes", [{CLOSE}, {"release"}], ids=["close", "release"])
def test_what_is_lost_of_the_closing_or_of_a_release_keeps_no_arm_from_turning(
    made, stop, kind, writes
):
    """Its answer is bad, so nothing is read for a quiet gap, in which somebody comes."""
    _, rests, lowest, _ = comes_under(made, stop, kind, 1, False, writes, 0.1)
    assert rests < 1.8
    assert lowest > 0.4


def test_a_wire_that_is_whole_needs_one_frame():
    site, rests, _, opened = comes_under(Site, False, nothing, 0, False, {OPEN}, 1.1)
    assert rests < 0.06
    assert len(opened) == 1
    assert site.lane.arm.pulses == 2


@pytest.mark.parametrize("made", [Site, TcpSite])
@pytest.mark.parametrize("stop", [True, False], ids=["stops", "opens"])
@pytest.mark.parametrize("n", [0, 1, 3])
@pytest.mark.parametrize("ordered_s", [0.05, 0.3])
def test_an_ordered_stop_outlives_the_passage_of_who_stood_under_the_arm(made, stop, n, ordered_s):
    """While the turning frames are said again nothing is read, and he is seen anew."""
    site = comes_down(made, stop)
    Spoilt(site, site.port.boards[1], nothing, n, True, {OPEN})
    site.lane.put(safety_loop=True)
    came_at, ordered = site.clock.mono, False
    while site.clock.mono < came_at + 12:
        if not ordered and site.clock.mono > came_at + ordered_s:
            site.guard.order(Order("s", Action.STOP, "test", ""))
            ordered = True
        if site.clock.mono > came_at + 4:
            site.lane.put(safety_loop=False)
        site.round()
    assert pulses(site, CLOSE, came_at) == []
    assert site.monitor.unsafe == []


@pytest.mark.parametrize("made", [Site, TcpSite])
@pytest.mark.parametrize("stop", [True, False], ids=["stops", "opens"])
@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_service_that_ends_leaves_no_arm_coming_down_though_what_halts_it_is_lost(made, stop, n):
    """Over TCP the connection goes with the lost answer."""
    site = made(1, stop=stop, travel_s=TRAVEL_S, config=TIMES)
    site.run_until(lambda: site.guard.status().arm == "closed")
    site.order("open")
    site.run_until(lambda: site.guard.status().arm == "open")
    Spoilt(site, site.port.boards[1], nothing, n, True, {OPEN, STOP})
    site.guard.order(Order("c", Action.CLOSE, "test", ""))
    site.run_until(lambda: site.lane.arm.direction < 0)
    falls_at = site.clock.mono
    site.run_until(lambda: site.clock.mono >= falls_at + 1.1)

    def sleep(seconds):
        site.port.forward(site.clock.mono + seconds)
        site.lane.arm.move(site.clock.mono)

    site.guards.leave(sleep)
    assert site.lane.arm.direction >= 0
    assert site.lane.arm.position > 0.3


def test_a_service_that_ends_waits_for_no_wire_where_no_arm_comes_down():
    site = TcpSite(1, stop=False, travel_s=TRAVEL_S, config=TIMES)
    site.run_until(lambda: site.guard.status().arm == "closed")
    site.unplug(60.0)
    for _ in range(20):
        site.round()
    ends_at = site.clock.mono
    site.guards.leave(lambda seconds: site.port.forward(site.clock.mono + seconds))
    assert site.clock.mono - ends_at < 0.1
