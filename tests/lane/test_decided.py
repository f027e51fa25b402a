"""What a decision notes of the passage, and what is recorded with it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.domain.alarm_codes import AlarmCode
from edge.domain.guidance import OpenLane
from edge.domain.reason import Decision, Reason, Verdict
from edge.lane.actions import carry_out
from edge.lane.cells import Cell
from edge.lane.effects import RaiseAlarm, Record
from edge.lane.sign import Sign
from edge.lane.state import Lane
from edge.lane.vehicle import Passage
from edge.lane.vocabulary import Cue, LaneAction, Outcome, Stage
from tests.support.builders import NOON, a_book, a_context, a_plate_view, an_assignment

UNSURE = a_plate_view("24C12345", 0.6, False)
PASSAGE = Passage("p1", NOON - timedelta(seconds=9), 0.0, track="t1", view=UNSURE)
NOT_SURE = Decision(Verdict.REFER, Reason.UNSURE_READING)
YES = Decision(Verdict.ALLOW, Reason.OPERATOR)


def decided(passage=PASSAGE, decision=NOT_SURE, cue=Cue.REFERRED, by="gate", **context):
    lane = Lane("out1", Stage.REFERRED, passage)
    cell = Cell(Stage.REFERRED, (LaneAction.DECIDE,))
    asked = replace(a_context(), **context)
    lane, effects = carry_out(lane, cell, Sign(cue, decision, by=by), asked)
    return lane.passage, effects


def types(effects):
    return [effect.type for effect in effects if isinstance(effect, Record)]


def test_an_unsure_reading_is_recorded_with_the_first_decision_and_not_again():
    passage, effects = decided()
    assert types(effects) == ["plate.read", "passage.decided"]
    _, effects = decided(passage, YES, Cue.PERSON_ADMITS, "operator:lan")
    assert types(effects) == ["passage.decided"]


def test_a_passage_without_a_reading_records_none():
    _, effects = decided(replace(PASSAGE, view=None))
    assert types(effects) == ["passage.decided"]


@pytest.mark.parametrize(
    ("before", "first_by", "by", "asked"),
    [
        (NOT_SURE, "gate", "operator:lan", Reason.UNSURE_READING),
        (NOT_SURE, "gate", "gate", None),
        (YES, "operator:tu", "operator:lan", None),
        (None, "gate", "operator:lan", None),
    ],
)
def test_why_the_gate_had_asked_is_noted_when_a_person_first_decides(before, first_by, by, asked):
    passage, _ = decided(replace(PASSAGE, decision=before, by=first_by), YES, by=by)
    assert passage.asked is asked


def test_who_stands_in_the_wrong_lane_is_sent_to_the_right_one():
    wrong = Decision(Verdict.REFUSE, Reason.WRONG_LANE, "A1", row="wrong_lane")
    there = {"book": a_book(an_assignment(lanes=["out2"]))}
    there["open_lanes"] = {"out2": OpenLane("export")}
    passage, (*_, told) = decided(decision=wrong, cue=Cue.REFUSED, **there)
    assert passage.guided_to == told.data["guided_to"] == "out2"


@pytest.mark.parametrize(
    ("cue", "alarms"),
    [
        (Cue.REFERRED, [AlarmCode.PASSAGE_UNOBSERVED]),
        (Cue.REFUSED, [AlarmCode.PASSAGE_UNOBSERVED]),
        (Cue.CHANGED, []),
        (Cue.PERSON_ADMITS, []),
    ],
)
def test_where_the_first_may_have_passed_in_the_dark_a_person_is_called_as_another_is_read(
    cue, alarms
):
    perhaps = replace(PASSAGE, perhaps=Outcome.RESUMED, earlier=PASSAGE, before=("24C99999",))
    _, effects = decided(perhaps, cue=cue)
    assert [e.code for e in effects if isinstance(e, RaiseAlarm)] == alarms
    _, effects = decided(cue=cue)
    assert [e for e in effects if isinstance(e, RaiseAlarm)] == []
