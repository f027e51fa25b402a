"""The policy that counts: tried, activated with a reason, kept; unusable, it admits nobody."""

import hashlib

import pytest

from edge.gate.port import Unanswered

ASKS = "name = 'Nights'\n[rows.assigned]\notherwise = 'refer'\n"


def test_an_activation_is_an_event_with_number_hash_who_and_why(place):
    place.policy(ASKS)
    place.policy(ASKS.replace("refer", "refuse"))
    first, second = [e for e in place.events("operator.acted") if e["action"] == "activate_policy"]
    assert (first["user"], first["reason"]) == ("chief", "order 12")
    assert (first["data"]["number"], second["data"]["number"]) == (1, 2)
    assert second["data"]["before"] == {"number": 1, "content": first["data"]["content"]}
    assert place.operations.policy().text == ASKS.replace("refer", "refuse")


def test_what_it_says_counts_in_the_decision_and_its_event_also_after_a_restart(place):
    place.policy(ASKS)
    for _ in range(2):
        place.comes()
        assert (place.lane.verdict, place.lane.reason) == ("refer", "policy")
        assert place.authorised == []
        place.again()
    decided = place.events("passage.decided")[0]
    assert (decided["policy_number"], decided["row"]) == (1, "assigned")
    assert decided["rule"] == "rows.assigned.otherwise"


def test_a_vehicle_that_waits_is_decided_anew_as_soon_as_another_policy_counts(place):
    place.policy(ASKS)
    place.comes()
    assert place.authorised == []
    place.policy("name = 'Days'\n")
    assert place.authorised == ["authorise"]


def test_each_version_of_what_is_asked_has_another_hash_in_the_events(place):
    place.comes()
    place.policy("name = 'Days'\n")
    place.leaves()
    place.tick(10)
    place.comes()
    before, after = [e["policy"] for e in place.events("passage.decided")]
    assert before != after
    assert len(after) == len(hashlib.sha256().hexdigest()[:12])


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_without_a_reason_nothing_counts(place, reason):
    with pytest.raises(Unanswered, match="reason"):
        place.operations.activate_policy(ASKS, reason, "chief")
    assert place.operations.policy().number == 0


def test_a_wrong_one_is_refused_with_its_place_and_the_old_one_counts_on(place):
    place.policy(ASKS)
    with pytest.raises(Unanswered, match=r"rows\.held: a hole"):
        place.operations.activate_policy("[rows.held]\n", "order 13", "chief")
    assert place.operations.policy().number == 1
    assert len(place.events("operator.acted")) == 1


def test_one_that_the_settings_no_longer_fit_admits_nobody_until_another_counts(place):
    place.policy(ASKS)
    state = place.journal.state("policy")
    gone = {**state, "text": "[rows.held]\notherwise='refer'\n[second_key]\nlanes = ['gone']\n"}
    place.journal.record([], {"policy": gone})
    place.again()
    assert "gone" in place.operations.policy().fault
    place.comes()
    assert (place.lane.verdict, place.authorised) == ("refer", [])
    place.policy("name = 'Days'\n")
    assert place.authorised == ["authorise"]
    assert place.operations.policy().fault == ""


def test_what_would_happen_is_told_by_the_policy_that_counts_and_by_another(place):
    assert place.operations.explain("out1", "24C-123.45").verdict == "allow"
    tried = place.operations.explain("out1", "24C-123.45", text=ASKS)
    assert (tried.verdict, tried.rule) == ("refer", "rows.assigned.otherwise")
    place.set("closed")
    closed = place.operations.explain("out1", "24C-123.45")
    assert (closed.verdict, closed.reason, closed.mode) == ("refuse", "lane_closed", "closed")
    with pytest.raises(Unanswered, match="no such lane"):
        place.operations.explain("out9", "24C-123.45")
