"""PURE. Who stands before the barrier: tracks and plates bound to one passage.

A reading belongs to the vehicle that it was read on. A passage is bound to one track; another track
is another vehicle until its plate, surely read, shows that it is the same, or an assignment names
the two plates as one vehicle's. What was read on a track beside it is heard as a doubt only. Where
a lane has several cameras, their tracks are joined first (views.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from edge.domain.assignment import NEAR, TRAILER, AssignmentBook, apart
from edge.domain.conditions import TWO_WHEELS
from edge.domain.facts import Heading, PlateView
from edge.domain.plate import parse
from edge.lane.state import Lane
from edge.lane.vehicle import LIKELY, Passage, Track
from edge.lane.views import best_read, coupled, own_tracks, remembered, shown_by, with_views

NOTED = 8
"""Vehicles behind one under the arm that are remembered."""

READS_KEPT = 12
"""Readings of one passage that its record names; a vehicle has three plates at most."""


class Who(StrEnum):
    """Whom the tracks at the barrier show, beside whom the passage is bound to."""

    NOBODY = "nobody"
    SAME = "same"
    CHANGED = "changed"
    SEVERAL = "several"
    SWAPPED = "swapped"
    ANOTHER = "another"


@dataclass(frozen=True, slots=True)
class Sighting:
    """`passage`: bound and read as seen now. `beside`: unsure readings of other tracks there;
    `new`: what became sure with this update, to be recorded."""

    who: Who
    passage: Passage
    beside: tuple[PlateView, ...] = ()
    new: tuple[PlateView, ...] = ()

    @property
    def reads(self) -> tuple[PlateView, ...]:
        """What the decision hears, the vehicle's own first."""
        own = (self.passage.view, *self.passage.trailers)
        return (*(view for view in own if view is not None), *self.beside)


def candidates(lane: Lane) -> list[Track]:
    """The tracks at the barrier that are not of vehicles which have passed."""

    def served(track: Track) -> bool:
        text = track.plate.text if track.plate and track.plate.accepted else None
        return any(track.track == n and text in (None, plate) for n, plate in lane.served)

    return [t for t in lane.tracks.values() if t.at_barrier and not served(t)]


def behind(lane: Lane) -> list[Track]:
    """Tracks at the barrier that are not the passage's own, the best read first."""
    passage = lane.passage
    own = {*own_tracks(passage), *(n for n, _ in lane.served)} if passage else set()
    texts = {*sure_views(passage), *trailers_beside(passage)} if passage else set()
    texts |= {passage.corrected} - {""} if passage else set()
    others = [t for t in candidates(lane) if t.track not in own and _text(t) not in texts]
    if passage is not None and passage.track:
        # What another camera begins to see as it goes through is its own other end.
        others = [t for t in others if t.camera == passage.camera]
    return sorted(others, key=lambda t: -(t.plate.confidence if t.plate else 0.0))


def own_trailers(lane: Lane, book: AssignmentBook) -> tuple[PlateView, ...]:
    """What is surely read at the line behind the vehicle under the arm of the trailers that are
    declared with it: their plates come into sight as it drives on."""
    used = (a for a in book.items if a.assignment_id == lane.passing_on)
    declared = {plate.text for a in used for plate in a.plates if plate.role == TRAILER}
    views = (t.plate for t in candidates(lane) if t.plate and t.plate.accepted)
    return tuple(view for view in views if view.text in declared)


def followers(lane: Lane) -> list[Track]:
    """Those at the barrier behind the passage's vehicle that are read as other vehicles. An unread
    track may be its own trailer, and a doubtful text near its own plate is its own."""
    passage = lane.passage
    own = {passage.plate, *passage.trailer_texts} - {""} if passage else set()

    def other(track: Track) -> bool:
        view = track.plate
        if view is None or not (view.accepted or view.confidence >= LIKELY):
            return False
        return view.accepted or all(apart(view.text, text) > NEAR for text in own)

    return [track for track in behind(lane) if other(track)]


def noted(lane: Lane) -> tuple[Track, ...]:
    """All who have been read at the line behind the vehicle under the arm, in their order. One that
    is near another in its plate is that one on a new track."""
    passage = lane.passage
    if passage is None or not passage.track:
        # Whose plate is read then is not known: it may be that of who is under the arm.
        return lane.noted
    found = {track.track: track for track in lane.noted}
    for track in followers(lane):
        gone = [text for _, text in lane.served]
        texts = [*gone, *(_text(other) for name, other in found.items() if name != track.track)]
        if all(apart(_text(track), text) > NEAR for text in texts):
            found[track.track] = track
    return tuple(found.values())[:NOTED]


