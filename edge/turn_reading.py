"""PURE. A vehicle stands there: its turn begins, and what vision reads of it is taken up."""

from __future__ import annotations

from dataclasses import replace

from edge import events
from edge.lane import (
    TRACK_KEPT_S,
    Context,
    Effect,
    Lane,
    LaneState,
    Reaction,
    Record,
    Track,
    Turn,
)
from edge.passage import Reason
from edge.turn_decision import decide_turn, refer
from edge.turn_ending import end
from edge.turn_events import read_data


def look(lane: Lane, context: Context) -> Reaction:
    """Looks again at who stands there; begins a turn, takes up the reading, decides."""
    now = context.now
    fresh = {n: t for n, t in lane.tracks.items() if now.mono - t.seen <= TRACK_KEPT_S}
    lane = replace(lane, tracks=fresh)
    if lane.restored or lane.state is LaneState.CROSSING:
        return lane, []
    candidates = _candidates(lane)
    if lane.turn is None:
        if not (lane.present or (not context.policy.needs_loop and candidates)):
            return lane, []
        turn = Turn(context.new_id(), now.wall, now.mono + context.policy.read_wait_s)
        lane = replace(lane, state=LaneState.READING, turn=turn, since=now.wall)
    elif not context.policy.needs_loop and not candidates and lane.state is not LaneState.ADMITTED:
        return end(lane, "left", context)
    return _read(lane, candidates, context)


def _candidates(lane: Lane) -> list[Track]:
    """The tracks at the barrier that have not had their turn."""

    def had_turn(track: Track) -> bool:
        text = track.plate.text if track.plate and track.plate.accepted else None
        return any(track.track == n and text in (None, plate) for n, plate in lane.gone)

    return [t for t in lane.tracks.values() if t.at_barrier and not had_turn(t)]


def _read(lane: Lane, candidates: list[Track], context: Context) -> Reaction:
    """Takes up what vision reads of the vehicle whose turn it is."""
    turn = lane.turn
    assert turn is not None
    if turn.corrected or turn.by != "gate":
        return lane, []
    sure = {t.plate.text for t in candidates if t.plate and t.plate.accepted}
    if len(sure) > 1:
        return refer(lane, Reason.SEVERAL_VEHICLES, context)
    best = max(candidates, key=lambda t: t.plate.confidence if t.plate else -1.0, default=None)
    effects: list[Effect] = []
    if best is not None:
        old = turn.view
        if (
            old
            and old.accepted
            and best.plate
            and best.plate.accepted
            and old.text != best.plate.text
        ):
            turn = replace(turn, view=best.plate, track=best.track)
            return refer(replace(lane, turn=turn), Reason.READING_CHANGED, context)
        keep_old = old is not None and (
            best.plate is None or (old.accepted and not best.plate.accepted)
        )
        turn = replace(
            turn,
            track=best.track,
            kind=best.kind or turn.kind,
            view=old if keep_old else best.plate,
            frames=max(turn.frames, best.frames_read),
            evidence=best.evidence or turn.evidence,
        )
        turn, effects = _told(turn)
        lane = replace(lane, turn=turn)
    lane, more = decide_turn(lane, context)
    return lane, effects + more


def _told(turn: Turn) -> tuple[Turn, list[Effect]]:
    """Records a reading when it becomes sure; an unsure one is recorded with the decision."""
    view = turn.view
    if view is None or not view.accepted or turn.told == (view.text, True):
        return turn, []
    return replace(turn, told=(view.text, True)), [Record(events.PLATE_READ, read_data(turn))]
