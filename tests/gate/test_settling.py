"""A decision is done when the arm rises, never before."""

from dataclasses import replace

import pytest

from edge.domain.facts import Arm
from edge.domain.reason import Decision, Reason, Verdict
from edge.gate.settling import CHANGED_MEANWHILE, DONE, settled
from edge.lane.state import Lane
from edge.lane.table import Stage
from edge.lane.vehicle import Passage
from tests.support.builders import NOON

SEEN = Passage("p1", NOON, 0.0, version=3)
REFUSED = Decision(Verdict.REFER, Reason.BARRIER_REFUSED, "", "locked")
REJECTED = Decision(Verdict.REFUSE, Reason.REJECTED)
ADMITTED = Decision(Verdict.ALLOW, Reason.OPERATOR)


def lane(stage, **changes):
    return Lane("out1", stage, replace(SEEN, **changes))


@pytest.mark.parametrize(
    ("now", "admit", "arm", "expected"),
    [
        (lane(Stage.REFERRED), True, Arm.CLOSED, None),
        (lane(Stage.ADMITTED, version=4, decision=ADMITTED), True, Arm.CLOSED, None),
        (lane(Stage.ADMITTED, version=4, decision=ADMITTED), True, Arm.OPENING, DONE),
        (lane(Stage.ADMITTED, version=4, decision=ADMITTED), False, Arm.OPEN, CHANGED_MEANWHILE),
        (lane(Stage.CROSSING, version=4, decision=ADMITTED), True, Arm.OPEN, DONE),
        (lane(Stage.DOUBTED, version=5, decision=REFUSED), True, Arm.CLOSED, "locked"),
        (lane(Stage.REFERRED, version=4, decision=replace(REFUSED, reason=Reason.HELD)), True,
         Arm.CLOSED, CHANGED_MEANWHILE),
        (lane(Stage.REJECTED, version=4, decision=REJECTED, by="operator:anna"), False,
         Arm.CLOSED, DONE),
        (lane(Stage.REJECTED, version=4, decision=REJECTED, by="operator:binh"), True,
         Arm.CLOSED, CHANGED_MEANWHILE),
        (Lane("out1"), True, Arm.CLOSED, DONE),
        (lane(Stage.REFERRED, id="p2"), False, Arm.CLOSED, DONE),
        (lane(Stage.READING, id="p2"), True, Arm.OPEN, CHANGED_MEANWHILE),
    ],
)  # fmt: skip
def test_the_arm_and_the_lane_tell_what_became_of_a_decision(now, admit, arm, expected):
    assert settled(now, "p1", admit, 3, arm) == expected