def passed_behind(lane: Lane, stands: bool) -> Track | None:
    """The first of those behind the vehicle under the arm who may be through and is not recorded
    yet: none who went away again. `stands`: the loop feels one who is before the arm; that is the
    last whom the camera has there, but for two-wheelers, which are through sooner than lost."""
    follower = (lane.follower,) if lane.follower else ()
    found = {track.track: track for track in (*follower, *lane.noted)}
    found |= {track.track: track for track in behind(lane) if track.track not in found}
    at_line = [name for name, track in lane.tracks.items() if name in found and track.at_barrier]
    felt = [name for name in at_line if found[name].kind not in TWO_WHEELS][-1:] if stands else []
    done = {name for name, _ in lane.served}
    through = {*at_line, *lane.vanished} - {*felt, *done}
    return next((track for name, track in found.items() if name in through), None)


def identify(passage: Passage, there: Sequence[Track], book: AssignmentBook) -> Sighting:
    """The passage after an update of the tracks at the barrier."""
    if not there:
        return Sighting(Who.NOBODY, passage)
    there = [_read_anew(passage, track) for track in there]
    passage = with_views(passage, there)
    known = sure_views(passage)
    sure = {t.plate.text: t for t in there if t.plate and t.plate.accepted}
    strange = sure.keys() - known.keys()
    bound = next((t for t in there if t.track == passage.track), None)
    rears = trailers_beside(passage)
    more = passage.track or any(view.text not in rears for view in passage.reads)
    if bound is None and more and all(_text(t) in rears for t in there):
        # Its other end, which is seen a moment longer.
        return Sighting(Who.SAME, passage)
    if strange and len(known.keys() | sure.keys()) > 1:
        joined = _joined(passage, known, sure, book) or coupled(passage, known, sure)
        return _not_joined(passage, sure, bound) if joined is None else _heard(joined, there)
    if passage.before is not None and strange:
        (track,) = sure.values()
        mine = bound is None or track is bound
        # What is read on the track that a person has decided on is of the vehicle that he saw.
        seen = passage.settled_by_person
        if mine and not seen and not strange <= set(passage.before):
            return Sighting(Who.SWAPPED, passage)
    return _bound(passage, there, sure, bound)


def _read_anew(passage: Passage, track: Track) -> Track:
    """The track, without a reading that may still be the one of who stood there before."""
    old = track.track == passage.track and track.frames_read < passage.frames_needed
    # How many frames another camera's track needs was not noted: it is not heard this time.
    old = old or (passage.frames_needed > 0 and track.camera != passage.camera)
    return replace(track, plate=None) if old else track


def _not_joined(passage: Passage, sure: Mapping[str, Track], bound: Track | None) -> Sighting:
    """Plates that are no one vehicle's: two vehicles, one that reads otherwise, or another."""
    if len(sure) > 1:
        return Sighting(Who.SEVERAL, _both(passage, sure))
    (track,) = sure.values()
    if track is bound:
        return Sighting(Who.CHANGED, replace(passage, view=track.plate))
    return Sighting(Who.SWAPPED if bound is None else Who.SEVERAL, passage)


def _both(passage: Passage, sure: Mapping[str, Track]) -> Passage:
    """With what is read of all of them; whose the passage is, where it has no track, is unknown."""
    passage = also_read(passage, *(track.plate for track in sure.values()))
    if passage.track:
        return passage
    pictures = (name for track in sure.values() for name in track.evidence)
    return replace(passage, evidence=tuple(dict.fromkeys(pictures)))


def named_by_person(passage: Passage, plate: str, there: Sequence[Track]) -> Passage:
    """Of several vehicles that are nobody's, the one whose plate a person has given."""
    track = next((t for t in there if plate and _text(t) == plate), None)
    if passage.track or track is None:
        return passage
    return replace(
        passage,
        track=track.track,
        kind=track.kind,
        view=track.plate,
        frames=track.frames_read,
        evidence=track.evidence,
    )


def _bound(
    passage: Passage, there: Sequence[Track], sure: Mapping[str, Track], bound: Track | None
) -> Sighting:
    """Bound to its track, or to the one that takes its place."""
    if bound is None:
        bound = next((t for text, t in sure.items() if text in sure_views(passage)), None)
    elif _by_its_trailer(passage, bound):
        bound = _first(there, sure)
    known = sure_views(passage) or passage.settled_by_person or _has_code(passage)
    if bound is None and passage.track and known:
        return Sighting(Who.ANOTHER, replace(passage, track=_first(there, sure).track))
    if bound is None:
        # Nothing was surely read of the one before: its doubtful reading is not this one's.
        bound = _first(there, sure)
        if passage.track:
            passage = replace(passage, view=None, frames=0, evidence=())
    read = best_read(passage, bound, there)
    view = read.plate
    if view is None or view.text in passage.trailer_texts:
        view = passage.view
    seen = replace(
        passage,
        track=bound.track,
        camera=bound.camera,
        kind=bound.kind or _kind(passage, there) or passage.kind,
        view=view,
        frames=max(passage.frames, bound.frames_read),
        evidence=_pictures(passage, read),
        dwell_s=max(passage.dwell_s, bound.dwell_s),
        reversed=passage.reversed or bound.heading is Heading.REVERSING,
    )
    return _heard(seen, there, read.track)


