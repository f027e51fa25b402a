"""PURE. From facts to cues: what the lane concludes from what it is told, by identity and decision.

`from_fact` tells what the fact itself means for the passage under way; `assess` what must be said
of who stands there now, fact or none: it is asked after every fact, and until it has nothing new.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge.domain.conditions import usable
from edge.domain.decision import decide
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
from edge.domain.mode import LaneMode, by_mode
from edge.domain.question import Vehicle
from edge.domain.reason import Decision, Reason, Verdict
from edge.domain.second_key import with_key
from edge.lane.identity import (
    Sighting,
    Who,
    also_read,
    candidates,
    followers,
    identify,
    noted,
    own_trailers,
)
from edge.lane.presence import (
    ADMITTED,
    FOLLOWS_S,
    LOOP_FREE_S,
    STAND,
    backed_off,
    comes_again,
    counted_already,
    counted_twice,
    crossed_beside,
    goes_unfelt,
    half_way,
    kept_in_sight,
    left,
    passed_perhaps,
    shown_to_be_another,
    slipped_past,
    stands_no_more,
    stays,
    stood_behind,
    swapped,
    timed_out_unseen,
    unfelt,
)
from edge.lane.state import Context, Lane, LaneState, Passage, Track
from edge.lane.views import other_end, shown_by
from edge.lane.vocabulary import Cue, Stage

ARM_FREE_S = 6.0
"""Seconds with both loops free after which whoever was under the arm is gone, where the guard does
not tell: longer than a drawbar may leave them free."""

PERHAPS_PASSED = frozenset(
    {Stage.RESUMING_ADMITTED, Stage.RESUMING_STANDING, Stage.RESUMING_REJECTED}
)
"""Whoever stood there has passed, perhaps, where the arm is up after a start."""

MAY_BE_HALF_WAY = frozenset(
    {Stage.RESUMING_ADMITTED, Stage.RESUMING_CROSSING, Stage.RESUMING_UNADMITTED}
)
"""Whoever was on his way through, or free to go, before a start."""

MAY_BE_FOLLOWED = frozenset(
    {Stage.CROSSING, Stage.CROSSING_FOLLOWED, Stage.CROSSING_UNFELT, Stage.CROSSING_RESUMED}
)
"""An admitted vehicle is under the arm, and another may drive up behind it."""

UNDER_ARM = MAY_BE_FOLLOWED | {Stage.CROSSING_UNADMITTED, Stage.TAILGATING}
"""Somebody is under the arm, and whoever is read behind him may follow."""

UNTOLD_BY_GUARD = frozenset({Stage.CROSSING_UNFELT, Stage.CROSSING_RESUMED})
"""Of whose end the guard may not tell."""

BY_THE_CLOCK = frozenset(
    {
        Reason.ASSIGNMENTS_STALE,
        Reason.CLOCK_UNTRUSTED,
        Reason.EXPIRED,
        Reason.NOT_YET_VALID,
    }
)
"""What time alone leads to, and a clock that is set."""

MAY_COME_YET = frozenset(
    {
        Reason.UNREAD,
        Reason.UNSURE_READING,
        Reason.SECOND_CANDIDATE,
        Reason.SECOND_READER_DIFFERS,
        Reason.TRAILER_ALONE,
        Reason.TRACTOR_UNSURE,
    }
)
"""What another picture may settle, so it has its time first."""


UP = frozenset({Arm.OPENING, Arm.OPEN, Arm.CLOSING, Arm.STOPPED})
"""The arm as it was when the service went: somebody may have passed under it."""

BACKED_OFF = "backed_off"
"""Why a vehicle is gone, as the guard has seen it."""

CAME_AGAIN = "came_again"
"""Why it is read anew: it has left the entry loop, and the loop is occupied again."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A cue with what comes with it. `decision` and `by`: for DECIDE; `plate`: a person's
    correction; `vehicles`: how many went through; `why` a vehicle is gone, as receivers know it;
    `of`: the passage that it found under way; `track`: who passed beside it, or whom the camera
    alone tells of."""

    cue: Cue
    decision: Decision | None = None
    by: str = "gate"
    plate: str = ""
    vehicles: int = 1
    why: str = ""
    of: Passage | None = None
    track: Track | None = None


# --- what a fact means ---


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
    several = fact.vehicles > 1
    return Sign(Cue.CROSSED_SEVERAL if several else Cue.CROSSED, vehicles=fact.vehicles)


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


# --- how things stand ---


def _pictured(lane: Lane) -> Lane:
    """With what is kept of the vehicle under the arm since it drove there."""
    if lane.passage is None:
        return lane
    shown = shown_by(lane.passage, lane.tracks.values())
    return replace(lane, passage=replace(lane.passage, evidence=shown))


def assess(lane: Lane, context: Context) -> tuple[Lane, Sign | None, Sighting | None]:
    """The lane with what is seen taken up, and the cue of how it stands."""
    if lane.stage is Stage.BEHIND:
        return _behind(lane, context)
    since = context.now.mono if lane.arm_free_since is None else lane.arm_free_since
    if lane.stage in UNTOLD_BY_GUARD and context.now.mono - since >= ARM_FREE_S:
        # The guard has not seen who was under the arm, and will not tell.
        return lane, Sign(Cue.FOUND_GONE_ARM_UP), None
    if lane.stage in UNDER_ARM and lane.passage is not None:
        read = own_trailers(lane, context.book)
        lane = replace(lane, passage=also_read(lane.passage, *read))
        lane = replace(lane, noted=noted(lane))
    if lane.stage in MAY_BE_FOLLOWED:
        seen = lane.follower is None and followers(lane)
        if lane.passage is not None and lane.passage.track:
            read = other_end(lane.passage, lane.tracks.values())
            lane = replace(lane, passage=also_read(lane.passage, *read))
        return _pictured(lane), Sign(Cue.FOLLOWED) if seen else None, None
    there = candidates(lane)
    if lane.stage is Stage.EMPTY:
        # What is first seen from behind is one that leaves.
        ahead = [t for t in there if t.sees != "rear" or not t.camera]
        come = lane.present or (not context.policy.needs_loop and bool(ahead))
        alone = None if come else unfelt(lane, context)
        return lane, Sign(Cue.ARRIVED, track=alone) if come or alone else None, None
    if lane.stage not in STAND:
        return _pictured(lane), None, None
    assert lane.passage is not None
    if goes_unfelt(lane, context):
        return lane, Sign(Cue.ENTERED_UNFELT), None
    if stands_no_more(lane, bool(there), context):
        return replace(lane, present=False), Sign(left(lane, context), why="left"), None
    passage = stood_behind(lane.passage, lane, context)
    sighting = identify(passage, there, context.book)
    if lane.stage is Stage.LET_IN and sighting.who is Who.CHANGED:
        # A person let in the vehicle with the plate that he saw; what else is read is kept beside.
        sighting = Sighting(sighting.who, also_read(lane.passage, sighting.passage.view))
    lane = replace(lane, passage=sighting.passage)
    doubt = _DOUBTS.get(sighting.who)
    if doubt is not None:
        cue, reason = doubt
        cue = swapped(lane) if cue is Cue.SWAPPED else cue
        return lane, Sign(cue, Decision(Verdict.REFER, reason), why=cue.value), sighting
    return lane, _decided(lane, sighting, context), sighting


_DOUBTS = {
    Who.CHANGED: (Cue.CHANGED, Reason.READING_CHANGED),
    Who.SEVERAL: (Cue.SEVERAL, Reason.SEVERAL_VEHICLES),
    Who.SWAPPED: (Cue.SWAPPED, Reason.ANOTHER_VEHICLE),
    Who.ANOTHER: (Cue.ANOTHER, Reason.ANOTHER_VEHICLE),
}


def _behind(lane: Lane, context: Context) -> tuple[Lane, Sign | None, None]:
    """Whether the one behind the first still stands there: the loop tells, or the camera."""
    passage, loop = lane.passage, context.entry_loop
    assert passage is not None
    track = lane.tracks.get(passage.track)
    if context.policy.needs_loop and loop:
        return replace(lane, present=True), Sign(Cue.STANDS), None
    if track is not None and not track.at_barrier:
        return replace(lane, present=False), Sign(Cue.LEFT, why="left"), None
    if track is not None:
        stays = loop is None and context.now.mono >= passage.read_by
        return lane, Sign(Cue.STANDS) if stays else None, None
    if context.policy.needs_loop and loop is None and lane.present:
        # The loop told of it, and is not heard now.
        return lane, None, None
    if context.now.mono - (passage.read_by - context.policy.read_wait_s) < FOLLOWS_S:
        # It may be under the arm at this moment; the guard says so then.
        return lane, None, None
    return replace(lane, present=False), Sign(Cue.GONE_WITH_FIRST), None


def _decided(lane: Lane, sighting: Sighting, context: Context) -> Sign | None:
    """What reading, list and policy say; nothing where they say no more than before."""
    passage = lane.passage
    assert passage is not None
    if context.list_failed:
        return None
    now = context.now
    main = passage.view.text if passage.view else ""
    journey = context.journeys.get(main)
    vehicle = Vehicle(passage.kind, (journey,) if journey else (), context.clock_trusted)
    policy, book = context.policy, context.book
    decision = decide(sighting.reads, vehicle, book, policy, now.wall)
    undecided = lane.stage in (Stage.READING, Stage.REREADING)
    early = undecided and decision.reason in MAY_COME_YET and now.mono < passage.read_by
    if not early:
        # A plate that may be read yet has its time before a code stands for it.
        codes = (passage.code, passage.other_code)
        decision = with_key(decision, codes, sighting.reads, vehicle, book, policy, now.wall)
    decision = by_mode(decision, policy.mode)
    nobody = policy.needs_loop and context.entry_loop is False
    if nobody and decision.verdict is Verdict.ALLOW and lane.stage is not Stage.ADMITTED:
        since = now.mono if lane.loop_free_since is None else lane.loop_free_since
        if now.mono - since < LOOP_FREE_S or policy.mode is not LaneMode.AUTOMATIC:
            # It drives off: the guard will say so, and the arm does not open for nobody meanwhile.
            return None
        decision = replace(decision, verdict=Verdict.REFER, reason=Reason.NOT_FELT)
    if decision == passage.decision:
        return None
    enters = lane.stage is Stage.ADMITTED and context.safety_loop is True and lane.arm_up
    if enters and decision.reason in BY_THE_CLOCK:
        # The guard says so in a moment, and then it comes too late.
        return None
    if early and decision.reason in MAY_COME_YET:
        return None
    allowed = decision.verdict is Verdict.ALLOW
    if allowed and shown_to_be_another(passage, "", decision.assignment):
        return Sign(Cue.SWAPPED_UNSEEN, why=Cue.SWAPPED_UNSEEN.value)
    return Sign(_CUES[decision.verdict], decision)


_CUES = {
    Verdict.ALLOW: Cue.ALLOWED,
    Verdict.REFUSE: Cue.REFUSED,
    Verdict.REFER: Cue.REFERRED,
}
