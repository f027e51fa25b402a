"""SIGKILL of the real service while the arm moves: the arm ends safe, the restart moves nothing
before it has looked. Judged by the simulated arm and by the bytes on the wire."""

import time
from contextlib import suppress

import pytest

from simulator.rig import OUTPUTS
from tests.support.lane_stand import Stand
from tests.support.waiting import stays, wait_for

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def stand(tmp_path_factory):
    made = Stand(tmp_path_factory.mktemp("killed"))
    made.start()
    yield made
    made.stop()


def motions(seen):
    """The frames that move an arm: a pulse or a held contact on open or close."""
    return [
        (at, pdu.hex(" "))
        for at, _, pdu in seen
        if pdu[0] == 5
        and ((pdu[1] == 2 and pdu[2] in (0, 1)) or (pdu[1] == 0 and pdu[2] in (0, 1) and pdu[3]))
    ]


def ends_safe_and_restarts_without_a_motion(stand, end):
    stand.service.kill()
    wait_for(lambda: abs(stand.at - end) < 0.01)
    # The board has ended its pulses by itself: no contact outlives its controller.
    wait_for(lambda: not any(stand.board.relays.get(OUTPUTS[n]) for n in ("open", "close")))
    assert stand.world.truth.violations == []
    stand.start()
    assert stand.boards.seen[0][2][0] == 2, "it looks first"
    wait_for(lambda: stand.barrier()["arm"] == ("open" if end else "closed"))
    stays(lambda: motions(stand.boards.seen) == [], 1.5, every=0.1)


def test_killed_while_opening_the_arm_ends_up_and_the_restart_moves_nothing(stand):
    stand.order("open")
    wait_for(lambda: 0.1 < stand.at < 0.9, every=0.01)
    ends_safe_and_restarts_without_a_motion(stand, 1.0)


def test_killed_while_open_the_arm_stays_up_and_the_restart_moves_nothing(stand):
    wait_for(lambda: stand.at == 1.0)
    ends_safe_and_restarts_without_a_motion(stand, 1.0)


def test_killed_while_closing_the_arm_comes_to_rest_and_the_restart_moves_nothing(stand):
    wait_for(lambda: stand.barrier()["arm"] == "open" and stand.barrier()["safety_loop"] is False)
    stand.order("close")
    wait_for(lambda: 0.1 < stand.at < 0.9, every=0.01)
    ends_safe_and_restarts_without_a_motion(stand, 0.0)


def test_killed_while_closing_and_restarted_over_a_vehicle_it_opens_only_when_asked(stand):
    """What came under the arm while nobody watched is seen before anything is done."""
    stand.service.kill()
    stand.world.overrides["safety_loop"] = True
    stand.start()
    assert motions(stand.boards.seen) == []
    stand.order("open")
    wait_for(lambda: stand.at == 1.0)
    body = {"lane": "out1", "action": "close", "reason": "test"}
    assert stand.service.post("/api/order", body).status_code != 200
    stand.world.overrides.clear()


@pytest.fixture(params=[{"stop": 5}, {}], ids=["stops", "opens"])
def slow(request, tmp_path):
    """A stand whose arm takes a minute to come down, so that it still does after a restart."""
    outputs = OUTPUTS | request.param
    wired = ", ".join(f"{name} = {channel}" for name, channel in outputs.items())
    times = "travel_s = 20.0\ntravel_margin_s = 20.0"
    made = Stand(tmp_path, 60.0, f"{times}\noutputs = {{ {wired} }}", outputs)
    made.world.arm.position = 1.0
    made.start()
    yield made
    made.stop()


def comes_down(stand):
    """An order to close is forgotten where a reading fails just then: a person gives it again."""
    for _ in range(9):
        stand.order("close")
        with suppress(AssertionError):
            return wait_for(lambda: stand.at < 0.97, seconds=10)
    raise AssertionError(f"the arm stays up: {stand.barrier()}")


def test_killed_while_closing_and_restarted_over_a_vehicle_the_arm_is_halted_once(slow):
    """It has looked before, and nothing else is said."""
    wait_for(lambda: slow.barrier()["arm"] == "open" and slow.barrier()["safety_loop"] is False)
    comes_down(slow)
    slow.service.kill()
    slow.world.overrides["safety_loop"] = True
    slow.start()
    wait_for(lambda: slow.at and slow.world.arm.direction >= 0)
    assert slow.at > 0.02
    time.sleep(1.5)
    halts = [pdu for _, _, pdu in slow.boards.seen if pdu[0] == 5 and pdu[1] == 2]
    assert len(halts) == 1
    looked = [n for n, (_, _, pdu) in enumerate(slow.boards.seen) if pdu[0] == 2]
    assert looked[1] < [pdu for _, _, pdu in slow.boards.seen].index(halts[0])
