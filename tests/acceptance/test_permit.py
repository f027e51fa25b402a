"""The service killed and stopped at random instants of real closings, with the permit in series to
the barrier's close: the arm and the relays of the board are the judges."""

import random
import time

import pytest

from simulator.rig import OUTPUTS
from tests.support.lane_stand import Stand
from tests.support.waiting import stays, wait_for

pytestmark = pytest.mark.timeout(1800)

PERMIT_S = 1.0
TRAVEL_S = 6.0
RELAYS = OUTPUTS | {"stop": 5, "permit": 6}

LATE_S = 0.7
"""So late the twin, or this test, may be on a busy computer; the run-out of the arm is in it."""


@pytest.fixture(scope="module")
def stand(tmp_path_factory):
    wired = ", ".join(f"{name} = {channel}" for name, channel in RELAYS.items())
    lines = f"travel_s = {TRAVEL_S + 1}\noutputs = {{ {wired} }}\npermit_s = {PERMIT_S}"
    made = Stand(tmp_path_factory.mktemp("permit"), TRAVEL_S, lines, RELAYS)
    made.start()
    yield made
    made.stop()


def comes_down(stand):
    """The arm now, its run-out included."""
    stand.world.step()
    return stand.world.arm.closing


TRIES = 5
"""On a crowded computer a reading may fail, and the guard turns a closing arm as it must; or the
permit lapses before it is renewed, and the arm stands."""


def closing(stand, rng):
    """The arm is up, and has been sent down; some random time later it still comes down."""
    for _ in range(TRIES):
        if sent_down(stand, rng):
            return
        wait_for(lambda: stand.barrier()["arm"] != "closing")
    raise AssertionError(f"turned, or without its permit, {TRIES} times: {stand.alarms()}")


def sent_down(stand, rng):
    """Whether it comes down, by its permit, at some random instant after it was sent down."""
    if stand.barrier()["arm"] != "open":
        stand.order("open")
    wait_for(lambda: opened(stand))
    wait_for(lambda: (comes_down(stand) and stand.at < 1.0) or ordered_down(stand), every=0.05)
    time.sleep(rng.uniform(0.0, 0.6 * TRAVEL_S))
    return comes_down(stand) and stand.board.relays[RELAYS["permit"]]


def opened(stand):
    """Whether it is up; ordered anew where it came down behind the vehicle of before."""
    arm = stand.barrier()["arm"]
    if arm == "closed":
        stand.order("open")
    return arm == "open"


def ordered_down(stand):
    """Said again where a failed reading has ended the order before; false."""
    if stand.barrier()["arm"] == "open":
        stand.service.post("/api/order", ORDER)
    return False


ORDER = {"lane": "out1", "action": "close", "reason": "test"}


def killed(stand, rng):
    closing(stand, rng)
    stand.service.kill()
    at = time.monotonic()
    wait_for(lambda: not comes_down(stand), every=0.005)
    took = time.monotonic() - at
    assert took < PERMIT_S + LATE_S
    rested = stand.at
    # A vehicle that comes later than the pulse finds an arm that stands.
    stand.world.overrides["safety_loop"] = True
    stays(lambda: stand.at == rested, 0.2)
    stand.start()
    wait_for(lambda: stand.at == rested or stand.world.arm.direction >= 0)
    stand.world.overrides.clear()
    wait_for(lambda: stand.barrier()["safety_loop"] is False)
    return rested


def terminated(stand, rng):
    """SIGTERM, and in the same moment something comes under the arm: it never comes down on it."""
    closing(stand, rng)
    stand.world.overrides["safety_loop"] = True
    stand.service.stop()
    assert not comes_down(stand)
    came_to = stand.at
    assert came_to > 0.0
    stays(lambda: not comes_down(stand) and stand.at >= came_to, PERMIT_S)
    stand.world.overrides.clear()
    stand.start()


def test_after_sigkill_the_close_is_cut_within_one_pulse(stand):
    rng = random.Random(13)
    assert max([killed(stand, rng) for _ in range(3)]) > 0.0


def test_after_sigterm_the_arm_does_not_come_down(stand):
    rng = random.Random(14)
    for _ in range(2):
        terminated(stand, rng)


@pytest.mark.long
def test_after_sigkill_and_sigterm_at_fifty_instants_the_same(stand):
    rng = random.Random(15)
    for _ in range(50):
        killed(stand, rng)
        terminated(stand, rng)


def test_a_whole_closing_with_its_permit_comes_down_and_gives_it_back(stand):
    if stand.barrier()["arm"] != "open":
        stand.order("open")
    wait_for(lambda: opened(stand))
    wait_for(lambda: stand.barrier()["arm"] == "closed" or ordered_down(stand), every=0.2)
    wait_for(lambda: not stand.board.relays[RELAYS["permit"]], PERMIT_S + LATE_S)
    assert stand.at < 0.02, "within reach of its lower switch"
