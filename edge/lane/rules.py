"""PURE. The rules of a lane: `react(lane, fact, context) -> (lane, effects)`.

A fact changes what is sensed, may be a cue of its own (from_facts.py), and then whoever stands
there is assessed until nothing new is to be said. What a cue leads to stands in the table
(table.py) and nowhere else.
"""

from __future__ import annotations

from dataclasses import replace

from edge.domain import events
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import (
    ArmMoved,
    BarrierFirstSeen,
    CameraChanged,
    CodeShown,
    Fact,
    Heading,
    LinePassed,
    QueueChanged,
    VehicleArrived,
    VehicleBackedOff,
    VehicleEntered,
    VehicleLost,
    VehicleSeen,
)
from edge.domain.reason import Verdict
from edge.lane.actions import carry_out
from edge.lane.cues import assess
from edge.lane.effects import Effect, RaiseAlarm, Record, Spend
from edge.lane.from_facts import from_fact
from edge.lane.guiding import guided
from edge.lane.identity import Sighting
from edge.lane.presence import ADMITTED, half_way, kept_in_sight, stays
from edge.lane.records import read_data
from edge.lane.sign import Sign
from edge.lane.state import TRACK_KEPT_S, Changing, Context, Lane, LaneState, Motion, Reaction
from edge.lane.table import TABLE
from edge.lane.vehicle import Passage, Track

MOST_ROUNDS = 8
"""Cues that one fact may lead to; a vehicle leaves, another begins, is read and decided: four."""

MOTIONS_KEPT = 12
"""Of the arm's motions; a passage has four."""


STRAYING = {
    Heading.WRONG_WAY: AlarmCode.WRONG_WAY_SEEN,
    Heading.REVERSING: AlarmCode.REVERSING_SEEN,
}
"""What is told of a vehicle that heads so."""

VANISHED_KEPT = 8
"""Tracks lost at the line of which that is remembered."""


def react(lane: Lane, fact: Fact, context: Context) -> Reaction:
    """The lane after the fact, and what to do; every fact is allowed in every state."""
    effects: list[Effect] = []
    started = lane.passage
    sign = from_fact(lane, fact, context)
    if (strays := _strays(lane, fact)) is not None:
        effects.append(RaiseAlarm(strays))
    lane = _sensed(lane, fact, context)
    if sign is not None:
        lane, more = follow(lane, sign, context)
        effects += more
    for _ in range(MOST_ROUNDS):
        context = _without_spent(effects, context)
        lane, sign, sighting = assess(lane, context)
        lane, recorded = _recorded(lane, sighting)
        effects += recorded
        if sign is None:
            break
        stage, passage = lane.stage, lane.passage
        lane, more = follow(lane, sign, context)
        effects += more
        if not more and (lane.stage, lane.passage) == (stage, passage):
            break
    lane, more = guided(lane, context)
    return _versioned(lane, started), effects + more


def _strays(lane: Lane, fact: Fact) -> AlarmCode | None:
    """The alarm of a vehicle that heads where it should not: once for each, by the first camera
    that tells. Who was refused backs out rightly, and those behind make way for that."""
    if not isinstance(fact, VehicleSeen) or fact.heading not in STRAYING:
        return None
    heading, before = fact.heading, lane.tracks.get(fact.track)
    had = before is not None and heading in before.headings
    sent_back = _refused(lane) or (before is not None and before.makes_way)
    if had or (heading is Heading.REVERSING and sent_back):
        return None
    seen_before = any(track.heading is heading for track in lane.tracks.values())
    return None if seen_before else STRAYING[heading]


def _refused(lane: Lane) -> bool:
    decision = lane.passage.decision if lane.passage else None
    return decision is not None and decision.verdict is Verdict.REFUSE


def follow(lane: Lane, sign: Sign, context: Context) -> Reaction:
    """What the table says of a cue."""
    cell = TABLE[lane.stage, sign.cue]
    return carry_out(lane, cell, replace(sign, of=lane.passage), context)


def _without_spent(effects: list[Effect], context: Context) -> Context:
    """What one vehicle has just used is not to be had by the next, nor by itself once more."""
    spent = {effect.assignment for effect in effects if isinstance(effect, Spend)}
    return replace(context, book=context.book.used(spent)) if spent else context


