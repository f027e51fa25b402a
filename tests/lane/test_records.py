"""What the record of a passage says."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from edge.domain.facts import (
    Arm,
    ArmMoved,
    OperatorDecided,
    RequestHandled,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
)
from edge.domain.reason import Decision, Reason, Verdict
from edge.lane.cells import Cell
from edge.lane.outcomes import outcome_of
from edge.lane.vehicle import Passage
from edge.lane.vocabulary import Outcome, Stage
from tests.support.builders import NOON, a_book, a_plate_view, a_vehicle_seen, an_assignment
from tests.support.lane_play import Play

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
JUNK = a_plate_view("8N4410", 0.01, False)


def ended(play):
    """The last record of an end, valid by its schema."""
    for type in ("passage.completed", "passage.abandoned", "passage.decided"):
        schema = json.loads((SCHEMAS / f"{type}.json").read_text(encoding="utf-8"))
        for data in play.recorded(type):
            jsonschema.validate(data, schema)
    ends = play.recorded("passage.completed") + play.recorded("passage.abandoned")
    return ends[-1]


def test_the_record_of_an_admitted_vehicle_is_whole():
    play = Play()
    play(VehicleArrived("out1"))
    play(a_vehicle_seen(a_plate_view("24C1234S", 0.6, False)), after=1)
    play(a_vehicle_seen(a_plate_view()), after=1)
    play(ArmMoved("out1", Arm.OPENING, "authorisation"), after=0.1)
    play(ArmMoved("out1", Arm.OPEN, "reached_open"), after=3)
    play(VehicleEntered("out1", "p1"), after=1)
    play(VehicleCrossed("out1", "p1"), after=4)
    record = ended(play)
    assert record["outcome"] == "admitted"
    assert [r["text"] for r in record["reads"]] == ["24C12345", "24C1234S"]
    assert [m["arm"] for m in record["motions"]] == ["opening", "open"]
    times = [record[n] for n in ("arrived_at", "decided_at", "entered_at", "completed_at")]
    assert times == sorted(times)
    assert len(set(times)) == 4
    assert (record["by"], record["observed"], record["evidence"]) == ("gate", True, ["a.jpg"])


def test_motions_of_before_are_not_of_this_passage():
    play = Play()
    play(ArmMoved("out1", Arm.CLOSED, "reached_closed"))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()), after=60)
    play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"), after=1)
    assert ended(play)["motions"] == []


@pytest.mark.parametrize("end", [VehicleBackedOff("out1"), VehicleCrossed("out1", None)])
def test_no_record_names_a_plate_of_one_per_cent(end):
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(JUNK))
    play(Ticked(), after=7)
    decided = play.recorded("passage.decided")[-1]
    assert (decided["plate"], decided["read_plate"], decided["country"]) == ("", "", "?")
    play(VehicleEntered("out1", None)) if isinstance(end, VehicleCrossed) else None
    play(end)
    record = ended(play)
    assert (record["plate"], record["read_plate"], record["reads"]) == ("", "", [])


def test_a_likely_reading_is_named_and_told_as_unsure():
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view("24C1234S", 0.5, False)))
    play(Ticked(), VehicleBackedOff("out1"), after=7)
    record = ended(play)
    assert (record["plate"], record["outcome"]) == ("24C1234S", "unreadable")
    assert record["reads"] == [
        {"text": "24C1234S", "country": "VN", "confidence": 0.5, "accepted": False}
    ]


def test_what_a_person_corrected_stands_beside_what_was_read():
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(JUNK))
    play(Ticked(), after=7)
    play(OperatorDecided("out1", "p1", True, "24C12345", "seen", "lan"))
    play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"))
    record = ended(play)
    assert (record["plate"], record["corrected"], record["by"]) == (
        "24C12345", "24C12345", "operator:lan",
    )  # fmt: skip
    assert (record["read_plate"], record["assignment"]) == ("", "A1")


def test_a_person_who_admits_again_and_types_nothing_means_the_plate_that_he_gave_before():
    """The arm came down before the vehicle had entered."""
    play = Play(book=a_book(an_assignment()))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view("24C12346", 0.85, False)))
    play(Ticked(), after=7)
    play(OperatorDecided("out1", "p1", True, "24C12345", "papers", "lan"))
    play(RequestHandled("out1", "p1", "refused", "entry_timeout"), after=9)
    play(OperatorDecided("out1", "p1", True, "", "papers", "lan"))
    play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"), after=3)
    (done,) = play.recorded("passage.completed")
    assert (done["plate"], done["corrected"], done["assignment"]) == ("24C12345", "24C12345", "A1")
    assert done["read_plate"] == "24C12346"


ORDINARY = an_assignment()
WAYS = {
    Outcome.REFUSED: {"state": "held"},
    Outcome.WRONG_LANE: {"lanes": ["out2"]},
    Outcome.REFERRED: {"valid_from": ORDINARY.valid_to, "valid_to": ORDINARY.valid_from},
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_who_leaves_undecided_or_refused_leaves_under_the_name_of_its_reason(way):
    play = Play(book=a_book(an_assignment(**WAYS[way])))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(VehicleLost("out1", "t1"), VehicleBackedOff("out1"))
    assert ended(play)["outcome"] == way


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [("local", "arm_by_hand"), ("moved_by_hand", "arm_by_hand"), ("operator", "passed_unadmitted")],
)
def test_who_passes_under_an_arm_that_was_moved_by_hand_has_that_name(cause, outcome):
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(ArmMoved("out1", Arm.OPENING, cause), after=1)
    play(ArmMoved("out1", Arm.OPEN, "reached_open"), after=2)
    play(VehicleEntered("out1", None), VehicleCrossed("out1", None))
    assert ended(play)["outcome"] == outcome


def test_an_arm_that_a_vehicle_bends_up_was_not_raised_by_a_hand():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(ArmMoved("out1", Arm.STOPPED, "moved_by_hand"), after=1)
    play(VehicleEntered("out1", None), after=0.3)
    play(ArmMoved("out1", Arm.OPEN, "reached_open"), after=2)
    play(VehicleCrossed("out1", None), after=1)
    assert ended(play)["outcome"] == "passed_unadmitted"


def test_a_vehicle_from_the_other_side_has_a_record_and_an_alarm_of_its_own():
    play = Play()
    effects = play(replace(VehicleCrossed("out1", None), backwards=True))
    assert ended(play)["outcome"] == "wrong_way"
    assert effects[-1].code == "wrong_way"


def test_an_admitted_vehicle_under_an_arm_that_was_moved_by_hand_was_admitted():
    play = Play()
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(ArmMoved("out1", Arm.OPEN, "moved_by_hand"))
    play(VehicleEntered("out1", "p1"), VehicleCrossed("out1", "p1"), after=3)
    assert ended(play)["outcome"] == "admitted"


def test_who_was_not_seen_to_come_under_a_raised_arm_passed_under_it_all_the_same():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(ArmMoved("out1", Arm.OPEN, "moved_by_hand"))
    play(VehicleCrossed("out1", "p1"), after=3)
    assert ended(play)["outcome"] == "arm_by_hand"


def test_it_is_who_raised_the_arm_that_counts_and_not_who_lowered_it():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(ArmMoved("out1", Arm.OPENING, "operator"), VehicleEntered("out1", None))
    play(ArmMoved("out1", Arm.CLOSING, "local"), VehicleCrossed("out1", None))
    assert ended(play)["outcome"] == "passed_unadmitted"


@pytest.mark.parametrize(
    ("book", "outcome", "asked"),
    [
        (a_book(an_assignment(lanes=["out2"])), "wrong_lane", "wrong_lane"),
        (a_book(an_assignment(state="held")), "refused", "held"),
    ],
)
def test_what_a_vehicle_is_stays_its_name_when_a_person_says_no(book, outcome, asked):
    play = Play(book=book)
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    for _ in range(2):
        passage = play.lane.passage
        play(OperatorDecided("out1", "p1", False, "", "no", "lan", passage.version), after=1)
    play(VehicleLost("out1", "t1"), VehicleBackedOff("out1"), after=1)
    (record,) = play.recorded("passage.abandoned")
    assert (record["outcome"], record["reason"]) == (outcome, "rejected")
    assert (record["asked"], record["by"]) == (asked, "operator:lan")


def test_why_a_person_was_asked_stands_in_the_record_of_whom_he_let_in():
    play = Play(book=a_book(an_assignment(state="held")))
    play(VehicleArrived("out1"), a_vehicle_seen(a_plate_view()))
    play(OperatorDecided("out1", "p1", True, "", "papers", "lan"), VehicleEntered("out1", "p1"))
    play(VehicleCrossed("out1", "p1"), after=1)
    (record,) = play.recorded("passage.completed")
    assert (record["reason"], record["asked"]) == ("operator", "held")


def test_both_readings_of_a_vehicle_stand_in_its_record():
    play = Play()
    play(VehicleArrived("out1"))
    read = replace(a_plate_view(), second="24C12346", second_confidence=0.91)
    play(a_vehicle_seen(replace(read, accepted=False)), after=1)
    play(VehicleLost("out1", "t1"), after=1)
    play(VehicleBackedOff("out1"), after=10)
    (said,) = [r for r in ended(play)["reads"] if r["text"] == read.text]
    assert said["second_reader"] == {"text": "24C12346", "confidence": 0.91}


@pytest.mark.parametrize(
    ("reason", "asked", "outcome"),
    [
        (Reason.REJECTED, Reason.UNREAD, Outcome.REFUSED),
        (Reason.REJECTED, Reason.TRAILER_ALONE, Outcome.TRAILER_ONLY),
        (Reason.REJECTED, None, Outcome.REFUSED),
        (Reason.ANOTHER_VEHICLE, Reason.HELD, Outcome.SWAPPED),
    ],
)
def test_the_name_of_the_way_out_is_of_what_was_decided_last(reason, asked, outcome):
    verdict = Verdict.REFUSE if reason is Reason.REJECTED else Verdict.REFER
    passage = Passage("p1", NOON, 6.0, decision=Decision(verdict, reason), asked=asked)
    assert outcome_of(Cell(Stage.EMPTY), passage, ()) is outcome
