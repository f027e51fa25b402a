"""PURE. A passage ends: the vehicle has passed, or is gone without passing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from edge.domain import events
from edge.domain.alarm_codes import AlarmCode
from edge.domain.decision import Verdict
from edge.lane.records import abandoned_data, completed_data
from edge.lane.state import (
    CloseArm,
    Context,
    Effect,
    Lane,
    LaneState,
    Passage,
    RaiseAlarm,
    Reaction,
    Record,
    Revoke,
    Spend,
)


def unidentified(lane: Lane, context: Context) -> Reaction:
    """Somebody crossed and no passage was under way: recorded, and told loudly."""
    passage = Passage(context.new_id(), context.now.wall, context.now.mono)
    data = completed_data(passage, context.now.wall, True)
    return lane, [
        Record(events.PASSAGE_COMPLETED, data),
        RaiseAlarm(AlarmCode.PASSAGE_UNIDENTIFIED),
    ]


def complete(lane: Lane, passage: Passage, observed: bool, context: Context) -> Reaction:
    """The vehicle has passed; whoever stands there now is looked at next."""
    effects: list[Effect] = []
    admitted = passage.decision is not None and passage.decision.verdict is Verdict.ALLOW
    effects.append(
        Record(events.PASSAGE_COMPLETED, completed_data(passage, context.now.wall, observed))
    )
    if admitted and passage.decision is not None and passage.decision.assignment:
        effects.append(Spend(passage.decision.assignment))
    if not observed:
        effects.append(RaiseAlarm(AlarmCode.PASSAGE_UNOBSERVED))
        effects.append(CloseArm())
    return _emptied(lane, passage, context.now.wall), effects


def end(lane: Lane, why: str, context: Context) -> Reaction:
    """The vehicle is gone without passing."""
    passage = lane.passage
    assert passage is not None
    effects: list[Effect] = []
    if lane.state is LaneState.ADMITTED:
        effects.append(Revoke(passage.id))
    effects.insert(0, Record(events.PASSAGE_ABANDONED, abandoned_data(passage, why)))
    return _emptied(lane, passage, context.now.wall), effects


def _emptied(lane: Lane, passage: Passage, wall: datetime) -> Lane:
    gone = [pair for pair in lane.gone if pair[0] in lane.tracks]
    if passage.track in lane.tracks:
        gone.append((passage.track, passage.view.text if passage.view else ""))
    for name, track in lane.tracks.items():
        if track.plate and track.plate.accepted and track.plate.text in passage.trailer_texts:
            gone.append((name, track.plate.text))
    return replace(lane, state=LaneState.EMPTY, passage=None, gone=tuple(gone), since=wall)
