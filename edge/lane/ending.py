"""PURE. A turn ends: the vehicle has passed, or is gone without passing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from edge.domain import events
from edge.domain.decision import Verdict
from edge.lane.records import abandoned_data, completed_data
from edge.lane.state import (
    CloseArm,
    Context,
    Effect,
    Lane,
    LaneState,
    RaiseAlarm,
    Reaction,
    Record,
    Revoke,
    Spend,
    Turn,
)

UNOBSERVED = "passage_unobserved"
UNIDENTIFIED = "passage_unidentified"


def unidentified(lane: Lane, context: Context) -> Reaction:
    """Somebody crossed and no turn was under way: recorded, and told loudly."""
    turn = Turn(context.new_id(), context.now.wall, context.now.mono)
    data = completed_data(turn, context.now.wall, True)
    return lane, [
        Record(events.PASSAGE_COMPLETED, data),
        RaiseAlarm(UNIDENTIFIED, "a vehicle crossed that was neither read nor admitted"),
    ]


def complete(lane: Lane, turn: Turn, observed: bool, context: Context) -> Reaction:
    """The vehicle has passed; whoever stands there now is looked at next."""
    effects: list[Effect] = []
    admitted = turn.decision is not None and turn.decision.verdict is Verdict.ALLOW
    effects.append(
        Record(events.PASSAGE_COMPLETED, completed_data(turn, context.now.wall, observed))
    )
    if admitted and turn.decision is not None and turn.decision.assignment:
        effects.append(Spend(turn.decision.assignment))
    if not observed:
        effects.append(
            RaiseAlarm(UNOBSERVED, "a vehicle crossed while the gate restarted; check its pictures")
        )
        effects.append(CloseArm())
    return _emptied(lane, turn, context.now.wall), effects


def end(lane: Lane, why: str, context: Context) -> Reaction:
    """The vehicle is gone without passing."""
    turn = lane.turn
    assert turn is not None
    effects: list[Effect] = []
    if lane.state is LaneState.ADMITTED:
        effects.append(Revoke(turn.passage))
    effects.insert(0, Record(events.PASSAGE_ABANDONED, abandoned_data(turn, why)))
    return _emptied(lane, turn, context.now.wall), effects


def _emptied(lane: Lane, turn: Turn, wall: datetime) -> Lane:
    gone = [pair for pair in lane.gone if pair[0] in lane.tracks]
    if turn.track in lane.tracks:
        gone.append((turn.track, turn.view.text if turn.view else ""))
    for name, track in lane.tracks.items():
        if track.plate and track.plate.accepted and track.plate.text in turn.trailer_texts:
            gone.append((name, track.plate.text))
    return replace(lane, state=LaneState.EMPTY, turn=None, gone=tuple(gone), since=wall)
