"""The decision on one vehicle."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.assignment import AssignmentBook, Clearance
from edge.domain.conditions import usable
from edge.domain.decision import decide
from edge.domain.question import Journey, Vehicle
from edge.domain.reason import Decision, Reason, Verdict
from tests.support.builders import NOON, a_book, a_plate_view, a_policy, an_assignment


def verdict_on(book, plate=None, now=NOON):
    return decide((a_plate_view() if plate is None else plate,), Vehicle(), book, a_policy(), now)


def test_a_declared_and_cleared_vehicle_passes():
    assert verdict_on(a_book()) == Decision(Verdict.ALLOW, Reason.ASSIGNED, "A1")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "held"}, Reason.HELD),
        ({"state": "cancelled"}, Reason.CANCELLED),
        ({"state": "used"}, Reason.ALREADY_USED),
        ({"lanes": ["out2"]}, Reason.WRONG_LANE),
        ({"direction": "import"}, Reason.WRONG_DIRECTION),
        ({"valid_from": NOON + timedelta(minutes=1)}, Reason.NOT_YET_VALID),
        ({"valid_to": NOON - timedelta(minutes=1)}, Reason.EXPIRED),
        ({"clearances": [("border_guard", "done")]}, Reason.CLEARANCE_PENDING),
        (
            {"clearances": [("border_guard", "done"), ("customs", "pending")]},
            Reason.CLEARANCE_PENDING,
        ),
        (
            {"clearances": [("border_guard", "done"), ("customs", "pending"), ("customs", "done")]},
            Reason.CLEARANCE_PENDING,
        ),
        (
            {"clearances": [("border_guard", "refused"), ("customs", "done")]},
            Reason.CLEARANCE_REFUSED,
        ),
    ],
)
def test_each_defect_of_an_assignment_refuses_with_its_reason(changes, reason):
    decision = verdict_on(a_book(an_assignment(**changes)))
    assert (decision.verdict, decision.reason) == (Verdict.REFUSE, reason)
    assert decision.assignment == "A1"


def test_an_undeclared_vehicle_is_refused():
    decision = verdict_on(a_book(), a_plate_view("29C99999"))
    assert decision == Decision(Verdict.REFUSE, Reason.NOT_DECLARED)


def test_an_unsure_reading_is_never_made_sure_by_the_list():
    decision = verdict_on(a_book(), a_plate_view(confidence=0.6, accepted=False))
    assert decision == Decision(Verdict.REFER, Reason.UNSURE_READING)


def test_without_a_reading_a_person_is_asked():
    decision = decide((), Vehicle(), a_book(), a_policy(), NOON)
    assert decision == Decision(Verdict.REFER, Reason.UNREAD)


def test_a_list_never_fetched_decides_nothing():
    assert verdict_on(AssignmentBook()).reason is Reason.NO_ASSIGNMENTS


def test_a_stale_list_decides_nothing():
    assert verdict_on(a_book(), now=NOON + timedelta(hours=5)).reason is Reason.ASSIGNMENTS_STALE


def test_a_list_from_the_future_is_doubted():
    book = a_book(as_of=NOON + timedelta(days=3650))
    assert verdict_on(book).reason is Reason.ASSIGNMENTS_STALE


def test_clocks_that_differ_by_seconds_judge_a_validity_alike():
    book = a_book(an_assignment(valid_from=NOON + timedelta(seconds=20)))
    assert verdict_on(book).verdict is Verdict.ALLOW


def test_one_usable_assignment_among_spent_ones_is_enough():
    book = a_book(an_assignment(id="old", state="used"), an_assignment(id="new"))
    assert verdict_on(book) == Decision(Verdict.ALLOW, Reason.ASSIGNED, "new")


def test_of_several_refusals_the_nearest_to_passing_is_told():
    book = a_book(an_assignment(id="old", state="used"), an_assignment(id="held", state="held"))
    assert verdict_on(book) == Decision(Verdict.REFUSE, Reason.HELD, "held")


@given(
    accepted=st.booleans(),
    declared=st.booleans(),
    state=st.sampled_from(["active", "held", "cancelled", "used"]),
    lane=st.sampled_from(["out1", "in1"]),
    hours=st.integers(-30, 30),
    cleared=st.sampled_from(["done", "pending", "refused"]),
)
def test_only_a_flawless_case_is_ever_allowed(accepted, declared, state, lane, hours, cleared):
    assignment = an_assignment(
        state=state, lanes=[lane], clearances=[("border_guard", "done"), ("customs", cleared)]
    )
    view = a_plate_view("24C12345" if declared else "24C00000", accepted=accepted)
    now = NOON + timedelta(hours=hours)
    flawless = (
        accepted
        and declared
        and state == "active"
        and lane == "out1"
        and cleared == "done"
        and -1 <= hours <= 4
        and hours >= 0
    )
    decision = decide((view,), Vehicle(), a_book(assignment), a_policy(), now)
    assert (decision.verdict is Verdict.ALLOW) == flawless


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"state": "held"}, True),
        ({"clearances": []}, True),
        ({"state": "used"}, False),
        ({"state": "cancelled"}, False),
        ({"direction": "import"}, False),
        ({"lanes": ["out2"]}, False),
        ({"valid_to": NOON - timedelta(minutes=1)}, False),
        ({"valid_from": NOON + timedelta(minutes=1)}, False),
        ({"valid_from": NOON + timedelta(hours=9)}, False),
        ({"valid_from": NOON + timedelta(seconds=9), "valid_to": NOON}, False),
    ],
)
def test_a_person_may_let_pass_on_an_assignment_of_this_lane_direction_and_time(changes, fits):
    assert usable(an_assignment(**changes), a_policy(), NOON) is fits


@pytest.mark.parametrize(
    ("ago", "reason"),
    [(5, "passed_already"), (-5, "passed_already"), (600, "assigned"), (-600, "assigned")],
)
def test_a_clock_that_is_set_back_by_seconds_forgets_no_journey(ago, reason):
    journey = Journey("export", NOON - timedelta(seconds=ago))
    decision = decide((a_plate_view(),), Vehicle("truck", (journey,)), a_book(), a_policy(), NOON)
    assert decision.reason == reason


NOT_UNDERSTOOD = an_assignment(state="not_understood")


@pytest.mark.parametrize(
    "changes",
    [
        {"lanes": ("out2",)},
        {"direction": "import"},
        {"vehicle_kind": "motorcycle"},
        {"valid_to": NOON - timedelta(hours=2)},
        {"valid_from": NOON + timedelta(hours=1)},
        {"clearances": ()},
        {"clearances": (Clearance("customs", "refused"),)},
    ],
)
def test_nothing_else_is_judged_of_an_item_that_is_not_understood(changes):
    """A vehicle is not turned away for what could not be read of its papers: a person looks."""
    book = a_book(replace(NOT_UNDERSTOOD, **changes))
    decision = decide((a_plate_view(),), Vehicle("truck"), book, a_policy(), NOON)
    assert (decision.verdict, decision.reason) == (Verdict.REFER, Reason.NOT_UNDERSTOOD)


def test_a_person_may_let_pass_on_an_item_that_is_not_understood():
    assert usable(replace(NOT_UNDERSTOOD, direction="import", lanes=()), a_policy(), NOON)
