"""Alarms that stand, end and are acknowledged."""

from edge.domain.alarm_codes import AlarmCode, Kind, Phrase
from edge.domain.alarms import Alarm, Alarms, dump, revive
from tests.support.builders import NOON


def raised(code, text, alarms=None, **more):
    return (alarms or Alarms()).raised(Alarm(code, "out1", text, NOON, **more))


def test_an_alarm_that_stands_is_not_raised_again():
    once = raised("camera", "dark")
    assert raised("camera", "darker", once) is once


def test_one_whose_figures_have_grown_is_told_again_and_stands_as_long_as_before():
    once = raised("journal_dropped", "1 event", variant="", params={"events": 1})
    later = NOON.replace(hour=23)
    more = once.retold(Alarm("journal_dropped", "out1", "2 events", later, "", "", {"events": 2}))
    (alarm,) = more.standing
    assert (alarm.text, alarm.params, alarm.since) == ("2 events", {"events": 2}, NOON)


def test_a_condition_acknowledged_stands_on_until_it_is_over():
    seen = raised("camera", "dark").acknowledged("camera", "out1", "lan")
    assert seen.standing[0].acknowledged_by == "lan"
    assert seen.cleared("camera", "out1").standing == ()


def test_an_occurrence_ends_with_its_acknowledgement():
    alarms = raised("tailgate", "two")
    assert alarms.acknowledged("tailgate", "out1", "lan").standing == ()


def test_alarms_survive_a_restart():
    params = {"n": 4, "s": 1.5, "on": ("photocell",), "why": Phrase("term.x", {"id": "a"})}
    alarms = raised("tailgate", "two", variant="v", params=params)
    assert revive(dump(alarms)) == alarms


def test_an_alarm_that_an_older_version_kept_stands_with_its_text():
    kept = {"code": "tailgate", "lane": "out1", "text": "two", "since": "2026-11-29T12:00:00Z"}
    (alarm,) = revive({"standing": [{**kept, "acknowledged_by": ""}]}).standing
    assert (alarm.code, alarm.text, alarm.variant) == ("tailgate", "two", None)


def test_an_alarm_of_a_code_that_is_no_more_stands_until_a_person_has_seen_it():
    alarms = raised("gone_code", "what it said")
    assert alarms.standing[0].ends_when_seen
    assert alarms.acknowledged("gone_code", "out1", "lan").standing == ()


def test_what_ends_by_itself_and_what_with_a_persons_word_are_told_apart_by_the_code():
    occurrences = {code.value for code in AlarmCode if code.kind is Kind.OCCURRENCE}
    assert occurrences == {
        "tailgate", "passage_unobserved", "passage_unidentified", "journal_dropped",
        "passed_unadmitted", "wrong_way", "wrong_way_seen", "reversing_seen", "passed_closed",
        "turned_back", "lane_failed", "data_lost",
    }  # fmt: skip


def test_the_siren_sounds_for_what_endangers_those_at_the_barrier():
    assert {code.value for code in AlarmCode if code.siren} == {
        "tailgate", "both_limits", "travel_timeout", "moves_by_itself", "left_open",
        "passed_unadmitted", "wrong_way", "passed_closed", "arm_off", "output_stuck",
    }  # fmt: skip


def test_unreadable_memory_is_no_alarm_and_no_crash():
    assert revive({"standing": [{"nonsense": 1}]}) == Alarms()
