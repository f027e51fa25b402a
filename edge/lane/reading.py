"""PURE. A vehicle stands there: its turn begins, and what vision reads of it is taken up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from edge.domain import events
from edge.domain.decision import Reason
from edge.domain.facts import PlateView
from edge.lane.deciding import FINAL_UNTIL_PERSON, decide_turn, decided_by_list, refer
from edge.lane.ending import end
from edge.lane.records import read_data
from edge.lane.state import (
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
    sure = {t.plate.text: t for t in candidates if t.plate and t.plate.accepted}
    known = _known(turn)
    if not known.keys() >= sure.keys() and len(known.keys() | sure.keys()) > 1:
        return _several(lane, sure, context)
    mine = [t for t in candidates if not t.plate or t.plate.text not in turn.trailer_texts]
    best = max(mine, key=lambda t: t.plate.confidence if t.plate else -1.0, default=None)
    effects: list[Effect] = []
    if best is not None:
        old = turn.view
        keep_old = old is not None and (
            best.plate is None or (old.accepted and not best.plate.accepted)
        )
        turn = _seen(turn, best, old if keep_old else best.plate)
        turn, effects = _told(turn)
        lane = replace(lane, turn=turn)
    lane, more = decide_turn(lane, context)
    return lane, effects + more


def _known(turn: Turn) -> dict[str, PlateView]:
    """What has been surely read of the vehicle before, by its text."""
    views = (turn.view, *turn.trailers)
    return {view.text: view for view in views if view is not None and view.accepted}


def _seen(turn: Turn, track: Track, view: PlateView | None) -> Turn:
    """The turn after a look at its vehicle's track."""
    return replace(
        turn,
        track=track.track,
        kind=track.kind or turn.kind,
        view=view,
        frames=max(turn.frames, track.frames_read),
        evidence=track.evidence or turn.evidence,
    )


def _several(lane: Lane, sure: Mapping[str, Track], context: Context) -> Reaction:
    """Plates that differ are surely read: of one vehicle if an assignment joins them as tractor
    and trailer; else nobody knows who stands there."""
    turn = lane.turn
    assert turn is not None
    known = _known(turn)
    views = {**{text: t.plate for text, t in sure.items() if t.plate}, **known}
    joined = context.book.for_vehicle(views)
    in_doubt = turn.decision is not None and turn.decision.reason in FINAL_UNTIL_PERSON
    if in_doubt or not joined:
        if len(sure) > 1:
            return refer(lane, Reason.SEVERAL_VEHICLES, context)
        (changed,) = sure.values()
        turn = replace(turn, view=changed.plate, track=changed.track)
        return refer(replace(lane, turn=turn), Reason.READING_CHANGED, context)
    tractor = joined[0].tractor_among(views)
    trailers = tuple(views[text] for text in sorted(views) if text != tractor)
    turn = replace(turn, view=views[tractor], trailers=trailers)
    if tractor in sure:
        turn = _seen(turn, sure[tractor], views[tractor])
    turn, effects = _told(turn)
    for view in trailers:
        if view.text not in known:
            data = read_data(_seen(turn, sure[view.text], view), view)
            effects.append(Record(events.PLATE_READ, data))
    lane, more = decided_by_list(replace(lane, turn=turn), context)
    return lane, effects + more


def _told(turn: Turn) -> tuple[Turn, list[Effect]]:
    """Records a reading when it becomes sure; an unsure one is recorded with the decision."""
    view = turn.view
    if view is None or not view.accepted or turn.told == (view.text, True):
        return turn, []
    return replace(turn, told=(view.text, True)), [Record(events.PLATE_READ, read_data(turn, view))]
