"""A policy is taken whole or refused with every mistake and its place."""

from datetime import UTC, datetime

import pytest

from edge.config import ConfigError, parse_policy
from edge.domain.policy import KeyWeight
from edge.domain.reason import Reason, Verdict

LANES, ISSUERS = ("out1", "in1"), ("platform",)

WHOLE = """
name = "Nights"
[rows.assigned]
otherwise = "as_is"
[[rows.assigned.when]]
verdict = "refer"
lanes = ["out1"]
days = ["sat", "sun"]
from = "22:00"
to = "05:00"
[rows.not_declared]
otherwise = "refer"
[referral]
four_eyes = ["watch_list"]
claim_s = 60
[second_key]
weight = "admits"
issuers = ["platform"]
"""


def parsed(text):
    return parse_policy(text, LANES, ISSUERS, "nights.toml")


def mistakes(text):
    with pytest.raises(ConfigError) as refused:
        parsed(text)
    return refused.value.problems


def test_a_whole_policy_says_what_it_was_told():
    policy = parsed(WHOLE)
    # Saturday 23:00 in Vietnam.
    night = datetime(2026, 1, 17, 16, 0, tzinfo=UTC)
    rule = policy.rulings.on(Reason.ASSIGNED, "out1", "truck", night)
    assert (rule.verdict, rule.place) == (Verdict.REFER, "rows.assigned.when.0")
    assert policy.rulings.on(Reason.ASSIGNED, "in1", "truck", night).verdict is None
    assert policy.rulings.on(Reason.NOT_DECLARED, "in1", "", night).verdict is Verdict.REFER
    assert policy.rulings.on(Reason.HELD, "in1", "", night) is None
    assert (policy.referral.claim_s, policy.referral.four_eyes) == (60, {Reason.WATCH_LIST})
    assert policy.second_key.weighs("in1") is KeyWeight.ADMITS


def test_its_hash_is_of_what_it_means_and_not_of_how_it_is_written():
    spaced = "# a word\n" + WHOLE.replace(" = ", "   =   ")
    assert parsed(spaced).content == parsed(WHOLE).content
    assert parsed(WHOLE.replace("60", "61")).content != parsed(WHOLE).content


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[rows.wrong_lane]\notherwise = 'allow'", "wrong_lane may not be made to allow"),
        ("[rows.cancelled]\notherwise = 'refer'", "rows.cancelled.otherwise: nothing may be set"),
        ("[rows.held]", "rows.held: a hole"),
        (
            "[[rows.held.when]]\nverdict = 'refer'\nlanes = ['out1']",
            "rows.held: a hole: no rule for lane in1",
        ),
        (
            "[[rows.held.when]]\nverdict = 'refer'\n[[rows.held.when]]\nverdict = 'refuse'\n"
            "days = ['tue']",
            "rows.held.when.1: contradicts rows.held.when.0 (lane in1, car, tue 00:00)",
        ),
        ("[rows.no_such_row]\notherwise = 'refer'", "rows.no_such_row"),
        ("[[rows.held.when]]\nverdict = 'refer'\nlanes = ['out9']", "no lane 'out9'"),
        ("[[rows.held.when]]\nverdict = 'refer'\nfrom = '24:00'", "rows.held.when.0.from"),
        ("[second_key]\nweight = 'admits'", "nobody may issue them"),
        ("[second_key]\nissuers = ['somebody']", "no [[issuers]] 'somebody'"),
        ("[referral]\nescalate_s = 3600", "referral.escalate_s"),
        ("[referral]\nclaims_s = 60", "referral.claims_s: unknown key"),
        ("timezone = 'Asia/Nowhere'", "no such time zone"),
        ("name = ", "not valid TOML"),
        ("x = 1\n" * 8000, "more than"),
    ],
)
def test_a_mistake_is_told_with_its_place(text, told):
    found = mistakes(text)
    assert all(line.startswith("nights.toml: ") for line in found)
    assert any(told in line for line in found), found
