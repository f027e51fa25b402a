"""PURE. From a fact to a cue: what the fact itself means for the passage under way."""

from __future__ import annotations

from edge.domain.conditions import usable
from edge.domain.facts import (
    Arm,
    BarrierFirstSeen,
    Fact,
    OperatorDecided,
    RequestHandled,
    TailgateSeen,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.domain.mode import LaneMode
from edge.domain.reason import Decision, Reason, Verdict
from edge.lane.cues import UNTOLD_BY_GUARD
from edge.lane.presence import (
    ADMITTED,
    STAND,
    backed_off,
    comes_again,
    counted_already,
    counted_twice,
    crossed_beside,
    half_way,
    kept_in_sight,
    passed_between,
    passed_perhaps,
    shown_to_be_another,
    slipped_past,
    stays,
    timed_out_unseen,
)
from edge.lane.sign import BACKED_OFF, CAME_AGAIN, Sign
from edge.lane.state import Context, Lane, LaneState
from edge.lane.vehicle import Passage
from edge.lane.vocabulary import Cue, Stage

PERHAPS_PASSED = frozenset(
    {Stage.RESUMING_ADMITTED, Stage.RESUMING_STANDING, Stage.RESUMING_REJECTED}
)
"""Whoever stood there has passed, perhaps, where the arm is up after a start."""

MAY_BE_HALF_WAY = frozenset(
    {Stage.RESUMING_ADMITTED, Stage.RESUMING_CROSSING, Stage.RESUMING_UNADMITTED}
)
"""Whoever was on his way through, or free to go, before a start."""

UP = frozenset({Arm.OPENING, Arm.OPEN, Arm.CLOSING, Arm.STOPPED})
"""The arm as it was when the service went: somebody may have passed under it."""


def from_fact(lane: Lane, fact: Fact, context: Context) -> Sign | None:
    """The cue of a fact itself; None where it only says how things stand."""
    match fact:
        case VehicleArrived() if comes_again(lane):
            another = Decision(Verdict.REFER, Reason.ANOTHER_VEHICLE)
            return Sign(Cue.ANOTHER, another, why=CAME_AGAIN)
        case VehicleArrived():
            return Sign(Cue.ARRIVED)
        case VehicleBackedOff():
            cue = backed_off(lane, context)
            return Sign(cue, why=BACKED_OFF) if cue else None
        case VehicleLost():
            track = slipped_past(lane, fact, context)
            return Sign(Cue.SLIPPED_PAST, track=track) if track else None
        case VehicleEntered(authorisation=None) if lane.found or counted_already(lane, context):
            return None
        case VehicleEntered():
            mine = _mine(lane, fact.authorisation) or _let_by_another(lane, context)
            return Sign(Cue.ENTERED if mine else Cue.ENTERED_UNADMITTED)
        case VehicleCrossed():
            return None if counted_twice(lane, context) else _crossed(lane, fact, context)
        case TailgateSeen() if lane.passage is not None and lane.passage.taken_back:
            # The arm was up for himself: he is the one who passes unadmitted.
            return None
        case TailgateSeen():
            return Sign(Cue.TAILGATED)
        case RequestHandled():
            return _handled(lane, fact, context)
        case OperatorDecided():
            return _person(lane, fact, context)
        case BarrierFirstSeen():
            return _found(lane, fact, context)
        case _:
            return None


def _mine(lane: Lane, authorisation: str | None) -> bool:
    return lane.passage is not None and authorisation == lane.passage.id


def _let_by_another(lane: Lane, context: Context) -> bool:
    """Beside another controller: who is admitted goes under an arm that we have not opened."""
    return context.policy.mode is LaneMode.SHADOW and lane.stage in ADMITTED


def _crossed(lane: Lane, fact: VehicleCrossed, context: Context) -> Sign:
    if fact.backwards:
        return Sign(Cue.WRONG_WAY)
    if crossed_beside(lane, context):
        return Sign(Cue.CROSSED_BESIDE, why="another_passed")
    if not _mine(lane, fact.authorisation):
        return Sign(Cue.CROSSED_UNADMITTED)
    vehicles = max(fact.vehicles, 1 + passed_between(lane))
    return Sign(Cue.CROSSED_SEVERAL if vehicles > 1 else Cue.CROSSED, vehicles=vehicles)


def _handled(lane: Lane, fact: RequestHandled, context: Context) -> Sign | None:
    """The guard could not carry out an authorisation."""
    if not _mine(lane, fact.request) or fact.outcome != "refused":
        return None
    if fact.why != Reason.ENTRY_TIMEOUT:
        refused = Decision(Verdict.REFER, Reason.BARRIER_REFUSED, "", fact.why)
        return Sign(Cue.BARRIER_REFUSED, refused)
    unused = Decision(Verdict.REFER, Reason.ENTRY_TIMEOUT)
    if timed_out_unseen(lane, context):
        way = half_way(lane, context.exit_loop, context.now.mono)
        return Sign(Cue.ENTERED_UNFELT if way else Cue.TIMEOUT_UNSEEN, unused, why=str(fact.why))
    if context.policy.needs_loop and not lane.present and not stays(lane):
        return Sign(Cue.TIMEOUT_GONE, why=str(fact.why))
    return Sign(Cue.ENTRY_TIMEOUT, unused)


def _found(lane: Lane, fact: BarrierFirstSeen, context: Context) -> Sign | None:
    """What the first look shows after a start, or since nothing was read; None: that is to be seen.
    Where no entry loop tells, an arm that is up has let an admitted vehicle through, as far as
    anybody knows; where one tells of somebody, that is he only if the camera has not lost him
    meanwhile. Whoever is on the exit loop may be half way yet, and his rear on the entry loop. An
    arm that was up when the service went may have come down behind somebody."""
    up = fact.arm not in (Arm.CLOSED, Arm.FAULT, Arm.OUT_OF_SERVICE)
    resumed = Decision(Verdict.REFER, Reason.RESUMED)
    if fact.safety_loop:
        return Sign(Cue.FOUND_UNDER_ARM, resumed)
    on_admission = lane.stage in (Stage.RESUMING_ADMITTED, Stage.RESUMING_CROSSING)
    there = fact.entry_loop or (fact.entry_loop is None and not (up and on_admission))
    gone = not there and lane.stage in PERHAPS_PASSED | STAND | UNTOLD_BY_GUARD
    passes = gone or lane.stage in MAY_BE_HALF_WAY
    if up and passes and half_way(lane, fact.exit_loop, context.now.mono):
        return None
    if up and lane.stage in ADMITTED:
        there = fact.entry_loop is not False and kept_in_sight(lane)
    was_up = up or fact.arm_before in UP
    if there and was_up and lane.stage in PERHAPS_PASSED:
        return Sign(Cue.FOUND_STANDING_ARM_UP, resumed)
    if there:
        return Sign(Cue.FOUND_STANDING, resumed)
    cue = Cue.FOUND_GONE_ARM_UP if was_up else Cue.FOUND_GONE_ARM_DOWN
    if lane.stage in STAND and passed_perhaps(lane):
        cue = Cue.GONE_UNSEEN
    return Sign(cue, why="left_during_restart")


def _person(lane: Lane, fact: OperatorDecided, context: Context) -> Sign | None:
    """A person's word for the vehicle that he saw, as he saw it."""
    passage = lane.passage
    if passage is None or lane.state is not LaneState.WAITING or passage.id != fact.passage:
        return None
    if fact.version is not None and fact.version != passage.version:
        return None
    by = f"operator:{fact.user}"
    if not fact.admit:
        no = Decision(Verdict.REFUSE, Reason.REJECTED)
        return Sign(Cue.PERSON_REJECTS, no, by, fact.plate)
    if context.policy.mode is LaneMode.CLOSED:
        return None
    if shown_to_be_another(passage, fact.plate, ""):
        # He saw the other; of that one he is asked.
        return Sign(Cue.SWAPPED_UNSEEN, why=Cue.SWAPPED_UNSEEN.value)
    fitting = choices(passage, context, fact.plate)
    if fact.assignment:
        fitting = tuple(id for id in fitting if id == fact.assignment) or fitting
    if len(fitting) > 1 or (fact.assignment and fact.assignment not in fitting):
        which = Decision(Verdict.REFER, Reason.SEVERAL_ASSIGNMENTS, "", ", ".join(fitting))
        return Sign(Cue.PERSON_MUST_CHOOSE, which)
    yes = Decision(Verdict.ALLOW, Reason.OPERATOR, fitting[0] if fitting else "")
    return Sign(Cue.PERSON_ADMITS, yes, by, fact.plate)


def choices(passage: Passage, context: Context, plate: str = "") -> tuple[str, ...]:
    """The assignments on which a person may let the vehicle pass, here and now."""
    plate = plate or passage.named
    naming = context.book.for_vehicle({plate, *passage.trailer_texts} - {""}) if plate else ()
    naming = naming or (context.book.for_plate(plate) if plate else ())
    now = context.now.wall
    return tuple(a.assignment_id for a in naming if usable(a, context.policy, now))
