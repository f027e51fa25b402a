"""Alarms that stand, end and are acknowledged."""

from edge.domain.alarms import Alarms, dump, revive
from tests.support.builders import NOON


def test_an_alarm_that_stands_is_not_raised_again():
    once = Alarms().raised("camera", "out1", "dark", NOON)
    assert once.raised("camera", "out1", "darker", NOON) is once


def test_a_condition_acknowledged_stands_on_until_it_is_over():
    seen = Alarms().raised("camera", "out1", "dark", NOON).acknowledged("camera", "out1", "lan")
    assert seen.standing[0].acknowledged_by == "lan"
    assert seen.cleared("camera", "out1").standing == ()


def test_an_occurrence_ends_with_its_acknowledgement():
    alarms = Alarms().raised("tailgate", "out1", "two", NOON)
    assert alarms.acknowledged("tailgate", "out1", "lan").standing == ()


def test_alarms_survive_a_restart():
    alarms = Alarms().raised("tailgate", "out1", "two", NOON)
    assert revive(dump(alarms)) == alarms


def test_unreadable_memory_is_no_alarm_and_no_crash():
    assert revive({"standing": [{"nonsense": 1}]}) == Alarms()