def _by_its_trailer(passage: Passage, bound: Track) -> bool:
    """Whether nothing but a trailer is known of it: the front that is seen beside it is its own. A
    person's word stays with what he saw."""
    text = passage.view.text if passage.view else ""
    return of_a_trailer(text) and text == _text(bound) and not passage.settled_by_person


def _pictures(passage: Passage, read: Track) -> tuple[str, ...]:
    """What is kept of it; of who is read anew also that of before, once he is shown to be he."""
    if passage.earlier is None:
        return passage.evidence
    view, before = read.plate, passage.before or ()
    if view is not None and view.accepted and view.text in before:
        return (*passage.earlier.evidence, *passage.evidence)
    return read.evidence or passage.evidence


def _has_code(passage: Passage) -> bool:
    """Whether a code that counts stands for it."""
    return passage.code is not None and not passage.code.refused


def _kind(passage: Passage, there: Sequence[Track]) -> str:
    """The kind by a camera beside, where the one that reads cannot tell: it sees a bonnet only."""
    return next((t.kind for t in there if t.track in passage.views and t.kind), "")


def _first(there: Sequence[Track], sure: Mapping[str, Track]) -> Track:
    """Of several tracks the one to begin with: one that is surely read, and no trailer beside."""
    trailers = [text for text in sure if of_a_trailer(text)]
    ahead = [track for text, track in sure.items() if text not in trailers]
    ahead += [track for track in there if _text(track) not in sure]
    return next(iter(ahead), there[0])


def _joined(
    passage: Passage,
    known: Mapping[str, PlateView],
    sure: Mapping[str, Track],
    book: AssignmentBook,
) -> Passage | None:
    """Tractor and trailers of one assignment, or None."""
    views = {**{text: t.plate for text, t in sure.items() if t.plate}, **known}
    naming = book.for_vehicle(views)
    if not naming:
        return None
    tractor = naming[0].tractor_among(views)
    trailers = tuple(views[text] for text in sorted(views) if text != tractor)
    passage = replace(passage, view=views[tractor], trailers=trailers)
    track = sure.get(tractor)
    if track is None:
        return passage
    return replace(
        passage,
        track=track.track,
        camera=track.camera,
        kind=track.kind or passage.kind,
        frames=max(passage.frames, track.frames_read),
    )


def _heard(passage: Passage, there: Sequence[Track], spoken: str = "") -> Sighting:
    """With what is unsure beside it, or a trailer's, and what became sure. `spoken`: the track
    whose plate is its own; where it has several, an unsure one is heard as any other beside it."""
    own, known = {spoken or passage.track}, sure_views(passage)
    beside = tuple(
        view
        for view in (t.plate for t in there if t.track not in own)
        if view and (not view.accepted or (of_a_trailer(view.text) and view.text not in known))
    )
    passage = replace(remembered(passage, there), evidence=shown_by(passage, there))
    new = tuple(v for text, v in known.items() if text not in passage.recorded_texts)
    passage = also_read(passage, passage.view, *passage.trailers, *beside)
    return Sighting(Who.SAME, passage, beside, new)


def also_read(passage: Passage, *views: PlateView | None) -> Passage:
    """With the readings among its own, the last of each text."""
    reads = {view.text: view for view in passage.reads}
    reads |= {view.text: view for view in views if view}
    return replace(passage, reads=tuple(reads.values())[-READS_KEPT:])


def sure_views(passage: Passage) -> dict[str, PlateView]:
    """What is surely read of the vehicle, by its text."""
    views = (passage.view, *passage.trailers)
    return {view.text: view for view in views if view is not None and view.accepted}


def of_a_trailer(text: str) -> bool:
    """By the format of its plate."""
    plate = parse(text)
    return plate is not None and plate.kind == "trailer"


def trailers_beside(passage: Passage) -> set[str]:
    """Trailers' plates that were surely read beside it while it stood: its own trailer's."""
    return {view.text for view in passage.reads if view.accepted and of_a_trailer(view.text)}


def _text(track: Track) -> str:
    return track.plate.text if track.plate else ""
