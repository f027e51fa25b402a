"""PURE. A vehicle stands there: its passage begins, and what vision reads of it is taken up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from edge.domain import events
from edge.domain.decision import Reason
from edge.domain.facts import PlateView
from edge.lane.deciding import FINAL_UNTIL_PERSON, decide_passage, decided_by_list, refer
from edge.lane.ending import end
from edge.lane.records import read_data
from edge.lane.state import (
    TRACK_KEPT_S,
    Context,
    Effect,
    Lane,
    LaneState,
    Passage,
    Reaction,
    Record,
    Track,
)


def update(lane: Lane, context: Context) -> Reaction:
    """Looks again at who stands there; begins a passage, takes up the reading, decides."""
    now = context.now
    fresh = {n: t for n, t in lane.tracks.items() if now.mono - t.seen <= TRACK_KEPT_S}
    lane = replace(lane, tracks=fresh)
    if lane.restored or lane.state is LaneState.CROSSING:
        return lane, []
    candidates = _candidates(lane)
    if lane.passage is None:
        if not (lane.present or (not context.policy.needs_loop and candidates)):
            return lane, []
        passage = Passage(context.new_id(), now.wall, now.mono + context.policy.read_wait_s)
        lane = replace(lane, state=LaneState.READING, passage=passage, since=now.wall)
    elif not context.policy.needs_loop and not candidates and lane.state is not LaneState.ADMITTED:
        return end(lane, "left", context)
    return _read(lane, candidates, context)


def _candidates(lane: Lane) -> list[Track]:
    """The tracks at the barrier that are not yet served."""

    def served(track: Track) -> bool:
        text = track.plate.text if track.plate and track.plate.accepted else None
        return any(track.track == n and text in (None, plate) for n, plate in lane.gone)

    return [t for t in lane.tracks.values() if t.at_barrier and not served(t)]


def _read(lane: Lane, candidates: list[Track], context: Context) -> Reaction:
    """Takes up what vision reads of the vehicle whose passage it is."""
    passage = lane.passage
    assert passage is not None
    if passage.corrected or passage.by != "gate":
        return lane, []
    sure = {t.plate.text: t for t in candidates if t.plate and t.plate.accepted}
    known = _known(passage)
    if not known.keys() >= sure.keys() and len(known.keys() | sure.keys()) > 1:
        return _several(lane, sure, context)
    mine = [t for t in candidates if not t.plate or t.plate.text not in passage.trailer_texts]
    best = max(mine, key=lambda t: t.plate.confidence if t.plate else -1.0, default=None)
    effects: list[Effect] = []
    if best is not None:
        old = passage.view
        keep_old = old is not None and (
            best.plate is None or (old.accepted and not best.plate.accepted)
        )
        passage = _seen(passage, best, old if keep_old else best.plate)
        passage, effects = _recorded(passage)
        lane = replace(lane, passage=passage)
    lane, more = decide_passage(lane, context)
    return lane, effects + more


def _known(passage: Passage) -> dict[str, PlateView]:
    """What has been surely read of the vehicle before, by its text."""
    views = (passage.view, *passage.trailers)
    return {view.text: view for view in views if view is not None and view.accepted}


def _seen(passage: Passage, track: Track, view: PlateView | None) -> Passage:
    """The passage after a look at its vehicle's track."""
    return replace(
        passage,
        track=track.track,
        kind=track.kind or passage.kind,
        view=view,
        frames=max(passage.frames, track.frames_read),
        evidence=track.evidence or passage.evidence,
    )


def _several(lane: Lane, sure: Mapping[str, Track], context: Context) -> Reaction:
    """Plates that differ are surely read: of one vehicle if an assignment joins them as tractor
    and trailer; else nobody knows who stands there."""
    passage = lane.passage
    assert passage is not None
    known = _known(passage)
    views = {**{text: t.plate for text, t in sure.items() if t.plate}, **known}
    joined = context.book.for_vehicle(views)
    in_doubt = passage.decision is not None and passage.decision.reason in FINAL_UNTIL_PERSON
    if in_doubt or not joined:
        if len(sure) > 1:
            return refer(lane, Reason.SEVERAL_VEHICLES, context)
        (changed,) = sure.values()
        passage = replace(passage, view=changed.plate, track=changed.track)
        return refer(replace(lane, passage=passage), Reason.READING_CHANGED, context)
    tractor = joined[0].tractor_among(views)
    trailers = tuple(views[text] for text in sorted(views) if text != tractor)
    passage = replace(passage, view=views[tractor], trailers=trailers)
    if tractor in sure:
        passage = _seen(passage, sure[tractor], views[tractor])
    passage, effects = _recorded(passage)
    for view in trailers:
        if view.text not in known:
            data = read_data(_seen(passage, sure[view.text], view), view)
            effects.append(Record(events.PLATE_READ, data))
    lane, more = decided_by_list(replace(lane, passage=passage), context)
    return lane, effects + more


def _recorded(passage: Passage) -> tuple[Passage, list[Effect]]:
    """Records a reading when it becomes sure; an unsure one is recorded with the decision."""
    view = passage.view
    if view is None or not view.accepted or passage.recorded == (view.text, True):
        return passage, []
    return replace(passage, recorded=(view.text, True)), [
        Record(events.PLATE_READ, read_data(passage, view))
    ]
