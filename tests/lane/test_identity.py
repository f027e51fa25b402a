"""Who stands before the barrier."""

from dataclasses import replace

import pytest

from edge.lane.identity import Who, behind, candidates, followers, identify
from edge.lane.state import Lane, Passage, Track
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
