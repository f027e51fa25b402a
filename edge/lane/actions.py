"""PURE. What the actions of a cell do: to the passage, and as effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from edge.domain import events
from edge.domain.alarm_codes import AlarmCode
from edge.domain.reason import Reason, Verdict
from edge.lane.cells import Cell
from edge.lane.effects import Authorise, Effect, RaiseAlarm, Record, Remember, Revoke, Spend
from edge.lane.guiding import sent_to
from edge.lane.identity import candidates, followers, named_by_person, sure_views, trailers_beside
from edge.lane.outcomes import outcome_of
from edge.lane.passages import came_at, flowed, read_on
from edge.lane.presence import first_of_two, passed_perhaps
from edge.lane.records import (
    abandoned_data,
    completed_data,
    decided_data,
    read_data,
    worth_recording,
)
from edge.lane.sign import BACKED_OFF, CAME_AGAIN, Sign
from edge.lane.state import RESUMING, Changing, Context, Lane, LaneState, Reaction
from edge.lane.telling import stranger, tailgaters, tell_tailgate, tell_unadmitted, tell_unobserved
from edge.lane.vehicle import Passage, Track
from edge.lane.vocabulary import Cue, LaneAction, Outcome, Stage

UNSEEN = frozenset(
    {
        Cue.GONE_WITH_FIRST,
        Cue.SLIPPED_BY,
        Cue.GONE_UNSEEN,
        Cue.SWAPPED_UNSEEN,
        Cue.FOUND_STANDING,
        Cue.FOUND_GONE_ARM_UP,
        Cue.FOUND_GONE_ARM_DOWN,
    }
)
"""That it passed is concluded; nobody saw it."""

ANEW_FRAMES = 4
"""Pictures after which the reading of a track is another's, if another vehicle has taken its place:
fewer are outvoted by those of the first."""

AT_ONCE = timedelta(seconds=1)
"""Time within which who is seen at the line is on the loop as well."""


def carry_out(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    """The lane in the cell's stage, and the effects of its actions in their order."""
    shown = lane.state
    effects: list[Effect] = []
    for action in cell.actions:
        lane, more = _ACTIONS[action](lane, cell, sign, context)
        effects += more
    lane = replace(lane, stage=cell.stage)
    if cell.stage is Stage.EMPTY:
        lane = replace(lane, noted=())
    if lane.state is not shown:
        lane = replace(lane, since=context.now.wall)
    return lane, effects


# --- a passage begins, is decided, ends ---


