"""A tractor and its trailer pass together on one assignment that names both, and on no other."""

import json
from dataclasses import replace
from itertools import chain, combinations, product
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain.assignment import AssignedPlate, AssignmentState
from edge.domain.decision import decide
from edge.domain.facts import (
    Arm,
    AssignmentsChanged,
    BarrierFirstSeen,
    OperatorDecided,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.domain.question import Vehicle
from edge.domain.reason import Reason, Verdict
from edge.lane import snapshot
from edge.lane.effects import Authorise, Revoke, Spend
from edge.lane.state import LaneState
from tests.support.builders import (
    NOON,
    a_book,
    a_plate_view,
    a_policy,
    a_vehicle_seen,
    an_assignment,
)
from tests.support.lane_play import Play

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
T1, T2, R1, R2 = PLATES = ("24C12345", "29C11111", "51R00001", "51R00002")
DECLARED = ["", "T1", "R1", "T1 R1", "T1 R2", "T2 R1", "T1 T2", "T1 T2 R1", "R1 R2", "T1 R1 R2"]
NAMED = {"T1": T1, "T2": T2, "R1": R1, "R2": R2}


def an_assignment_of(id, words, state):
    plates = tuple(
        AssignedPlate(NAMED[w], "VN", "tractor" if w[0] == "T" else "trailer")
        for w in words.split()
    )
    return replace(an_assignment(id=id, state=state), plates=plates)


def may_be_one_vehicle(assignment, read):
    """The rule once more, in other words."""
    named = {p.text: p.role for p in assignment.plates}
    roles = sorted(named.get(text, "stranger") for text in read)
    return roles in (
        ["tractor"], ["trailer"], ["tractor", "trailer"], ["tractor", "trailer", "trailer"]
    )  # fmt: skip


ITEMS = [(words, state) for words in DECLARED if words for state in ("active", "held", "used")]
READINGS = list(chain.from_iterable(combinations(PLATES, n) for n in range(1, 5)))


@pytest.mark.parametrize("read", READINGS)
def test_every_reading_of_tractors_and_trailers_under_every_two_assignments(read):
    for first, second in product([None, *ITEMS], ITEMS):
        items = [
            an_assignment_of(id, *what) for id, what in (("A1", first), ("A2", second)) if what
        ]
        book = a_book(*items)
        joining = {a.assignment_id: a for a in items if may_be_one_vehicle(a, read)}
        usable = {i for i, a in joining.items() if a.state is AssignmentState.ACTIVE}
        for main in read:
            others = [text for text in read if text != main]
            reads = tuple(a_plate_view(text) for text in (main, *others))
            decision = decide(reads, Vehicle(), book, a_policy(), NOON)
            if decision.reason is Reason.TRAILER_ALONE:
                assert all(text in (R1, R2) for text in read)
            elif usable:
                assert decision.verdict is Verdict.ALLOW
                assert decision.assignment in usable
            elif joining:
                assert decision.verdict is Verdict.REFUSE
                assert decision.assignment in joining
            elif others:
                assert (decision.verdict, decision.reason) == (
                    Verdict.REFER,
                    Reason.SEVERAL_VEHICLES,
                )
            else:
                assert decision.reason is Reason.NOT_DECLARED


def test_a_plate_named_as_tractor_and_as_trailer_joins_nothing():
    contradictory = replace(
        an_assignment(),
        plates=tuple(
            AssignedPlate(text, "VN", role)
            for text in (T1, R1)
            for role in ("tractor", "trailer")
        ),
    )  # fmt: skip
    assert not contradictory.one_vehicle([T1, R1])


# --- in the lane ---

TRACTOR, TRAILER = a_plate_view(T1, 0.98), a_plate_view(R1, 0.99)
BOTH = an_assignment(T1, trailers=[R1])


def seen(view, track):
    return a_vehicle_seen(view, track=track)


def reads(play):
    return [d["plate"] for d in play.recorded("plate.read")]


@pytest.mark.parametrize("first", [TRACTOR, TRAILER])
@pytest.mark.parametrize("tracks", [("t1", "t2"), ("t1", "t1")])
def test_a_tractor_and_its_trailer_are_admitted_once_whichever_is_read_first(first, tracks):
    play = Play(book=a_book(BOTH))
    second = TRAILER if first is TRACTOR else TRACTOR
    play(VehicleArrived("out1"), seen(first, tracks[0]), seen(second, tracks[1]))
    for _ in range(5):
        play(seen(second, tracks[1]), Ticked(), AssignmentsChanged(), after=0.3)
    assert play.lane.state is LaneState.ADMITTED
    assert play.lane.passage.plate == T1
    assert [e for e in play.effects if isinstance(e, Authorise | Revoke)] == [Authorise("p1")]
    assert sorted(reads(play)) == [T1, R1]


@pytest.mark.parametrize("read", [[TRACTOR, TRAILER], [TRAILER, TRACTOR], [TRACTOR]])
def test_the_passage_names_the_trailers_that_were_read_with_the_tractor(read):
    play = Play(book=a_book(BOTH))
    play(VehicleArrived("out1"), *(seen(view, view.text) for view in read))
    play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"))
    (completed,) = play.recorded("passage.completed")
    together = len(read) == 2
    assert completed["plate"] == (T1 if together else read[0].text)
    assert completed["trailers"] == ([{"text": R1, "country": "VN"}] if together else [])
    assert completed["assignment"] == "A1"
    schema = json.loads((SCHEMAS / "passage.completed.json").read_text(encoding="utf-8"))
    jsonschema.validate(completed, schema)


def test_both_read_before_the_loop_feels_them():
    play = Play(book=a_book(BOTH))
    play(seen(TRAILER, "t2"), seen(TRACTOR, "t1"))
    effects = play(VehicleArrived("out1"))
    assert Authorise("p1") in effects
    assert play.recorded("passage.decided")[-1]["plate"] == T1


def test_the_trailer_of_another_assignment_is_a_case_for_a_person_though_both_may_pass():
    play = Play(book=a_book(an_assignment(T1), an_assignment(T2, id="A2", trailers=[R1])))
    play(seen(TRACTOR, "t1"), seen(TRAILER, "t2"), VehicleArrived("out1"))
    assert play.recorded("passage.decided")[-1]["reason"] == "several_vehicles"
    assert not [e for e in play.effects if isinstance(e, Authorise)]


def test_the_trailer_of_another_assignment_takes_the_authorisation_back():
    play = Play(book=a_book(an_assignment(T1), an_assignment(T2, id="A2", trailers=[R1])))
    play(VehicleArrived("out1"), seen(TRACTOR, "t1"))
    assert play.lane.state is LaneState.ADMITTED
    assert Revoke("p1") in play(seen(TRAILER, "t2"))
    # A list that comes later does not settle who stands there.
    play.book = a_book(BOTH)
    play(AssignmentsChanged(), seen(TRAILER, "t2"), seen(TRACTOR, "t1"))
    assert play.lane.state is LaneState.WAITING


def test_an_assignment_of_the_tractor_alone_gives_way_to_the_one_that_names_both():
    alone = an_assignment(T1, id="A0", priority=9)
    play = Play(book=a_book(alone, BOTH))
    play(VehicleArrived("out1"), seen(TRACTOR, "t1"))
    assert play.lane.passage.decision.assignment == "A0"
    play(seen(TRAILER, "t2"))
    assert play.lane.state is LaneState.ADMITTED
    assert [e for e in play.effects if isinstance(e, Authorise | Revoke)] == [Authorise("p1")]
    assert play.recorded("passage.decided")[-1]["assignment"] == "A1"
    assert Spend("A1") in play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"))


def test_where_the_one_that_names_both_is_held_the_other_is_not_used():
    alone = an_assignment(T1, id="A0")
    play = Play(book=a_book(alone, replace(BOTH, state=AssignmentState.HELD)))
    play(VehicleArrived("out1"), seen(TRACTOR, "t1"))
    assert Revoke("p1") in play(seen(TRAILER, "t2"))
    assert play.recorded("passage.decided")[-1]["reason"] == "held"


def test_two_tractors_that_one_assignment_names_are_two_vehicles():
    book = a_book(an_assignment_of("A1", "T1 T2 R1", "active"))
    play = Play(book=book)
    play(seen(TRACTOR, "t1"), seen(a_plate_view(T2), "t2"), VehicleArrived("out1"))
    assert play.recorded("passage.decided")[-1]["reason"] == "several_vehicles"


@pytest.mark.parametrize("loop", [True, False])
def test_a_trailer_that_has_passed_with_its_tractor_is_not_the_next_vehicle(loop):
    play = Play(book=a_book(BOTH), needs_loop=loop)
    play(VehicleArrived("out1"), seen(TRACTOR, "t1"), seen(TRAILER, "t2"))
    play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"))
    play(seen(TRACTOR, "t1"), seen(TRAILER, "t2"), Ticked(), after=0.2)
    assert play.lane.state is LaneState.EMPTY
    play(VehicleLost("out1", "t1"), VehicleLost("out1", "t2"), VehicleArrived("out1"))
    play(seen(a_plate_view(T2), "t3"))
    assert play.recorded("passage.decided")[-1]["reason"] == "not_declared"


def test_a_crash_forgets_no_trailer():
    play = Play(book=a_book(BOTH))
    play(VehicleArrived("out1"), seen(TRACTOR, "t1"), seen(TRAILER, "t2"))
    kept = json.loads(json.dumps(snapshot.dump(play.lane)))
    assert snapshot.revive("out1", kept, play.clock.now(), 6.0).passage.trailers == (TRAILER,)


FACTS = st.sampled_from(
    [
        VehicleArrived("out1"),
        VehicleEntered("out1", "p1"),
        VehicleCrossed("out1", "p1"),
        VehicleLost("out1", "t2"),
        Ticked(),
        *(seen(a_plate_view(text), track) for text in PLATES[:3] for track in ("t1", "t2")),
        seen(a_plate_view(R1, 0.5, False), "t2"),
        seen(None, "t1"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(FACTS, max_size=30), st.sampled_from([BOTH, an_assignment(T1)]), st.booleans())
def test_whatever_is_read_who_is_admitted_is_named_by_the_assignment_that_is_used(
    facts, declared, loop
):
    other = an_assignment(T2, id="A2", trailers=[R2])
    items = {a.assignment_id: a for a in (declared, other)}
    play = Play(book=a_book(*items.values()), needs_loop=loop)
    for fact in facts:
        play(fact, after=0.3)
        passage = play.lane.passage
        if play.lane.state is LaneState.ADMITTED:
            texts = {passage.view.text, *passage.trailer_texts}
            assert items[passage.decision.assignment].one_vehicle(texts)
            now = {t.plate.text for t in play.lane.tracks.values() if t.plate and t.plate.accepted}
            gone = {text for _, text in play.lane.served}
            assert now - gone <= texts


def test_a_trailer_surely_read_beside_its_unsure_tractor_is_heard_and_no_vehicle_of_its_own():
    trailer, unsure = "51R00001", a_plate_view("24C12345", 0.7, False)
    play = Play(book=a_book(an_assignment(trailers=[trailer])))
    play.entry_loop = True
    front, rear = a_vehicle_seen(unsure), a_vehicle_seen(a_plate_view(trailer), track="t2")
    play(VehicleArrived("out1"), front, rear)
    play(Ticked(), front, rear, after=7)
    assert play.recorded("passage.decided")[-1]["reason"] == "tractor_unsure"
    assert trailer in [read["text"] for read in play.recorded("passage.decided")[-1]["reads"]]
    version = play.lane.passage.version
    play(OperatorDecided("out1", "p1", True, "24C12345", "papers", "lan", version))
    play(VehicleEntered("out1", "p1"), after=4)
    play(front, rear, VehicleCrossed("out1", "p1"), after=4)
    play(Ticked(), after=1)
    assert [d["outcome"] for d in play.recorded("passage.completed")] == ["admitted"]
    assert play.recorded("passage.abandoned") == []
    assert play.lane.passage is None


def test_a_trailer_that_is_seen_a_moment_longer_than_its_tractor_is_no_other_vehicle():
    unsure, trailer = a_plate_view("24C12345", 0.7, False), a_plate_view("51R00001")
    play = Play(book=a_book(an_assignment(trailers=["51R00001"])))
    play.entry_loop = True
    front, rear = a_vehicle_seen(unsure), a_vehicle_seen(trailer, track="t2")
    play(VehicleArrived("out1"), front, rear)
    play(Ticked(), front, rear, after=7)
    version = play.lane.passage.version
    play(OperatorDecided("out1", "p1", False, "", "no", "lan", version))
    play(replace(front, at_barrier=False), after=1)
    assert play.recorded("passage.decided")[-1]["reason"] == "rejected"
    play(replace(rear, at_barrier=False), VehicleBackedOff("out1"), after=1)
    assert [d["outcome"] for d in play.recorded("passage.abandoned")] == ["trailer_only"]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_strange_trailer_seen_a_moment_longer_than_its_tractor_is_no_other_vehicle(at_once):
    play = Play()
    play.entry_loop = True
    front = a_vehicle_seen(a_plate_view())
    rear = a_vehicle_seen(a_plate_view("51R00001"), track="t2")
    arrived = VehicleArrived("out1")
    play(*((front, rear, arrived) if at_once else (arrived, front, rear)))
    assert play.recorded("passage.decided")[-1]["reason"] == "several_vehicles"
    play(replace(front, at_barrier=False), after=1)
    play(replace(rear, at_barrier=False), VehicleBackedOff("out1"), after=1)
    (gone,) = play.recorded("passage.abandoned")
    assert gone["outcome"] == "two_vehicles"


@pytest.mark.parametrize("rejected", [True, False])
@pytest.mark.parametrize("tractor", [None, a_plate_view(T2, 0.6, False)], ids=["unread", "unsure"])
def test_a_trailer_that_goes_out_of_sight_first_was_one_beside_a_tractor_that_is_not_read(
    tractor, rejected
):
    """A restart between: it is the same vehicle, found and named anew."""
    play = Play(book=a_book(an_assignment(T1, trailers=[R1])))
    both = (a_vehicle_seen(tractor, track="t1"), a_vehicle_seen(a_plate_view(R1), track="t2"))
    play(VehicleArrived("out1"), *both)
    play(*both, after=7)
    lane = snapshot.revive("out1", snapshot.dump(play.lane), play.clock.now(), 6.0)
    play = Play(book=play.book, lane=lane)
    play.entry_loop = True
    again = (
        a_vehicle_seen(a_plate_view(R1), track="n2"),
        a_vehicle_seen(tractor, track="n1"),
    )
    play(BarrierFirstSeen("out1", Arm.CLOSED, True, False), *again)
    play(*again, after=7)
    assert play.lane.passage.decision.reason in (Reason.TRACTOR_UNSURE, Reason.TRAILER_ALONE)
    assert play.recorded("passage.abandoned") == [], "it is no other vehicle"
    play(VehicleLost("out1", "n2"), a_vehicle_seen(tractor, track="n1"), after=1)
    if rejected:
        version = play.lane.passage.version
        play(OperatorDecided("out1", "p1", False, "", "no", "lan", version))
    play(VehicleLost("out1", "n1"), VehicleBackedOff("out1"), after=1)
    (ended,) = play.recorded("passage.abandoned")
    assert (ended["passage"], ended["outcome"]) == ("p1", "trailer_only")


@pytest.mark.parametrize(("declared", "sure", "own"), [
    ([R1], True, True), ([R2], True, False), ([R1], False, True),
])  # fmt: skip
def test_its_declared_trailer_that_is_read_only_as_it_drives_on_does_not_follow_it(
    declared, sure, own
):
    play = Play(book=a_book(an_assignment(T1, trailers=declared)))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view(T1)))
    play(VehicleEntered("out1", "p1"), VehicleLost("out1", "t1"), after=2)
    if not sure:
        play(a_vehicle_seen(a_plate_view(R1, 0.4, False), track="t2"), after=0.5)
    play(a_vehicle_seen(a_plate_view(R1), track="t2"), after=1)
    play(VehicleLost("out1", "t2"), after=1)
    play.entry_loop = False
    play(VehicleCrossed("out1", "p1"), after=3)
    play(Ticked(), after=2)
    first, *more = play.recorded("passage.completed")
    assert (first["plate"], first["outcome"]) == (T1, "admitted")
    assert [d["outcome"] for d in more] == ([] if own else ["tailgated"])
    assert (R1 in {read["text"] for read in first["reads"]}) is own
