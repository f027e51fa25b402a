"""The lane's table is total, has a way back from everywhere, and is drawn as it is."""

import ast
from pathlib import Path

import pytest

from edge.lane.state import SHOWN
from edge.lane.table import TABLE
from edge.lane.vocabulary import Cue, LaneAction, Outcome, Stage
from tools.draw_lane import page

ROOT = Path(__file__).parents[2]
ADMITTED = (Stage.ADMITTED, Stage.LET_IN)


def test_every_stage_has_an_answer_to_every_cue():
    assert TABLE.keys() == {(stage, cue) for stage in Stage for cue in Cue}
    assert SHOWN.keys() == set(Stage)


def test_the_page_about_the_lane_is_drawn_from_the_table_and_the_cases_of_today():
    drawn = (ROOT / "docs" / "lane.md").read_text(encoding="utf-8")
    assert drawn == page(), "run: python -m tools.draw_lane docs/lane.md"


def test_whoever_leaves_an_admission_but_through_the_arm_loses_it():
    passed = {Stage.CROSSING, Stage.EMPTY}
    for stage in ADMITTED:
        for cue in Cue:
            cell = TABLE[stage, cue]
            through = cue in (Cue.ENTERED, Cue.CROSSED, Cue.CROSSED_SEVERAL)
            if cell.stage not in ADMITTED:
                assert (LaneAction.REVOKE in cell.actions) is not through, (stage, cue)
            if through:
                assert cell.stage in passed


def test_nobody_is_authorised_but_by_a_cell_that_records_the_decision_first():
    for key, cell in TABLE.items():
        if LaneAction.AUTHORISE in cell.actions:
            assert cell.stage in ADMITTED, key
            before = cell.actions[: cell.actions.index(LaneAction.AUTHORISE)]
            assert LaneAction.DECIDE in before, key


def test_every_passage_that_ends_is_recorded_once():
    ends = {LaneAction.COMPLETE, LaneAction.ABANDON}
    without = {Stage.EMPTY, Stage.RESUMING_EMPTY}
    for (stage, cue), cell in TABLE.items():
        ended = [action for action in cell.actions if action in ends]
        begins = LaneAction.BEGIN in cell.actions
        assert len(ended) <= 1
        has, will = stage not in without, cell.stage not in without
        assert bool(ended) == (has and (not will or begins)), (stage, cue)
        assert begins == (will and (not has or bool(ended))), (stage, cue)


def test_an_assignment_is_used_by_who_was_admitted_and_passed_alone():
    for (stage, cue), cell in TABLE.items():
        if LaneAction.SPEND in cell.actions:
            assert cell.outcome in (Outcome.ADMITTED, Outcome.RESUMED), (stage, cue)
            assert LaneAction.COMPLETE in cell.actions


@pytest.mark.parametrize("stage", Stage)
def test_there_is_a_way_back_to_an_empty_lane_from_everywhere(stage):
    physical = {
        Cue.LEFT, Cue.ENTERED, Cue.ENTERED_UNADMITTED, Cue.CROSSED, Cue.CROSSED_UNADMITTED,
        Cue.FOUND_STANDING, Cue.FOUND_GONE_ARM_UP, Cue.FOUND_GONE_ARM_DOWN, Cue.STANDS,
        Cue.GONE_WITH_FIRST,
    }  # fmt: skip
    reached = {stage}
    for _ in Stage:
        reached |= {TABLE[s, cue].stage for s in reached for cue in physical}
    assert Stage.EMPTY in reached


EVIDENCE = {"released", "changing", "blind", "found"}
"""What a lane remembers of its sensors beside stage and passage."""

CONCLUDE_CUES = {"rules.py", "from_facts.py", "presence.py"}


def test_what_was_sensed_leads_to_a_cue_and_to_nothing_else():
    asking = {
        file.name
        for file in (ROOT / "edge").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in EVIDENCE
        and ast.unparse(node.value) == "lane"
    }
    assert asking == CONCLUDE_CUES


def test_every_way_out_has_a_cell_or_a_reason():
    from edge.lane.outcomes import OF_REASON

    by_verdict = {Outcome.REFUSED, Outcome.REFERRED}
    by_hand = {Outcome.ARM_BY_HAND}
    named = {cell.outcome for cell in TABLE.values()} | set(OF_REASON.values())
    assert set(Outcome) - named == by_verdict | by_hand
