"""Whose trailer it pulls: where the lane can read trailers, a declared one is read before the arm
opens."""

from dataclasses import replace

import pytest

from edge.config import load
from edge.config.advice import warnings
from edge.domain.facts import (
    AssignmentsChanged,
    CameraChanged,
    CodeShown,
    OperatorDecided,
    Ticked,
    VehicleArrived,
)
from edge.domain.policy import KeyWeight
from edge.domain.reason import Reason
from edge.lane.effects import Authorise, Revoke
from edge.lane.policy import policy_of
from edge.lane.vocabulary import Stage
from tests.support.builders import (
    a_book,
    a_configuration,
    a_plate_view,
    a_vehicle_seen,
    an_assignment,
)
from tests.support.lane_play import Play

T1, R1, OTHER = "24C12345", "51R00001", "51R00009"
FRONT = a_vehicle_seen(a_plate_view(T1), track="f1")
BOTH = an_assignment(T1, trailers=[R1])
UNREAD = ("refer", Reason.TRAILER_UNREAD, R1)


def rear(text=None, accepted=True):
    view = a_plate_view(text, 0.99 if accepted else 0.6, accepted) if text else None
    return replace(a_vehicle_seen(view, track="r1"), camera="rear", sees="rear")


def play_of(*assignments, waits=True):
    play = Play(a_book(*assignments))
    play.entry_loop, play.trailer_needed = True, waits
    play(VehicleArrived("out1"), FRONT, rear())
    return play


def decisions(play):
    return [(d["verdict"], d["reason"], d["detail"]) for d in play.recorded("passage.decided")]


def let_in(play):
    return any(isinstance(e, Authorise) for e in play.effects)


def test_the_arm_opens_as_soon_as_the_declared_trailer_is_read_too():
    play = play_of(BOTH)
    play(FRONT, rear(R1, False), after=2)
    assert decisions(play) == []
    play(FRONT, rear(R1), after=2)
    assert decisions(play) == [("allow", Reason.ASSIGNED, "")]
    assert play.lane.passage.trailer_texts == (R1,)


@pytest.mark.parametrize("behind", [rear(), rear(OTHER, False)])
def test_a_person_is_asked_about_a_trailer_that_is_not_surely_read_in_time(behind):
    play = play_of(BOTH)
    play(FRONT, behind, after=5.9)
    assert decisions(play) == []
    play(FRONT, behind, after=0.1)
    assert decisions(play) == [UNREAD]
    assert not let_in(play)


def test_a_trailer_that_is_read_after_a_person_was_asked_needs_none():
    play = play_of(BOTH)
    play(Ticked(), FRONT, rear(), after=7)
    assert play.lane.stage is Stage.REFERRED
    play(FRONT, rear(R1), after=10)
    assert decisions(play) == [UNREAD, ("allow", Reason.ASSIGNED, "")]


def test_another_trailer_that_is_surely_read_is_told_as_such_at_once():
    play = play_of(BOTH)
    play(FRONT, rear(OTHER), after=1)
    assert decisions(play) == [("refer", Reason.SEVERAL_VEHICLES, "")]


def test_who_is_declared_without_a_trailer_waits_for_nothing():
    play = play_of(an_assignment(T1))
    assert decisions(play) == [("allow", Reason.ASSIGNED, "")]


def test_who_may_pass_alone_too_waits_for_nothing():
    alone = replace(an_assignment(T1), assignment_id="alone")
    assert decisions(play_of(BOTH, alone)) == [("allow", Reason.ASSIGNED, "")]


def test_a_lane_that_does_not_read_trailers_waits_for_none():
    assert decisions(play_of(BOTH, waits=False)) == [("allow", Reason.ASSIGNED, "")]


def test_who_is_refused_anyway_is_told_so_at_once():
    play = play_of(an_assignment(T1, trailers=[R1], state="cancelled"))
    assert decisions(play) == [("refuse", Reason.CANCELLED, "")]


def test_a_camera_behind_that_fails_leaves_it_to_a_person():
    play = play_of(BOTH)
    play(CameraChanged("out1", False, "no picture", "rear"), FRONT, after=4)
    play(FRONT, after=3)
    assert decisions(play) == [UNREAD]


def test_a_person_who_has_looked_at_the_trailer_lets_it_in():
    play = play_of(BOTH)
    play(FRONT, rear(), after=7)
    seen = play.lane.passage
    play(OperatorDecided("out1", seen.id, True, "", "seen", "lan", seen.version))
    assert play.lane.passage.decision.assignment == "A1"
    assert let_in(play)


def test_a_trailer_that_is_declared_after_the_admission_takes_it_back():
    play = play_of(an_assignment(T1))
    play.book = a_book(BOTH)
    play(AssignmentsChanged(), after=1)
    assert [e for e in play.effects if isinstance(e, Revoke)]
    assert decisions(play)[-1] == UNREAD


def test_a_code_stands_for_the_tractors_plate_and_for_no_trailers():
    play = Play(a_book(BOTH))
    play.entry_loop, play.trailer_needed, play.key = True, True, KeyWeight.ADMITS
    unseen = a_vehicle_seen(None, track="f1")
    code = CodeShown("out1", "c1", "A1", "camera", "", "2026-01-15T09:00:00Z")
    play(VehicleArrived("out1"), unseen, rear(), code)
    play(unseen, rear(), after=7)
    assert decisions(play) == [UNREAD]


REAR = '[lanes.out1.cameras.rear]\nsource = "rear.mp4"\nsees = "{sees}"'


@pytest.mark.parametrize(
    ("lane", "sees", "waits"),
    [
        ("", "", False),
        ("", "overview", False),
        ("", "rear", True),
        ("trailer_needed = false", "rear", False),
        ("trailer_needed = true", "rear", True),
        ("trailer_needed = true", "", True),
    ],
)
def test_a_lane_waits_for_trailers_where_a_camera_sees_rears_unless_it_is_told_otherwise(
    tmp_path, lane, sees, waits
):
    more = REAR.format(sees=sees) if sees else ""
    text = a_configuration(more).replace('"export"', f'"export"\n{lane}')
    (tmp_path / "gate.toml").write_text(text)
    settings = load(tmp_path / "gate.toml")
    asked = policy_of(settings, "out1", settings.lanes["out1"])
    assert asked.trailer_needed is waits
    warned = [w for w in warnings(settings) if w.key.endswith("trailer_needed")]
    assert bool(warned) is (waits and sees != "rear")
