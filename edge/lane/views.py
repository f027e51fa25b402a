"""PURE. Several cameras on one lane: which of their tracks show the vehicle of the passage.

Two cameras that each see one vehicle at the barrier see the same one. What is read on either is
the passage's: the sure one decides, and a tractor's plate before with its trailer's plate behind
are judged together by the same rules as where one camera reads both. Where a camera sees several
vehicles at the barrier, nothing is joined: then identity.py doubts as with one camera.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from edge.domain.facts import PlateView
from edge.lane.vehicle import Passage, Track

VIEWS_KEPT = 8
EVIDENCE_KEPT = 48
"""Files that a passage names: of three cameras some eleven each, as the vehicle came nearer, and
those of unsure texts."""

FRONT = "front"


def own_tracks(passage: Passage) -> set[str]:
    """The tracks that show its vehicle, in any camera."""
    return {passage.track, *passage.views} - {""}


def with_views(passage: Passage, there: Sequence[Track]) -> Passage:
    """The passage bound to a track that is there, with those of other cameras that show the same
    vehicle. Nothing changes for a lane with one camera."""
    cameras = Counter(track.camera for track in there)
    if not passage.views and len(cameras) == 1:
        return passage
    by_name = {track.track: track for track in there}
    if passage.track and passage.track not in by_name:
        seen = next((name for name in passage.views if name in by_name), "")
        if seen:
            views = (*(name for name in passage.views if name != seen), passage.track)
            passage = replace(passage, track=seen, camera=by_name[seen].camera, views=views)
    if not passage.track and not passage.views and set(cameras.values()) == {1}:
        first = max(there, key=_tells)
        passage = replace(passage, track=first.track, camera=first.camera)
    bound = by_name.get(passage.track)
    if bound is None or cameras[bound.camera] > 1:
        return passage
    alone = [t.track for t in there if t.camera != bound.camera and cameras[t.camera] == 1]
    new = tuple(name for name in alone if name not in passage.views)
    if not new:
        return passage
    return replace(passage, views=(*passage.views, *new)[-VIEWS_KEPT:])


def best_read(passage: Passage, bound: Track, there: Sequence[Track]) -> Track:
    """Of its tracks the one whose plate speaks: the bound one, unless only another is sure."""
    if bound.plate is not None and bound.plate.accepted:
        return bound
    others = [t for t in there if t.track in passage.views and t.plate and t.track != bound.track]
    sure = [t for t in others if t.plate and t.plate.accepted]
    if sure:
        return max(sure, key=_tells)
    return bound if bound.plate is not None or not others else max(others, key=_tells)


def coupled(
    passage: Passage, known: Mapping[str, PlateView], sure: Mapping[str, Track]
) -> Passage | None:
    """What two cameras have surely read of one vehicle and no assignment names together: both
    plates are the passage's, the one from before first. None where a track beside the vehicle says
    it, or a camera that has said otherwise before."""
    own, said = own_tracks(passage), dict(passage.said_by)
    if len({track.camera for track in sure.values()} | said.keys()) < 2:
        return None
    for text, track in sure.items():
        if track.track not in own or said.get(track.camera, text) != text:
            return None
    views = {**known, **{text: t.plate for text, t in sure.items() if t.plate}}
    ahead = next((text for text, track in sure.items() if track.sees == FRONT), "")
    before = passage.view.text if passage.view and passage.view.text in known else ""
    main = ahead or before or next(iter(sure))
    trailers = tuple(view for text, view in views.items() if text != main)
    return replace(passage, view=views[main], trailers=trailers)


def remembered(passage: Passage, there: Sequence[Track]) -> Passage:
    """With what each of its cameras has surely said, where there are several."""
    if not passage.views:
        return passage
    own, said = own_tracks(passage), dict(passage.said_by)
    for track in there:
        if track.track in own and track.plate is not None and track.plate.accepted:
            said.setdefault(track.camera, track.plate.text)
    found = tuple(said.items())
    return passage if found == passage.said_by else replace(passage, said_by=found)


def shown_by(passage: Passage, tracks: Iterable[Track]) -> tuple[str, ...]:
    """Names of what is kept of it, by all its cameras, in the order in which they came. The clip of
    an arrival is whole when the vehicle may be under the arm already."""
    own = own_tracks(passage)
    names = (name for track in tracks if track.track in own for name in track.evidence)
    return tuple(dict.fromkeys((*passage.evidence, *names)))[:EVIDENCE_KEPT]


def other_end(passage: Passage, tracks: Collection[Track]) -> tuple[PlateView, ...]:
    """What other cameras surely read as it goes through: the plate of its other end. A camera that
    has shown that end before shows another vehicle in another track, and so does one that reads
    what the passage's own camera reads of somebody else."""
    own = own_tracks(passage)
    shown = {t.camera for t in tracks if t.track in own} | dict(passage.said_by).keys()
    strange = {
        t.plate.text
        for t in tracks
        if t.camera == passage.camera and t.track not in own and t.plate is not None
    }
    return tuple(
        track.plate
        for track in tracks
        if track.camera != passage.camera and track.plate is not None and track.plate.accepted
        if track.track in own or (track.camera not in shown and track.plate.text not in strange)
    )


def _tells(track: Track) -> tuple[bool, bool, float]:
    """How much the track tells: sure, from before, how sure."""
    sure = track.plate is not None and track.plate.accepted
    return sure, track.sees == FRONT, track.plate.confidence if track.plate else 0.0
