"""A guard that only listens, beside another controller on the same arm, over a real board."""

from types import SimpleNamespace

import pytest

from edge.barrier.boards import registry
from edge.barrier.port import Stance
from edge.domain.commands import Action, Order
from edge.domain.facts import (
    Arm,
    ArmMoved,
    GuardAlarm,
    RequestHandled,
    VehicleCrossed,
    VehicleEntered,
)
from edge.system.clock import SystemClock
from tests.support.barrier_kinds_play import Lane
from tests.support.waiting import wait_for

NOBODY = SimpleNamespace(host="127.0.0.1", port=9)
WRITES = (5, 6, 15, 16)
"""Functions of Modbus that change an output."""


class Beside(Lane):
    """`foreign` drives the arm as the other controller does; `written`: what ours wrote."""

    def __init__(self, folder, stance, arm_s=1.0):
        super().__init__("serial", NOBODY, folder, arm_s)
        self.guard.stand(stance)

    def foreign(self, output):
        self.world.drive(output, True)
        self.world.drive(output, False)

    @property
    def written(self):
        return [pdu for _, _, pdu in self.bus.seen if pdu[0] in WRITES]

    def until(self, arm):
        wait_for(lambda: self.guard.status().arm is arm)

    def put(self, **inputs):
        self.world.overrides.update(inputs)

    def told(self, kind):
        wait_for(
            lambda: any(isinstance(fact, kind) for fact in self.facts), 60, why=lambda: self.facts
        )

    def a_vehicle_passes(self):
        """Under the arm that the other has opened, which closes it behind."""
        self.facts.clear()
        self.foreign("open")
        self.put(entry_loop=True)
        self.until(Arm.OPEN)
        wait_for(lambda: self.guard.status().entry_loop)
        self.put(safety_loop=True, photocell=True)
        # As long as a vehicle stands there: a glitch counts nobody.
        self.told(VehicleEntered)
        self.put(entry_loop=False)
        wait_for(lambda: self.guard.status().entry_loop is False)
        self.put(safety_loop=False, photocell=False)
        self.told(VehicleCrossed)
        # The arm stays as the other has it, and so it is told.
        assert self.guard.status().arm is Arm.OPEN
        self.foreign("close")
        self.until(Arm.CLOSED)


def test_nothing_is_written_beside_another_controller_also_after_a_restart(tmp_path):
    with Beside(tmp_path, Stance.LISTENS) as lane:
        for start in range(2):
            if start:
                lane.guards.stop()
                lane.facts = []
                lane.guards = registry.build(lane.settings, SystemClock())
                lane.guard = lane.guards.guard("out1")
                lane.guard.stand(Stance.LISTENS)
                lane.guards.start(lane.facts.append)
            wait_for(lambda: lane.guard.status().wire_ok)
            lane.a_vehicle_passes()
            assert VehicleEntered("out1", None) in lane.facts
            for action in Action:
                lane.guard.order(Order(f"o-{action}", action, "test", ""))
            lane.guard.authorise("p1")
            wait_for(lambda: sum(isinstance(f, RequestHandled) for f in lane.facts) == 10)
            handled = [f for f in lane.facts if isinstance(f, RequestHandled)]
            assert {(f.outcome, f.why) for f in handled} == {
                ("refused", "another controller moves this arm")
            }
            # The other closes on somebody: its own safety is not ours.
            lane.foreign("open")
            lane.until(Arm.OPEN)
            lane.foreign("close")
            lane.put(safety_loop=True)
            wait_for(lambda: lane.guard.status().safety_loop)
            wait_for(lambda: lane.guard.status().limit_closed)
            lane.put(safety_loop=False)
        lane.guards.stop()
        assert lane.written == []
        assert [f for f in lane.facts if isinstance(f, GuardAlarm) and f.code == "left_open"] == []
        assert [f for f in lane.facts if isinstance(f, GuardAlarm) and "itself" in f.code] == []


def test_the_same_guard_writes_as_soon_as_it_keeps_the_arm(tmp_path):
    with Beside(tmp_path, Stance.LISTENS) as lane:
        wait_for(lambda: lane.guard.status().wire_ok)
        assert lane.written == []
        lane.guard.stand(Stance.KEEPS)
        wait_for(lambda: lane.written)
        lane.guard.order(Order("o1", Action.OPEN, "test", ""))
        lane.until(Arm.OPEN)


def test_what_it_has_sent_down_is_watched_to_its_end_before_it_only_listens(tmp_path):
    with Beside(tmp_path, Stance.KEEPS, arm_s=5.0) as lane:
        wait_for(lambda: lane.guard.status().wire_ok)
        lane.guard.order(Order("o1", Action.OPEN, "test", ""))
        lane.until(Arm.OPEN)
        lane.guard.order(Order("o2", Action.CLOSE, "test", ""))
        lane.until(Arm.CLOSING)
        lane.guard.stand(Stance.LISTENS)
        lane.put(safety_loop=True)
        lane.until(Arm.OPEN)
        lane.put(safety_loop=False)
        wait_for(
            lambda: (
                lane.guard.order(Order("o3", Action.CLOSE, "test", ""))
                or any(
                    isinstance(f, RequestHandled) and f.why == "another controller moves this arm"
                    for f in lane.facts
                )
            )
        )


def test_free_flow_raises_the_arm_and_holds_it(tmp_path):
    with Beside(tmp_path, Stance.HOLDS_OPEN) as lane:
        lane.until(Arm.OPEN)
        lane.guard.order(Order("o1", Action.CLOSE, "test", ""))
        wait_for(lambda: any(isinstance(f, RequestHandled) for f in lane.facts))
        (answer,) = [f for f in lane.facts if isinstance(f, RequestHandled)]
        assert (answer.outcome, answer.why) == ("refused", "held open; release it first")
        lane.guard.stand(Stance.KEEPS)
        wait_for(lambda: not lane.guard.status().held_open)
        assert lane.guard.status().arm is Arm.OPEN


pytestmark = pytest.mark.timeout(600)


def test_it_goes_on_seeing_who_passes_after_the_other_has_closed_on_somebody(tmp_path):
    """What it would have done about it was not done, and fails as nothing of ours."""
    with Beside(tmp_path, Stance.LISTENS) as lane:
        wait_for(lambda: lane.guard.status().wire_ok)
        for _ in range(2):
            lane.foreign("open")
            lane.until(Arm.OPEN)
            lane.foreign("close")
            wait_for(lambda: lane.guard.status().limit_open is False)
            lane.put(safety_loop=True)
            lane.until(Arm.CLOSED)
            lane.put(safety_loop=False)
            lane.a_vehicle_passes()
            assert lane.guard.status().in_service
        moved = [fact.arm for fact in lane.facts if isinstance(fact, ArmMoved)]
        assert not {Arm.OPENING, Arm.CLOSING} & set(moved)
        assert lane.written == []
