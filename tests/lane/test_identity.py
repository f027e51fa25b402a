"""Who stands before the barrier."""

from dataclasses import replace

import pytest

from edge.domain.assignment import AssignedPlate
from edge.domain.facts import Heading
from edge.domain.reason import Decision, Reason, Verdict
from edge.lane.identity import (
    Who,
    behind,
    candidates,
    followers,
    identify,
    named_by_person,
    own_trailers,
)
from edge.lane.state import Lane
from edge.lane.vehicle import Passage, Track
from edge.lane.vocabulary import Stage
from tests.support.builders import NOON, a_book, a_plate_view, an_assignment

T1, T2, R1 = "24C12345", "29C11111", "51R00001"
BOOK = a_book(an_assignment(T1, trailers=[R1]), an_assignment(T2, id="A2"))
SURE, OTHER, TRAILER = a_plate_view(T1), a_plate_view(T2), a_plate_view(R1)
UNSURE, JUNK = a_plate_view(T2, 0.6, False), a_plate_view(T2, 0.49, False)
NEAR = a_plate_view("24C12346", 0.6, False)


def a_track(name="t1", plate=SURE, at_barrier=True, kind="truck"):
    return Track(name, kind, plate, 5, at_barrier, (f"{name}.jpg",), 0.0)


def a_passage(**changes):
    return replace(Passage("p1", NOON, 6.0, track="t1", kind="truck", view=SURE), **changes)


def a_lane(*tracks, passage=None, served=()):
    return Lane("out1", Stage.CROSSING, passage or a_passage(),
                tracks={t.track: t for t in tracks}, served=served)  # fmt: skip


@pytest.mark.parametrize(
    ("track", "served", "there"),
    [
        (a_track(), (), True),
        (a_track(at_barrier=False), (), False),
        (a_track(), (("t1", T1),), False),
        (a_track(plate=None), (("t1", T1),), False),
        (a_track(plate=a_plate_view(T1, 0.5, False)), (("t1", T1),), False),
        (a_track(plate=UNSURE), (("t1", T1),), False),
        (a_track(plate=OTHER), (("t1", T1),), True),
        (a_track(), (("t2", T1),), True),
        (a_track(plate=None), (("t2", T1),), True),
    ],
)
def test_who_has_passed_is_looked_at_no_more_until_another_plate_is_read(track, served, there):
    assert candidates(a_lane(track, served=served)) == ([track] if there else [])


def test_behind_are_the_tracks_that_are_not_its_own_the_best_read_first():
    own, trailer = a_track("t1"), a_track("t4", TRAILER)
    unread, unsure, sure = a_track("t2", None), a_track("t3", UNSURE), a_track("t5", OTHER)
    passage = a_passage(trailers=(TRAILER,))
    lane = a_lane(own, unread, unsure, trailer, sure, passage=passage)
    assert behind(lane) == [sure, unsure, unread]
    assert behind(replace(lane, served=(("t5", ""),))) == [unsure, unread]
    assert behind(replace(lane, served=(("t3", ""),))) == [sure, unread]
    assert len(behind(replace(lane, passage=None))) == 5


@pytest.mark.parametrize(
    ("plate", "follows"),
    [(OTHER, True), (UNSURE, True), (JUNK, False), (None, False), (NEAR, False),
     (replace(NEAR, accepted=True), True)],
)  # fmt: skip
def test_a_follower_is_read_as_another_vehicle(plate, follows):
    lane = a_lane(a_track(), a_track("t2", plate))
    assert [t.track for t in followers(lane)] == (["t2"] if follows else [])


def who(passage, *tracks):
    return identify(passage, tracks, BOOK).who


def test_nobody_there_changes_nothing():
    found = identify(a_passage(), (), BOOK)
    assert (found.who, found.passage) == (Who.NOBODY, a_passage())