def _sensed(lane: Lane, fact: Fact, context: Context) -> Lane:
    """The lane with what the fact tells of tracks, loop and arm."""
    now = context.now
    # Whoever was let in off the loop is gone a while after the camera has lost it.
    in_sight = lane.released and lane.stage in ADMITTED and kept_in_sight(lane)
    match fact:
        case VehicleSeen():
            old, since = lane.tracks.get(fact.track), None
            if fact.at_barrier:
                since = old.at_line_since if old else None
                since = now.mono if since is None else since
            track = Track(
                fact.track,
                fact.kind,
                fact.plate,
                fact.frames_read,
                fact.at_barrier,
                fact.evidence,
                now.mono,
                fact.camera,
                fact.sees,
                fact.heading,
                fact.dwell_s,
                (old.headings if old else frozenset()) | {fact.heading},
                _refused(lane) or (old is not None and old.makes_way),
                since,
                now.mono - fact.unmoved_s,
            )
            again = tuple(name for name in lane.vanished if name != fact.track)
            lane = replace(lane, tracks={**lane.tracks, fact.track: track}, vanished=again)
        case VehicleLost():
            served = tuple(pair for pair in lane.served if pair[0] != fact.track)
            lane = replace(_without(lane, {fact.track}), served=served)
        case QueueChanged():
            lane = replace(lane, queues={**lane.queues, fact.camera: fact.vehicles})
        case LinePassed():
            lane = replace(lane, fronts={**lane.fronts, fact.line: fact.fronts})
        case CameraChanged(ok=False):
            queues = {name: n for name, n in lane.queues.items() if name != fact.camera}
            lane = replace(lane, queues=queues)
        case VehicleArrived():
            lane = replace(
                lane,
                present=True,
                present_at=now.wall,
                came=now.mono,
                released=False,
                changing=Changing.NO,
            )
        case VehicleBackedOff() if lane.state is not LaneState.CROSSING:
            # From under the arm it may have backed on to the loop, which was told before.
            kept = stays(lane) and lane.changing is Changing.NO
            lane = replace(lane, present=False, released=kept, changing=Changing.NO)
        case VehicleEntered():
            lane = replace(
                lane,
                present=False,
                released=False,
                changing=Changing.NO,
                slipped_at=None,
                found=False,
            )
        case BarrierFirstSeen():
            lane = replace(lane, present=bool(fact.entry_loop), present_at=now.wall)
        case CodeShown() if lane.passage is not None:
            lane = replace(lane, passage=_with_code(lane.passage, fact))
        case ArmMoved():
            motion = Motion(fact.arm, fact.cause, now.wall)
            lane = replace(lane, motions=(*lane.motions, motion)[-MOTIONS_KEPT:])
        case _:
            pass
    stale = {n for n, t in lane.tracks.items() if now.mono - t.seen > TRACK_KEPT_S}
    lane = _without(lane, stale)
    free_since = None
    if context.entry_loop is False:
        free_since = now.mono if lane.loop_free_since is None else lane.loop_free_since
        if in_sight:
            free_since = now.mono
    if isinstance(fact, VehicleArrived):
        free_since = None
    exit_since = None
    if context.exit_loop:
        exit_since = now.mono if lane.exit_since is None else lane.exit_since
    lane = replace(lane, exit_since=exit_since)
    clear = context.safety_loop is False and context.entry_loop is not True
    clear = clear and not half_way(lane, context.exit_loop, now.mono)
    arm_free_since = None
    if clear:
        arm_free_since = now.mono if lane.arm_free_since is None else lane.arm_free_since
    blind = context.entry_loop is None or (lane.blind and not context.entry_loop)
    return replace(
        lane,
        loop_free_since=free_since,
        arm_free_since=arm_free_since,
        blind=blind,
    )


def _with_code(passage: Passage, shown: CodeShown) -> Passage:
    """What does not count takes nothing away from what does; of two that count for different
    assignments neither takes the other's place."""
    before = passage.code
    if before is None or before.refused:
        return replace(passage, code=shown)
    if shown.refused:
        return passage
    if shown.assignment != before.assignment:
        return replace(passage, other_code=shown)
    return replace(passage, code=shown)


def _without(lane: Lane, names: set[str]) -> Lane:
    """Without these tracks; which of them were at the line is remembered."""
    lost = [name for name in lane.tracks if name in names]
    if not lost:
        return lane
    at_line = [name for name in lost if lane.tracks[name].at_barrier]
    left = {name: t for name, t in lane.tracks.items() if name not in names}
    return replace(lane, tracks=left, vanished=(*lane.vanished, *at_line)[-VANISHED_KEPT:])


def _recorded(lane: Lane, sighting: Sighting | None) -> tuple[Lane, list[Effect]]:
    """Records a reading when it becomes sure; an unsure one is recorded with the decision."""
    passage = lane.passage
    if sighting is None or passage is None or not sighting.new:
        return lane, []
    effects: list[Effect] = [Record(events.PLATE_READ, read_data(passage, v)) for v in sighting.new]
    texts = (*passage.recorded_sure, *(view.text for view in sighting.new))
    last = (sighting.new[0].text, True)
    return replace(lane, passage=replace(passage, recorded=last, recorded_sure=texts)), effects


def _versioned(lane: Lane, before: Passage | None) -> Lane:
    """What a person sees has another version whenever it is another."""
    passage = lane.passage
    if passage is None or before is None or before.id != passage.id:
        return lane
    changed = before.shown != passage.shown
    return replace(lane, passage=replace(passage, version=passage.version + changed))
