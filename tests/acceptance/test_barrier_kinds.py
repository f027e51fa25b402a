"""Every kind of barrier on its real wire: a real guard opens, a vehicle passes, the arm closes."""

import time

import pytest

from edge.domain.commands import Action, Order
from edge.domain.facts import Arm, ArmMoved, VehicleCrossed
from simulator.barrier.hardware import KINDS
from simulator.bodywork import Look
from simulator.world import Driver, Vehicle
from tests.support.barrier_kinds_play import Lane
from tests.support.waiting import wait_for


@pytest.mark.parametrize("kind", KINDS)
def test_a_guard_opens_lets_one_vehicle_through_and_closes(kind, broker, tmp_path):
    with Lane(kind, broker, tmp_path) as lane:

        def why():
            return f"{lane.guard.status()} {lane.facts}"

        wait_for(lambda: lane.guard.status().arm in (Arm.CLOSED, Arm.STOPPED), why=why)
        look = Look("truck", (90, 90, 90), 1, "34A36837", "VN", "white", 1)
        vehicle = Vehicle(look, 3.0, True, Driver(patience_s=600))
        lane.world.add(vehicle)
        vehicle.front = -6.0
        wait_for(lambda: lane.guard.status().entry_loop, why=why)
        lane.guard.authorise("a1")
        wait_for(lambda: VehicleCrossed("out1", "a1") in lane.facts, why=why)
        wait_for(lambda: lane.guard.status().arm is Arm.CLOSED, why=why)
        assert lane.world.truth.violations == []
        assert lane.world.arm.position < 0.05
        # Each opening is one that is told, unless the inputs are lost: the arm is then told as
        # unknown, also where its close is given up. More than one only where failed readings have
        # turned the arm, or have hidden what became of the opening before.
        moves = [(f.arm, f.cause) for f in lane.facts if isinstance(f, ArmMoved)]
        openings = [cause for arm, cause in moves if arm is Arm.OPENING]
        lost = sum(arm is Arm.UNKNOWN for arm, _ in moves)
        assert 1 <= lane.world.arm.pulses <= len(openings) + lost, why()
        assert len(openings) <= 1 + openings.count("safety") + lost, why()


def test_the_arm_of_a_cover_turns_on_a_vehicle(broker, tmp_path):
    """The safety loop is on the bus, the arm behind the broker."""
    with Lane("cover", broker, tmp_path) as lane:

        def why():
            return f"{lane.guard.status()} {lane.facts}"

        wait_for(lambda: lane.guard.status().arm in (Arm.CLOSED, Arm.STOPPED), why=why)
        lane.guard.order(Order("1", Action.OPEN, "test", ""))
        wait_for(lambda: lane.guard.status().arm is Arm.OPEN, why=why)
        time.sleep(0.6)
        lane.guard.order(Order("2", Action.CLOSE, "test", ""))
        wait_for(lambda: lane.guard.status().arm is Arm.CLOSING, why=why)
        lane.world.overrides["safety_loop"] = True
        wait_for(lambda: lane.guard.status().arm is Arm.OPEN, why=why)
