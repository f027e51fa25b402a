"""PURE. Actions of a cell that record and tell of others than the vehicle of the passage."""

from __future__ import annotations

from dataclasses import replace

from edge.domain import events
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import Heading
from edge.lane.cells import Cell
from edge.lane.effects import Effect, RaiseAlarm, Record
from edge.lane.identity import passed_behind
from edge.lane.outcomes import outcome_of
from edge.lane.passages import came_behind, flowed, read_on
from edge.lane.records import completed_data
from edge.lane.sign import Sign
from edge.lane.state import Context, Lane, Reaction
from edge.lane.vehicle import Passage, Track
from edge.lane.vocabulary import Cue, Outcome, Stage

MOST_TAILGATERS = 8
"""Vehicles that are told apart under one arm; a count beyond it is a fault of the counter."""


def stranger(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    """Somebody passed who is not the vehicle of the passage under way."""
    backwards = sign.cue is Cue.WRONG_WAY
    outcome = Outcome.WRONG_WAY if backwards else Outcome.PASSED_UNADMITTED
    track = _heads_back(lane) if backwards else sign.track or _passed_behind(lane, sign, context)
    lane, effects = _another(lane, outcome, context, track)
    if sign.track is not None:
        lane = replace(lane, slipped_at=context.now.mono)
    if sign.cue is Cue.WRONG_WAY:
        return lane, [*effects, RaiseAlarm(AlarmCode.WRONG_WAY)]
    if lane.stage in (Stage.EMPTY, Stage.RESUMING_EMPTY):
        return lane, [*effects, RaiseAlarm(AlarmCode.PASSAGE_UNIDENTIFIED)]
    return lane, [*effects, RaiseAlarm(AlarmCode.PASSED_UNADMITTED)]


def tailgaters(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    """Those that passed with the vehicle of the passage, each with a record of its own."""
    effects: list[Effect] = []
    for _ in range(min(max(sign.vehicles - 1, 1), MOST_TAILGATERS)):
        track = _passed_behind(lane, sign, context)
        lane, more = _another(lane, Outcome.TAILGATED, context, track)
        effects += more
    effects.append(RaiseAlarm(AlarmCode.TAILGATE))
    return replace(lane, present=bool(context.entry_loop)), effects


def _passed_behind(lane: Lane, sign: Sign, context: Context) -> Track | None:
    """Whose record it is; who comes under the arm only now may be felt by the entry loop still."""
    enters = sign.cue is Cue.ENTERED_UNADMITTED
    return passed_behind(lane, context.entry_loop is True and not enters)


def _heads_back(lane: Lane) -> Track | None:
    """Who is seen to drive against the lane; those who wait there have not come through it."""
    done = {name for name, _ in lane.served}
    against = (t for t in lane.tracks.values() if Heading.WRONG_WAY in t.headings)
    return next((track for track in against if track.track not in done), None)


def _another(lane: Lane, outcome: Outcome, context: Context, track: Track | None) -> Reaction:
    """The record of one more vehicle that passed: read, if the camera has shown it."""
    now = context.now
    came = came_behind(lane, track, context)
    passage = Passage(context.new_id(), came, now.mono, entered_at=now.wall)
    if track is not None:
        passage = read_on(passage, track)
        text = track.plate.text if track.plate else ""
        lane = replace(lane, served=(*lane.served, (track.track, text)), follower=None)
    else:
        lane = replace(lane, counted_at=now.mono)
    outcome = outcome_of(Cell(lane.stage, (), outcome), passage, lane.motions)
    passage, outcome = flowed(passage, outcome, context)
    data = completed_data(passage, outcome, lane.motions, context, True)
    return lane, [Record(events.PASSAGE_COMPLETED, data)]


def tell_tailgate(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    """See LaneAction.TELL_TAILGATE; so the two below."""
    return lane, [RaiseAlarm(AlarmCode.TAILGATE)]


def tell_unadmitted(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    return lane, [RaiseAlarm(AlarmCode.PASSED_UNADMITTED)]


def tell_unobserved(lane: Lane, cell: Cell, sign: Sign, context: Context) -> Reaction:
    return lane, [RaiseAlarm(AlarmCode.PASSAGE_UNOBSERVED)]
