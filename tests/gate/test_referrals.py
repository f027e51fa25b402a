"""A vehicle that waits for a person: claimed by one, settled once, and told truthfully."""

import pytest

from edge.domain.facts import AssignmentsChanged, RequestHandled, VehicleEntered
from edge.gate.port import Unanswered

FOUR_EYES = "[referral]\nfour_eyes = ['not_declared']\nclaim_s = 60\nexpire_s = 600\n"
STRANGER = "29C99999"


def states(place):
    return [event["state"] for event in place.events("referral.changed")]


def test_who_waits_is_referred_once_and_after_a_restart_it_is_still_the_same(place):
    place.comes(STRANGER)
    place.tick()
    first = place.lane.referral
    assert (first.state, first.holder, first.four_eyes) == ("pending", "", False)
    place.again()
    place.comes(STRANGER)
    assert place.lane.referral.id == first.id
    assert states(place) == ["pending"]


def test_one_person_has_it_and_the_second_is_told_who(place):
    place.comes(STRANGER)
    passage = place.lane.passage
    place.operations.claim("out1", passage, "an")
    assert place.lane.referral.holder == "an"
    for tried in (
        lambda: place.operations.claim("out1", passage, "binh"),
        lambda: place.admit("binh"),
        lambda: place.operations.escalate("out1", passage, "help", "binh"),
    ):
        with pytest.raises(Unanswered, match="an has this vehicle"):
            tried()
    assert states(place) == ["pending"]
    assert place.admit("an") == "ordered"


def test_a_claim_ends_by_itself_or_is_given_back(place):
    place.comes(STRANGER)
    passage = place.lane.passage
    place.operations.claim("out1", passage, "an")
    with pytest.raises(Unanswered, match="you do not have this vehicle"):
        place.operations.release("out1", passage, "binh")
    place.operations.release("out1", passage, "an")
    place.operations.claim("out1", passage, "binh")
    place.comes(STRANGER)
    place.clock.advance(121)
    place.operations.claim("out1", passage, "an")
    acted = [event["action"] for event in place.events("operator.acted")]
    assert acted == ["claim", "release_claim", "claim", "claim"]


def test_two_people_who_admit_at_once_are_one_outcome_and_the_second_is_told(place):
    place.comes(STRANGER)
    lane = place.lane
    said = [place.operations.decide("out1", lane.passage, True, "", "seen", "an", lane.version)]
    with pytest.raises(Unanswered, match="an has this vehicle"):
        place.operations.decide("out1", lane.passage, True, "", "seen", "binh", lane.version)
    place.tick()
    place.passes(lane.passage)
    assert said == ["ordered"]
    assert states(place) == ["pending", "ordered", "approved"]
    last = place.events("referral.changed")[-1]
    assert (last["by"], last["why"]) == ("an", "passed")
    assert [e["user"] for e in place.events("operator.acted")] == ["an"]


def test_what_two_have_to_admit_one_does_not(place):
    place.policy(FOUR_EYES)
    place.comes(STRANGER)
    assert place.lane.referral.four_eyes
    assert place.admit("an") == "second"
    assert (place.authorised, place.lane.referral.first_by) == ([], "an")
    with pytest.raises(Unanswered, match="a second person"):
        place.admit("an")
    place.again()
    place.comes(STRANGER)
    assert place.lane.referral.first_by == "an"
    assert place.admit("binh") == "ordered"
    assert place.authorised == ["authorise"]
    place.passes(place.lane.passage)
    assert states(place) == ["pending", "second", "ordered", "approved"]
    last = place.events("referral.changed")[-1]
    assert (last["first_by"], last["by"]) == ("an", "binh")


def test_one_person_alone_may_send_back_what_two_would_have_to_admit(place):
    place.policy(FOUR_EYES)
    place.comes(STRANGER)
    assert place.admit("an", admit=False) == "rejected"
    assert states(place) == ["pending", "refused"]