def _begin(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    now = context.now
    if sign.cue in (Cue.SWAPPED, Cue.SWAPPED_UNSEEN):
        # No loop told when: it told of the one before, who may have yet to leave it.
        leaves = lane.present and sign.why != BACKED_OFF
        changing = Changing.BEGUN if leaves else Changing.NO
        lane = replace(lane, present_at=now.wall, changing=changing)
    # Who came while the one before was under the arm came then, not now.
    passage = Passage(context.new_id(), came_at(lane, now), now.mono + context.policy.read_wait_s)
    if lane.follower is not None and not _another_came(lane, lane.follower):
        passage = read_on(passage, lane.follower)
    if sign.track is not None:
        # The loop, once it feels somebody, tells of another until shown.
        passage, lane = read_on(passage, sign.track), replace(lane, released=True)
    if cell.stage is Stage.BEHIND:
        passage = replace(passage, perhaps=Outcome.TAILGATED)
    return replace(lane, passage=passage, follower=None, noted=()), []


def _another_came(lane: Lane, follower: Track) -> bool:
    """Whether who stands on the loop came when the camera had seen the follower at the line for
    long, and sees him there no more: that was the first one's other plate, or he is through, or
    away."""
    noticed, came, track = lane.followed_at, lane.present_at, lane.tracks.get(follower.track)
    if not lane.present or (track is not None and track.at_barrier):
        return False
    return noticed is not None and came is not None and came - noticed > AT_ONCE


def _reread(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    passage = _of(lane)
    texts = {*sure_views(passage), *trailers_beside(passage), passage.corrected}
    before = {*texts, *(passage.before or ())} - {""}
    passage = replace(
        passage,
        view=None,
        trailers=(),
        decision=None,
        by="gate",
        corrected="",
        code=None,
        other_code=None,
        guided_to="",
        decided_at=None,
        before=tuple(sorted(before)),
        earlier=passage.earlier or passage,
        views=(),
        said_by=(),
        dwell_s=0.0,
        reversed=False,
        read_by=context.now.mono + context.policy.read_wait_s,
    )
    if sign.why == CAME_AGAIN:
        # Who stood there unread may stand beside the loop still; another is read on it.
        track = passage.track if before else ""
        passage = replace(passage, track=track, frames_needed=passage.frames + ANEW_FRAMES)
    if sign.cue in (Cue.FOUND_STANDING_ARM_UP, Cue.TIMEOUT_UNSEEN):
        passage = replace(passage, perhaps=Outcome.RESUMED)
    taken = lane.present and sign.why == Cue.ANOTHER.value
    return replace(lane, passage=passage, changing=Changing.TAKEN if taken else Changing.NO), []


def _decide(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    """Records the decision; before it what was read, sure or not."""
    passage = _of(lane)
    decision = sign.decision
    assert decision is not None
    if sign.by != "gate":
        passage = named_by_person(passage, sign.plate, candidates(lane))
    effects: list[Effect] = []
    view = passage.view
    if view is not None and passage.recorded is None and worth_recording(view):
        passage = replace(passage, recorded=(view.text, view.accepted))
        effects.append(Record(events.PLATE_READ, read_data(passage, view)))
    if sign.by != "gate" and passage.by == "gate" and passage.decision is not None:
        passage = replace(passage, asked=passage.decision.reason)
    passage = replace(
        passage,
        decision=decision,
        decided_at=context.now.wall,
        by=sign.by,
        queue=lane.queue,
        guided_to=sent_to(decision, passage.guided_to, context),
        corrected=sign.plate or passage.corrected,
    )
    effects.append(Record(events.PASSAGE_DECIDED, decided_data(passage, context.policy)))
    if sign.cue in (Cue.REFERRED, Cue.REFUSED) and passed_perhaps(lane):
        # It is not surely read as the one who was admitted: that one may have passed.
        effects.append(RaiseAlarm(AlarmCode.PASSAGE_UNOBSERVED))
    return replace(lane, passage=passage), effects


def _enter(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    """When it drove under the arm; unknown of who was found there, unless it was seen before."""
    passage = _of(lane)
    begins = lane.stage not in RESUMING or LaneAction.BEGIN in cell.actions
    if begins and sign.why != Reason.ENTRY_TIMEOUT:
        # Who stands there after all is he, if he has been surely read again.
        perhaps = passage.perhaps if first_of_two(passage) else None
        passage = replace(passage, entered_at=context.now.wall, perhaps=perhaps)
    else:
        # It may have passed, and another be there in its place.
        passage = replace(passage, perhaps=Outcome.RESUMED)
    found = sign.cue in (Cue.FOUND_UNDER_ARM, Cue.ENTERED_UNFELT)
    return replace(lane, passage=passage, follower=None, found=found), []


def _complete(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    found = _of(lane)
    passage = _passed(found, sign)
    drove_unseen = lane.state is LaneState.CROSSING and passage.entered_at is None
    observed = sign.cue not in UNSEEN and not drove_unseen
    outcome = _way_out(lane, cell, passage)
    concluded = sign.cue is Cue.SWAPPED_UNSEEN or passage is not found
    if concluded and passage.perhaps is not None:
        outcome = passage.perhaps
    passage, outcome = flowed(passage, outcome, context)
    data = completed_data(passage, outcome, lane.motions, context, observed)
    effects: list[Effect] = [Record(events.PASSAGE_COMPLETED, data)]
    if not passage.track:
        lane = replace(lane, counted_at=context.now.mono)
    if passage.named:
        effects.append(Remember((passage.named,), context.policy.direction))
    if passage is found and (first := first_of_two(found)) is not None:
        # It is he, or he has passed before.
        effects += _used(first, found, cell)
    return _served(lane, passage), effects


def _way_out(lane: Lane, cell: Cell, passage: Passage) -> Outcome:
    """Of an admitted one who was found under the arm nobody knows whether it was he."""
    outcome = outcome_of(cell, passage, lane.motions)
    found = lane.state is LaneState.CROSSING and passage.perhaps is Outcome.RESUMED
    of_his_own = outcome in (Outcome.ADMITTED, Outcome.REVERSED_OUT)
    return Outcome.RESUMED if found and of_his_own and _allowed(passage) else outcome


def _allowed(passage: Passage) -> bool:
    return passage.decision is not None and passage.decision.verdict is Verdict.ALLOW


def _passed(passage: Passage, sign: Sign) -> Passage:
    """The passage of who has passed; what is seen since another stands there is not his."""
    if sign.cue not in (Cue.SWAPPED_UNSEEN, Cue.GONE_UNSEEN) or passage.earlier is None:
        return passage
    return replace(passage.earlier, version=passage.version, perhaps=passage.perhaps)


def _abandon(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    passage = _of(lane)
    if sign.cue is Cue.SWAPPED and passage.earlier and not sure_views(passage):
        # What is seen since is the other's.
        passage = replace(passage.earlier, version=passage.version)
    outcome = _way_out(lane, cell, passage)
    data = abandoned_data(passage, outcome, sign.why, lane.motions, context)
    ended = Record(events.PASSAGE_ABANDONED, data)
    return replace(lane, passage=None, follower=None), [ended]


def _served(lane: Lane, passage: Passage) -> Lane:
    """Without the passage; its vehicle has passed, and may still be in the picture."""
    served = [pair for pair in lane.served if pair[0] in lane.tracks]
    if passage.track in lane.tracks:
        served.append((passage.track, passage.view.text if passage.view else ""))
    for name, track in lane.tracks.items():
        text = track.plate.text if track.plate and track.plate.accepted else ""
        elsewhere = bool(passage.track) and track.camera != passage.camera
        if elsewhere or text in passage.trailer_texts:
            served.append((name, text))
    return replace(lane, passage=None, served=tuple(served))


# --- what is asked and told ---


def _authorise(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    passage = replace(_of(lane), taken_back=False)
    return replace(lane, passage=passage), [Authorise(passage.id)]


def _revoke(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    if sign.of is None:
        return lane, []
    passage, enters = lane.passage, sign.cue is Cue.ENTERED_UNADMITTED
    if passage is not None and passage.id == sign.of.id and not enters:
        lane = replace(lane, passage=replace(passage, taken_back=True))
    return lane, [Revoke(sign.of.id)]


def _used(earlier: Passage, passage: Passage, cell: Cell) -> list[Effect]:
    """The assignment of who was there before a start, and has passed now or before, unless the cell
    uses it for who passes now."""
    before = _granted(earlier)
    said = LaneAction.SPEND in cell.actions and _granted(passage) == before
    return [Spend(before)] if before and not said else []


def _granted(passage: Passage) -> str:
    """The assignment that it was admitted on, or ""."""
    decision = passage.decision
    return decision.assignment if decision and decision.verdict is Verdict.ALLOW else ""


def _spend(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    assignment = _granted(_passed(sign.of, sign)) if sign.of else ""
    return lane, [Spend(assignment)] if assignment else []


def _follow(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    at = lane.followed_at if lane.follower else context.now.wall
    return replace(lane, follower=followers(lane)[0], followed_at=at), []


def _of(lane: Lane) -> Passage:
    assert lane.passage is not None
    return lane.passage


_Rule = Callable[[Lane, Cell, Sign, Context], Reaction]

_ACTIONS: dict[LaneAction, _Rule] = {
    LaneAction.BEGIN: _begin,
    LaneAction.REREAD: _reread,
    LaneAction.DECIDE: _decide,
    LaneAction.AUTHORISE: _authorise,
    LaneAction.REVOKE: _revoke,
    LaneAction.ENTER: _enter,
    LaneAction.COMPLETE: _complete,
    LaneAction.ABANDON: _abandon,
    LaneAction.SPEND: _spend,
    LaneAction.FOLLOW: _follow,
    LaneAction.STRANGER: stranger,
    LaneAction.TAILGATERS: tailgaters,
    LaneAction.TELL_TAILGATE: tell_tailgate,
    LaneAction.TELL_UNADMITTED: tell_unadmitted,
    LaneAction.TELL_UNOBSERVED: tell_unobserved,
}