def test_a_first_look_binds_to_the_track_that_is_surely_read():
    fresh = a_passage(track="", view=None, kind="")
    found = identify(fresh, (a_track("t2", None, kind="bus"), a_track("t1")), BOOK)
    assert (found.who, found.passage.track, found.passage.view) == (Who.SAME, "t1", SURE)
    assert (found.passage.kind, found.passage.frames) == ("truck", 5)
    assert found.passage.evidence == ("t1.jpg",)
    assert [view.text for view in found.new] == [T1]
    unread = identify(fresh, (a_track("t2", None), a_track("t3", None)), BOOK)
    assert unread.passage.track == "t2"


def test_a_reading_beside_it_is_heard_and_is_not_its_own():
    fresh = a_passage(view=None)
    found = identify(fresh, (a_track("t1", None), a_track("t2", OTHER)), BOOK)
    assert (found.who, found.passage.view, found.reads) == (Who.SAME, None, ())
    found = identify(fresh, (a_track("t1", TRAILER), a_track("t2", UNSURE)), BOOK)
    assert (found.passage.view, found.beside) == (TRAILER, (UNSURE,))
    assert found.reads == (TRAILER, UNSURE)
    assert set(found.passage.reads) == {TRAILER, UNSURE}


@pytest.mark.parametrize(
    ("tracks", "expected"),
    [
        ([a_track("t1", OTHER)], Who.CHANGED),
        ([a_track("t1"), a_track("t2", OTHER)], Who.SEVERAL),
        ([a_track("t1", None), a_track("t2", OTHER)], Who.SEVERAL),
        ([a_track("t2", OTHER)], Who.SWAPPED),
        ([a_track("t2", None)], Who.ANOTHER),
        ([a_track("t2", UNSURE)], Who.ANOTHER),
        ([a_track("t2", a_plate_view(T1, 0.6, False))], Who.ANOTHER),
        ([a_track("t2")], Who.SAME),
        ([a_track("t1", None)], Who.SAME),
        ([a_track("t1"), a_track("t2", None)], Who.SAME),
        ([a_track("t1"), a_track("t2", UNSURE)], Who.SAME),
        ([a_track("t2", TRAILER), a_track("t1")], Who.SAME),
        ([a_track("t2", TRAILER)], Who.SAME),
    ],
)
def test_whom_the_tracks_show_beside_who_was_read(tracks, expected):
    assert who(a_passage(), *tracks) is expected


def test_what_a_look_takes_up():
    changed = identify(a_passage(), (a_track("t1", OTHER),), BOOK)
    assert changed.passage.view == OTHER
    less = identify(a_passage(), (a_track("t1", UNSURE),), BOOK)
    assert (less.who, less.passage.view) == (Who.SAME, UNSURE)
    kept = identify(
        a_passage(evidence=("old.jpg",), frames=9), (a_track("t1", None, kind=""),), BOOK
    )
    assert (kept.passage.view, kept.passage.kind, kept.passage.frames) == (SURE, "truck", 9)
    bare = replace(a_track("t1"), evidence=())
    assert identify(a_passage(evidence=("old.jpg",)), (bare,), BOOK).passage.evidence == (
        "old.jpg",
    )
    again = identify(a_passage(), (a_track("t2"),), BOOK)
    assert again.passage.track == "t2"
    another = identify(a_passage(), (a_track("t2", None),), BOOK)
    assert (another.passage.track, another.passage.view) == ("t2", SURE)


def test_a_doubtful_reading_goes_with_its_track():
    doubtful = a_passage(view=UNSURE, frames=7, evidence=("old.jpg",))
    found = identify(doubtful, (a_track("t2", None),), BOOK)
    assert (found.who, found.passage.view, found.passage.frames) == (Who.SAME, None, 5)
    assert found.passage.evidence == ("t2.jpg",)
    blind = identify(a_passage(track="", view=UNSURE), (a_track("t2", None),), BOOK)
    assert blind.passage.view == UNSURE


def test_whom_a_person_settled_is_not_taken_for_another():
    settled = a_passage(view=None, by="operator:lan")
    assert who(settled, a_track("t2", None)) is Who.ANOTHER
    assert who(replace(settled, track=""), a_track("t2", None)) is Who.SAME