def test_what_was_passed_on_is_a_supervisors(place):
    place.comes(STRANGER)
    passage = place.lane.passage
    place.operations.escalate("out1", passage, "papers unclear", "an")
    assert place.lane.referral.raised_by == "an"
    with pytest.raises(Unanswered, match="a supervisor decides"):
        place.admit("an")
    with pytest.raises(Unanswered, match="passed on already"):
        place.operations.escalate("out1", passage, "again", "an")
    assert place.admit("lan", senior=True) == "ordered"
    place.passes(passage)
    assert states(place) == ["pending", "escalated", "ordered", "approved"]


def test_what_nobody_settles_is_passed_on_by_time_and_then_ends_undecided(place):
    place.policy("[referral]\nescalate_s = 60\nexpire_s = 120\n")
    place.comes(STRANGER)
    for _ in range(14):
        place.comes(STRANGER)
        place.tick(10)
    assert states(place) == ["pending", "escalated", "expired"]
    assert place.events("referral.changed")[-1]["why"] == "not_in_time"
    assert place.events("referral.changed")[1]["raised_by"] == "gate"
    with pytest.raises(Unanswered, match="its time is over"):
        place.admit("lan", senior=True)
    assert place.authorised == []
    place.comes(STRANGER)
    place.operations.claim("out1", place.lane.passage, "lan", senior=True)
    assert place.admit("lan", senior=True) == "ordered"
    assert states(place) == ["pending", "escalated", "expired", "escalated", "ordered"]


def test_an_order_that_the_guard_refuses_ends_as_refused_and_never_as_done(place):
    place.comes(STRANGER)
    passage = place.lane.passage
    place.admit("an")
    place.report(RequestHandled("out1", passage, "refused", "locked"))
    assert states(place)[:3] == ["pending", "ordered", "refused"]
    refused = place.events("referral.changed")[2]
    assert (refused["by"], refused["why"]) == ("an", "locked")
    # The vehicle still stands there: it is referred again, as another one.
    assert states(place)[3:] == ["pending"]
    assert len({e["referral"] for e in place.events("referral.changed")}) == 2


def test_a_vehicle_that_leaves_or_that_the_list_settles_is_withdrawn(place):
    place.comes(STRANGER)
    place.leaves()
    assert states(place) == ["pending", "withdrawn"]
    assert place.events("referral.changed")[-1]["why"] == "gone"


def test_who_turns_back_after_he_was_admitted_has_not_been_let_through(place):
    place.comes(STRANGER)
    place.admit("an")
    place.leaves()
    assert states(place) == ["pending", "ordered", "withdrawn"]


def test_a_no_may_become_a_yes_and_both_are_told(place):
    place.comes(STRANGER)
    place.admit("an", admit=False)
    place.clock.advance(121)
    place.comes(STRANGER)
    assert place.admit("binh") == "ordered"
    place.report(VehicleEntered("out1", place.lane.passage))
    assert states(place) == ["pending", "refused", "ordered", "approved"]


def test_a_correction_keeps_both_texts_and_has_its_own_country(place):
    place.comes(STRANGER)
    place.admit("an", plate="云G12345")
    (decided,) = [e for e in place.events("passage.decided") if e["by"] == "operator:an"]
    assert (decided["plate"], decided["corrected"]) == ("云G12345", "云G12345")
    assert (decided["read_plate"], decided["country"]) == (STRANGER, "CN")


def opens(place, user, senior=False):
    return place.operations.order("out1", "open", "seen", user, None, senior)


def test_opening_by_hand_is_no_way_around_a_second_person(place):
    place.policy(FOUR_EYES)
    place.comes(STRANGER)
    place.admit("an")
    for user, senior in (("an", False), ("binh", False), ("lan", True)):
        with pytest.raises(Unanswered, match="two people"):
            opens(place, user, senior)
    place.admit("binh", admit=False)
    place.clock.advance(61)
    with pytest.raises(Unanswered, match="two people"):
        opens(place, "an")
    assert [what for what, _ in place.guard.asked if what == "open"] == []
    place.leaves()
    assert opens(place, "an")


def test_opening_by_hand_is_no_way_around_who_has_the_vehicle_or_a_supervisor(place):
    place.comes(STRANGER)
    passage = place.lane.passage
    place.operations.claim("out1", passage, "an")
    with pytest.raises(Unanswered, match="an has this vehicle"):
        opens(place, "binh")
    place.operations.escalate("out1", passage, "papers unclear", "an")
    with pytest.raises(Unanswered, match="a supervisor decides"):
        opens(place, "an")
    assert opens(place, "lan", senior=True)


