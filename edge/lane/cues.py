"""PURE. From what is seen to cues: what must be said of who stands there now.

`assess` asks identity and decision, after every fact and until they have nothing new; what the fact
itself means stands in from_facts.py.
"""

from __future__ import annotations

from dataclasses import replace

from edge.domain.decision import decide
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
    comes_unnamed,
    goes_unfelt,
    left,
    of_before,
    shown_to_be_another,
    slipped_ahead,
    stands_no_more,
    stood_behind,
    swapped,
    unfelt,
)
from edge.lane.sign import Sign
from edge.lane.state import Context, Lane
from edge.lane.views import other_end, shown_by
from edge.lane.vocabulary import Cue, Stage

ARM_FREE_S = 6.0
"""Seconds with both loops free after which whoever was under the arm is gone, where the guard does
not tell: longer than a drawbar may leave them free."""

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
        Reason.TRAILER_UNREAD,
        Reason.TRACTOR_UNSURE,
    }
)
"""What another picture may settle, so it has its time first."""


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
    if slipped_ahead(lane):
        return lane, Sign(Cue.SLIPPED_BY), None
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
    if context.list_failed or comes_unnamed(lane, context):
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
    new = decision.verdict is Verdict.ALLOW and lane.stage not in ADMITTED
    if new and policy.mode is LaneMode.AUTOMATIC and of_before(lane, passage):
        if now.mono < passage.read_by:
            return None
        decision = replace(decision, verdict=Verdict.REFER, reason=Reason.ANOTHER_VEHICLE)
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