def test_tractor_and_trailer_are_one_and_the_tractor_is_its_name():
    for first, second in ((SURE, TRAILER), (TRAILER, SURE)):
        found = identify(a_passage(view=first), (a_track("t1", first), a_track("t2", second)), BOOK)
        assert (found.passage.view, found.passage.trailers) == (SURE, (TRAILER,))
    found = identify(
        a_passage(view=TRAILER, kind="", frames=1), (a_track("t2", SURE, kind="bus"),), BOOK
    )
    assert (found.passage.track, found.passage.kind, found.passage.frames) == ("t2", "bus", 5)
    assert found.passage.evidence == ("t2.jpg",)
    known = a_passage(trailers=(TRAILER,))
    found = identify(known, (a_track("t1", TRAILER),), BOOK)
    assert (found.who, found.passage.view) == (Who.SAME, SURE)
    strange = a_plate_view("51R00009")
    assert who(a_passage(), a_track("t1"), a_track("t2", strange)) is Who.SEVERAL


@pytest.mark.parametrize(
    ("before", "tracks", "expected"),
    [
        ((T1,), [a_track("t1", SURE)], Who.SAME),
        ((T1,), [a_track("t1", OTHER)], Who.SWAPPED),
        ((), [a_track("t1", OTHER)], Who.SWAPPED),
        (None, [a_track("t1", OTHER)], Who.SAME),
        ((T1,), [a_track("t2", OTHER)], Who.SWAPPED),
        ((T1,), [a_track("t1", None), a_track("t2", OTHER)], Who.SAME),
        ((T1,), [a_track("t1", UNSURE)], Who.SAME),
    ],
)
def test_read_anew_the_plate_of_before_shows_that_it_is_the_same(before, tracks, expected):
    assert who(a_passage(view=None, before=before), *tracks) is expected


def test_what_was_recorded_as_sure_is_not_new():
    assert identify(a_passage(recorded_sure=(T1,)), (a_track(),), BOOK).new == ()
    assert identify(a_passage(recorded=(T1, True)), (a_track(),), BOOK).new == ()
    assert identify(a_passage(recorded=(T1, False)), (a_track(),), BOOK).new == (SURE,)


def test_what_is_easily_forgotten():
    # A pair that was joined loses its tractor's reading as one alone does.
    pair = a_passage(trailers=(TRAILER,))
    assert identify(pair, (a_track("t1", UNSURE),), BOOK).passage.view == UNSURE
    # A sure plate in the place of a vehicle that a person settled unread is another's.
    settled = a_passage(view=None, by="operator:lan")
    assert who(settled, a_track("t2", OTHER)) is Who.ANOTHER
    # A vehicle without pictures does not keep those of the one before.
    bare = replace(a_track("t2", None), evidence=())
    assert (
        identify(a_passage(view=UNSURE, evidence=("old.jpg",)), (bare,), BOOK).passage.evidence
        == ()
    )
    # What a tractor's own track lacks is kept.
    unknown = replace(a_track("t2", SURE, kind=""), evidence=())
    found = identify(a_passage(view=TRAILER, evidence=("old.jpg",)), (unknown,), BOOK).passage
    assert (found.track, found.kind, found.evidence) == ("t2", "truck", ("old.jpg",))
    # Its own doubtful reading is not heard twice.
    assert identify(a_passage(view=None), (a_track("t1", UNSURE),), BOOK).beside == ()
    # What is accepted is read, whatever its figure.
    low = replace(OTHER, confidence=0.3)
    assert [t.track for t in followers(a_lane(a_track(), a_track("t2", low)))] == ["t2"]


def rear(name="r1", plate=TRAILER, **more):
    """As a second camera shows it, from behind."""
    return replace(a_track(name, plate), camera="rear", sees="rear", **more)


def test_any_camera_may_show_who_follows_one_whom_none_has_shown():
    unnamed = a_lane(rear("r1", OTHER), passage=a_passage(track="", view=None))
    assert [track.track for track in behind(unnamed)] == ["r1"]
    assert behind(a_lane(rear("r1", OTHER))) == []


