"""What a policy may say of the decision's rows, and when it is whole."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from edge.domain.decision import decide
from edge.domain.decision_rows import ROWS
from edge.domain.question import Journey, Vehicle
from edge.domain.reason import Reason, Verdict
from edge.domain.ruling import SETTABLE, Rule, Rulings, Window, faults
from edge.system.causes import of_phrase
from tests.support.builders import NOON, a_book, a_plate_view, a_policy, an_assignment

ALLOW, REFER, REFUSE = Verdict.ALLOW, Verdict.REFER, Verdict.REFUSE
LANES = ("out1", "out2")


def decided(*rules, kind="truck", now=NOON, **assignment):
    policy = replace(a_policy(), rulings=Rulings(rules, ZoneInfo("Asia/Ho_Chi_Minh")))
    book = a_book(an_assignment(**assignment), as_of=now)
    return decide((a_plate_view(),), Vehicle(kind), book, policy, now)


def test_no_row_that_refuses_may_be_made_to_admit():
    refusing = {row.reason for row in ROWS if row.verdict is REFUSE}
    assert refusing
    assert [r for r in refusing if ALLOW in SETTABLE.get(r, ())] == []


def test_what_may_be_made_to_admit_stands_below_every_row_that_refuses():
    order = [row.reason for row in ROWS]
    last = max(n for n, row in enumerate(ROWS) if row.verdict is REFUSE)
    admitting = {reason for reason, may in SETTABLE.items() if ALLOW in may}
    assert {reason for reason in admitting if order.index(reason) <= last} == set()


def test_a_refusal_of_an_authority_and_a_spent_assignment_are_no_policy():
    assert not {Reason.CLEARANCE_REFUSED, Reason.CANCELLED, Reason.ALREADY_USED} & set(SETTABLE)


def test_who_is_declared_is_left_to_a_person_where_the_policy_says_so():
    decision = decided(Rule("rows.assigned.when.0", Reason.ASSIGNED, REFER))
    assert (decision.verdict, decision.reason) == (REFER, Reason.POLICY)
    assert (decision.row, decision.rule) == ("assigned", "rows.assigned.when.0")


def test_a_refusal_is_left_to_a_person_and_keeps_its_reason():
    rule = Rule("rows.wrong_lane.otherwise", Reason.WRONG_LANE, REFER, otherwise=True)
    decision = decided(rule, lanes=["out2"])
    assert (decision.verdict, decision.reason, decision.detail) == (
        REFER,
        Reason.WRONG_LANE,
        "out2",
    )


def test_a_rule_counts_in_its_lanes_for_its_kinds_alone():
    one = Rule("a", Reason.ASSIGNED, REFER, lanes=frozenset({"out2"}))
    other = Rule("b", Reason.ASSIGNED, REFER, kinds=frozenset({"bus"}))
    assert decided(one, other).verdict is ALLOW
    assert decided(other, kind="bus").verdict is REFER


@pytest.mark.parametrize(
    ("utc_hours_after_noon", "verdict"),
    [(6.9, ALLOW), (7, REFER), (13.9, REFER), (14, ALLOW)],
)
def test_a_window_over_midnight_is_local_and_belongs_to_the_day_it_begins_on(
    utc_hours_after_noon, verdict
):
    # NOON is a Thursday, 15:00 in Vietnam: the window is Thursday 22:00 to Friday 05:00.
    night = Rule("a", Reason.ASSIGNED, REFER, window=Window((3,), 22 * 60, 7 * 60))
    at = NOON + timedelta(hours=utc_hours_after_noon)
    open_ = {"valid_to": NOON + timedelta(days=9)}
    assert decided(night, now=at, **open_).verdict is verdict
    assert decided(night, now=at + timedelta(days=1), **open_).verdict is ALLOW


def mistakes(rules):
    return [of_phrase(fault) for fault in faults(rules, LANES)]


def test_two_rules_that_say_different_things_of_one_case_are_a_contradiction_with_its_place():
    rules = [
        Rule("rows.assigned.when.0", Reason.ASSIGNED, REFER, lanes=frozenset({"out1"})),
        Rule("rows.assigned.when.1", Reason.ASSIGNED, REFUSE, kinds=frozenset({"truck"})),
        Rule("rows.assigned.otherwise", Reason.ASSIGNED, None, otherwise=True),
    ]
    (fault,) = mistakes(rules)
    assert fault == (
        "rows.assigned.when.1: contradicts rows.assigned.when.0 (lane out1, truck, mon 00:00)"
    )


def test_windows_that_only_touch_are_no_contradiction():
    rules = [
        Rule("a", Reason.ASSIGNED, REFER, window=Window(begins=0, lasts=600)),
        Rule("b", Reason.ASSIGNED, ALLOW, window=Window(begins=600, lasts=840)),
    ]
    assert mistakes(rules) == []


def test_what_no_rule_of_a_row_covers_is_a_hole_with_its_place():
    rules = [Rule("a", Reason.ASSIGNED, REFER, window=Window((0,), 0, 600))]
    (fault,) = mistakes(rules)
    assert fault.startswith("rows.assigned: a hole: no rule for lane out1, car, mon 10:00")


def test_a_rule_that_never_holds_is_told():
    rules = [
        Rule("a", Reason.ASSIGNED, REFER),
        Rule("b", Reason.ASSIGNED, ALLOW, otherwise=True),
    ]
    assert mistakes(rules) == ["b: never holds; remove it"]


def test_what_may_not_be_set_is_told_with_what_may():
    rules = [
        Rule("a", Reason.WRONG_LANE, ALLOW),
        Rule("b", Reason.CLEARANCE_REFUSED, REFER),
        Rule("c", Reason.HELD, REFER, lanes=frozenset({"out9", "out1", "out2"})),
    ]
    first, second, third = mistakes(rules)
    assert first == "a: wrong_lane may not be made to allow; known: refer, refuse"
    assert second.startswith("b: nothing may be set for clearance_refused")
    assert third == "c.lanes: there is no lane 'out9'; known: out1, out2"


def test_what_a_policy_lets_pass_against_its_row_is_told_so():
    rules = Rulings((Rule("a", Reason.RETURNED_SOON, ALLOW),), ZoneInfo("Asia/Ho_Chi_Minh"))
    policy = replace(a_policy(), two_way=False, rulings=rules)
    back = Vehicle("truck", (Journey("import", NOON - timedelta(minutes=5)),))
    decision = decide((a_plate_view(),), back, a_book(), policy, NOON)
    assert (decision.verdict, decision.reason) == (ALLOW, Reason.TWO_WAY)
    assert (decision.row, decision.rule) == ("returned_soon", "a")


def test_a_rule_that_says_no_verdict_leaves_the_rows_own():
    decision = decided(Rule("a", Reason.ASSIGNED, None))
    assert (decision.verdict, decision.reason) == (ALLOW, Reason.ASSIGNED)