def test_the_first_word_of_who_may_no_more_is_none(place):
    place.policy(FOUR_EYES)
    place.comes(STRANGER)
    assert place.admit("an") == "second"
    assert place.admit("binh", who_may={"binh", "chi"}) == "second"
    assert place.lane.referral.first_by == "binh"
    assert place.authorised == []
    assert place.admit("chi", who_may={"binh", "chi"}) == "ordered"
    told = [(e["state"], e["first_by"]) for e in place.events("referral.changed")]
    assert told == [("pending", ""), ("second", "an"), ("second", "binh"), ("ordered", "binh")]


def test_two_who_admit_different_plates_have_not_agreed(place):
    place.policy(FOUR_EYES)
    place.comes(STRANGER)
    assert place.admit("an", plate="29C99998") == "second"
    assert place.admit("binh") == "second"
    assert place.lane.referral.first_by == "binh"
    assert place.authorised == []
    assert place.admit("an") == "ordered"


def test_a_reason_that_comes_later_asks_for_two_as_well(place):
    place.policy("[referral]\nfour_eyes = ['held']\n")
    place.assignment(clearances=[("customs", "pending")])
    place.comes()
    assert (place.lane.reason, place.lane.referral.four_eyes) == ("clearance_pending", False)
    place.assignment(state="held")
    place.report(AssignmentsChanged())
    assert (place.lane.reason, place.lane.referral.four_eyes) == ("held", True)


def test_after_the_guard_has_refused_two_are_asked_again_and_what_was_passed_on_stays_so(place):
    place.policy(FOUR_EYES)
    place.comes(STRANGER)
    passage = place.lane.passage
    place.operations.escalate("out1", passage, "papers unclear", "an")
    place.admit("lan", senior=True)
    place.admit("minh", senior=True)
    place.report(RequestHandled("out1", passage, "refused", "locked"))
    again = place.lane.referral
    assert (again.state, again.four_eyes, again.first_by) == ("escalated", True, "")
    # Who decides next sees why it was referred at first.
    assert again.reasons == ("not_declared", "barrier_refused")
    assert place.events("referral.changed")[-1]["reasons"] == list(again.reasons)
    with pytest.raises(Unanswered, match="a supervisor decides"):
        place.admit("an")
    assert place.admit("lan", senior=True) == "second"


def test_what_was_passed_on_and_expired_is_still_a_supervisors(place):
    place.policy("[referral]\nexpire_s = 60\n")
    place.comes(STRANGER)
    passage = place.lane.passage
    place.operations.escalate("out1", passage, "papers unclear", "an")
    place.tick(61)
    assert states(place)[-1] == "expired"
    place.comes(STRANGER)
    with pytest.raises(Unanswered, match="a supervisor decides"):
        place.operations.claim("out1", passage, "an")
    place.operations.claim("out1", passage, "lan", senior=True)
    with pytest.raises(Unanswered, match="lan has this vehicle"):
        place.admit("an")
    assert place.admit("lan", senior=True) == "ordered"


def test_who_may_not_settle_it_does_not_keep_a_supervisor_from_it(place):
    place.comes(STRANGER)
    passage = place.lane.passage
    place.operations.escalate("out1", passage, "papers unclear", "an")
    with pytest.raises(Unanswered, match="a supervisor decides"):
        place.operations.claim("out1", passage, "an")
    place.operations.claim("out1", passage, "lan", senior=True)


def test_claiming_again_and_again_does_not_keep_it_from_being_passed_on(place):
    place.policy("[referral]\nclaim_s = 30\nescalate_s = 60\nexpire_s = 600\n")
    place.comes(STRANGER)
    for _ in range(5):
        place.operations.claim("out1", place.lane.passage, "an")
        place.comes(STRANGER)
        place.tick(15)
    assert states(place) == ["pending"]
    place.operations.claim("out1", place.lane.passage, "an")
    place.tick(16)
    assert states(place) == ["pending", "escalated"]