def test_the_trailer_of_an_unread_tractor_is_not_the_tractor_when_that_is_out_of_sight():
    beside = a_passage(view=None, reads=(TRAILER,))
    found = identify(beside, (a_track("t2", TRAILER),), BOOK)
    assert (found.who, found.passage.track, found.reads) == (Who.SAME, "t1", ())
    # Nor where several were seen at once, and none of them was its own.
    several = a_passage(track="", view=None, reads=(SURE, TRAILER))
    found = identify(several, (a_track("t2", TRAILER),), BOOK)
    assert (found.passage.track, found.reads) == ("", ())


def test_a_trailer_alone_is_found_again_and_waits_on():
    alone = a_passage(track="", view=None, reads=(TRAILER,), before=(R1,))
    found = identify(alone, (a_track("t2", TRAILER),), BOOK)
    assert (found.who, found.passage.track, found.reads) == (Who.SAME, "t2", (TRAILER,))
    waits = a_passage(view=TRAILER, reads=(UNSURE, TRAILER))
    found = identify(waits, (replace(a_track("t1", TRAILER), dwell_s=40.0),), BOOK)
    assert found.passage.dwell_s == 40.0


def test_one_trailer_seen_twice_is_one():
    """Two readings of it would be a trailer and an unsure tractor."""
    twice = (a_track("t1", TRAILER), a_track("t2", TRAILER))
    assert identify(a_passage(view=TRAILER), twice, BOOK).reads == (TRAILER,)


def test_an_unsure_reading_of_a_trailer_does_not_make_it_its_own():
    unsure = a_plate_view(R1, 0.6, False)
    assert who(a_passage(reads=(unsure,)), a_track("t2", unsure)) is Who.ANOTHER


def test_a_plate_of_no_known_form_beside_it_is_no_trailers():
    odd = a_plate_view("8N4410")
    found = identify(a_passage(view=None), (a_track("t1", None), a_track("t2", odd)), BOOK)
    assert (found.who, found.beside) == (Who.SAME, ())


def test_what_waits_for_more_pictures_is_its_own_track_alone():
    """Its loop was left and felt somebody again: its track's text may be that of the one before."""
    anew = a_passage(view=None, before=(T1,), frames_needed=9)
    assert who(anew, a_track("t1", OTHER)) is Who.SAME
    assert who(anew, a_track("t2", OTHER)) is Who.SWAPPED
    late = identify(anew, (replace(a_track("t1", None), frames_read=9), rear(plate=OTHER)), BOOK)
    assert late.passage.view is None, "how many it needs was not noted for another camera"


def test_a_person_names_one_of_several_and_takes_none_from_whom_he_saw():
    several = a_passage(track="", kind="", view=None)
    bus = a_track("t2", OTHER, kind="bus")
    named = named_by_person(several, T2, (a_track("t3"), bus))
    assert (named.track, named.kind, named.view, named.frames) == ("t2", "bus", OTHER, 5)
    assert named.evidence == ("t2.jpg",)
    assert named_by_person(several, "", (a_track("t2", None),)) == several
    assert named_by_person(a_passage(), T2, (bus,)) == a_passage()


def test_a_passage_knows_by_which_camera_it_was_seen():
    assert identify(a_passage(track="", view=None), (rear(),), BOOK).passage.camera == "rear"
    seen = a_passage(track="r1", camera="rear", view=TRAILER)
    assert identify(seen, (rear(), a_track("t1")), BOOK).passage.camera == ""


def test_that_it_rolled_back_is_not_forgotten_when_it_stands_again():
    back = replace(a_track(), heading=Heading.REVERSING)
    rolled = identify(a_passage(), (back,), BOOK).passage
    stands = replace(a_track(), heading=Heading.STANDING)
    assert identify(rolled, (stands,), BOOK).passage.reversed
    assert not identify(a_passage(), (stands,), BOOK).passage.reversed


def test_its_kind_is_told_by_its_own_cameras_and_by_nobody_beside_it():
    passage = a_passage(kind="", views=("o1", "o2"))
    blind, over = a_track("o1", None, kind=""), a_track("o2", None, kind="bus")
    there = (a_track("t1", SURE, kind=""), a_track("t2", None, kind="motorcycle"), blind, over)
    assert identify(passage, there, BOOK).passage.kind == "bus"


