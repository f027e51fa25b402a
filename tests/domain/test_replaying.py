"""What another policy would have said of a decision that is past."""

from dataclasses import replace
from datetime import UTC

import pytest

from edge.domain.policy import BUILT_IN, KeyWeight, SecondKey
from edge.domain.reason import Reason, Verdict
from edge.domain.replaying import NotKnown, Past, again
from edge.domain.ruling import Rule, Rulings
from tests.support.builders import NOON

ADMITS = replace(BUILT_IN, second_key=SecondKey(KeyWeight.ADMITS, frozenset({"drivers"})))
ON_A_CODE = Past(
    "out1", "truck", NOON, "allow", "second_key", "assigned", "automatic", True, "drivers", False
)
UNREAD = Past(
    "out1", "truck", NOON, "refer", "unread", "unread", "automatic", True, "drivers", False
)


def said(past, policy):
    found = again(past, policy)
    return found if found is None or isinstance(found, NotKnown) else (found.verdict, found.row)


def test_who_was_admitted_on_a_code_would_wait_where_codes_weigh_less():
    assert said(ON_A_CODE, ADMITS) is None
    assert said(ON_A_CODE, BUILT_IN) == ("refer", "unread")
    elsewhere = replace(ADMITS, second_key=replace(ADMITS.second_key, lanes=frozenset({"out2"})))
    assert said(ON_A_CODE, elsewhere) == ("refer", "unread")
    others = replace(ADMITS, second_key=replace(ADMITS.second_key, issuers=frozenset({"yard"})))
    assert said(ON_A_CODE, others) == ("refer", "unread")
    assert said(replace(ON_A_CODE, read=True), BUILT_IN) == ("refer", "unsure_reading")


def test_a_rule_for_who_is_not_read_stands_above_codes():
    rule = Rule("rows.unread.otherwise", Reason.UNREAD, Verdict.REFUSE, otherwise=True)
    strict = replace(ADMITS, rulings=Rulings((rule,), UTC))
    assert said(ON_A_CODE, strict) == ("refuse", "unread")


def test_what_the_list_would_have_said_of_a_code_that_did_not_count_is_not_known():
    assert said(UNREAD, ADMITS) is NotKnown.LIST
    assert said(UNREAD, BUILT_IN) is None
    assert said(replace(UNREAD, code=False), ADMITS) is None


@pytest.mark.parametrize("reason", ["attended", "lane_closed", "free_flow"])
def test_a_row_that_a_mode_hid_and_nobody_recorded_is_not_known(reason):
    past = Past("out1", "truck", NOON, "refer", reason, None, "")
    assert said(past, BUILT_IN) is NotKnown.ROW
    assert said(replace(past, row="assigned", mode="attended"), BUILT_IN) is None


def test_what_the_list_had_no_part_in_no_policy_changes():
    assert said(Past("out1", "truck", NOON, "refer", "barrier_refused", None, ""), ADMITS) is None