def test_of_a_pair_the_tractors_doubtful_reading_is_not_anothers():
    there = (a_track("t1", UNSURE), a_track("t2", TRAILER))
    found = identify(a_passage(), there, BOOK)
    assert (found.who, found.beside) == (Who.SAME, ())


def test_all_that_was_kept_of_it_is_its_record_as_long_as_it_is_the_same():
    kept = a_passage(evidence=("old.jpg",))
    assert identify(kept, (a_track("t2"),), BOOK).passage.evidence == ("old.jpg", "t2.jpg")
    pair = identify(kept, (a_track("t1", TRAILER), a_track("t2")), BOOK).passage
    assert pair.evidence == ("old.jpg", "t2.jpg")


def test_pictures_of_before_are_of_who_stands_there_once_he_is_shown_to_be_the_same():
    earlier = a_passage(evidence=("old.jpg",))
    anew = replace(earlier, view=None, before=(T1,), earlier=earlier)
    for text in (T1, T2):
        unsure = identify(anew, (a_track("t1", a_plate_view(text, 0.6, False)),), BOOK).passage
        assert unsure.evidence == ("t1.jpg",)
    settled = replace(anew, by="operator:lan")
    assert identify(settled, (a_track("t1", OTHER),), BOOK).passage.evidence == ("t1.jpg",)
    assert identify(unsure, (a_track(),), BOOK).passage.evidence == ("old.jpg", "t1.jpg")
    bare = replace(a_track("t1", UNSURE), evidence=())
    assert identify(anew, (bare,), BOOK).passage.evidence == ("old.jpg",)


def test_a_vehicle_is_bound_to_its_front_and_not_to_its_trailer():
    """After a start both are in sight at once: the trailer is lost first, and the front stays."""
    both = (a_track("t2", TRAILER), a_track("t3", UNSURE))
    found = identify(a_passage(track="", view=None), both, BOOK)
    assert (found.passage.track, found.passage.view) == ("t3", UNSURE)
    assert found.reads == (UNSURE, TRAILER)
    both = (a_track("t2", TRAILER), a_track("t3", None))
    assert identify(a_passage(track="", view=None), both, BOOK).passage.track == "t3"


def test_a_front_that_is_seen_beside_a_trailer_alone_is_that_vehicles():
    alone = a_passage(track="t2", view=TRAILER)
    both = (a_track("t2", TRAILER), a_track("t3", None))
    found = identify(alone, both, BOOK)
    assert (found.passage.track, found.reads) == ("t3", (TRAILER,))
    assert identify(found.passage, both[1:], BOOK).who is Who.SAME
    # Not of one whom a person has let in, nor of one whose tractor was read.
    settled = replace(alone, by="operator:lan")
    assert identify(settled, both, BOOK).passage.track == "t2"
    read = a_passage(track="t2", trailers=(TRAILER,))
    assert identify(read, both, BOOK).passage.track == "t2"
    tractor = a_passage(track="t2")
    assert identify(tractor, (a_track("t2"), a_track("t3", None)), BOOK).passage.track == "t2"
    front = (a_track("t3", None), a_track("t2", UNSURE))
    assert identify(alone, front, BOOK).passage.track == "t2", "that is its front"


def test_a_trailer_is_its_own_that_its_own_assignment_names_as_a_trailer_and_is_surely_read():
    pair = replace(
        an_assignment(T1, trailers=[R1]),
        plates=(*an_assignment(T1, trailers=[R1]).plates, AssignedPlate(T2, "VN", "tractor")),
    )
    other = an_assignment("30C22222", id="A3", trailers=["51R00003"])
    allowed = Decision(Verdict.ALLOW, Reason.ASSIGNED, "A1")
    tracks = [a_track("t0", None), a_track("t2", OTHER), a_track("t3", a_plate_view("51R00003"))]
    for trailer, own in ((TRAILER, (TRAILER,)), (a_plate_view(R1, 0.6, False), ())):
        lane = a_lane(*tracks, a_track("t4", trailer), passage=a_passage(decision=allowed))
        assert own_trailers(lane, a_book(pair, other)) == own
