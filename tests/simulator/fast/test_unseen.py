"""What the judge of a day holds nobody to: each time with the reason, and only then."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from simulator.fast.unseen import (
    CAME_BACK_UNREAD,
    TAKEN_FOR_THE_FIRST,
    another_found,
    backed_out_unseen,
    why_not_known,
)
from simulator.judging import Judged
from simulator.world import Crossing
from tests.support.builders import NOON

PLATE = "24C12345"


def a_crossing(number, entered, plate=PLATE, stood=None):
    one = Crossing(
        plate, "truck", number, False, "", stood, stood, entered, entered + 5.0, 1, 1, True
    )
    at = NOON + timedelta(seconds=entered)
    return Judged(one, at, at + timedelta(seconds=5), admitted_by="gate")


def a_day(away, read=()):
    """`away`: from when to when nobody watched."""

    def back_after(moment):
        return away[1] if away[0] <= moment <= away[1] else None

    return SimpleNamespace(
        nobody_saw=lambda moment: back_after(moment) is not None,
        back_after=back_after,
        eyes=SimpleNamespace(read=set(read)),
    )


AGAIN = a_crossing(2, 200.0)


@pytest.mark.parametrize(
    ("first", "read", "why"),
    [
        (a_crossing(1, 20.0), (), CAME_BACK_UNREAD),
        (a_crossing(1, 20.0), (1,), ""),
        (a_crossing(1, 60.0), (), ""),
        (a_crossing(1, 20.0, "29C11111"), (), ""),
        (a_crossing(1, 300.0), (), ""),
    ],
)
def test_who_comes_again_is_not_known_only_where_nothing_had_read_him_as_he_passed(
    first, read, why
):
    day = a_day((15.0, 30.0), read)
    assert why_not_known(day, AGAIN, [AGAIN], [first, AGAIN]) == why


def test_a_passage_that_was_seen_since_takes_the_excuse_away():
    seen = a_crossing(3, 100.0)
    day = a_day((15.0, 30.0))
    assert why_not_known(day, AGAIN, [AGAIN], [a_crossing(1, 20.0), seen, AGAIN]) == ""


def test_who_stands_where_the_first_stood_with_the_same_plate_is_taken_for_him():
    first, second = a_crossing(1, 20.0), a_crossing(2, 40.0, stood=28.0)
    lane = [first, second]
    assert why_not_known(a_day((15.0, 30.0), {1}), second, lane, lane) == TAKEN_FOR_THE_FIRST


@pytest.mark.parametrize(
    ("entered", "told_by", "found"),
    [
        (28.0, "passage_unobserved", True),
        (28.0, "tailgate", False),
        (31.0, "passage_unobserved", False),
        (23.0, "passage_unobserved", False),
    ],
)
def test_another_is_found_under_the_arm_only_where_he_is_there_as_the_service_comes_back(
    entered, told_by, found
):
    first = replace(a_crossing(1, 14.0), admitted_by="", told_by=told_by)
    lane = [first, a_crossing(2, entered, "29C11111")]
    assert another_found(a_day((15.0, 30.0)), first, lane) is found


def test_who_is_through_before_the_service_goes_is_held_to_what_it_saw():
    first = replace(a_crossing(1, 9.0), admitted_by="", told_by="passage_unobserved")
    assert not another_found(a_day((15.0, 30.0)), first, [first, a_crossing(2, 28.0)])


@pytest.mark.parametrize(
    ("first", "crossed", "away", "excused"),
    [
        (("resumed",), False, True, True),
        (("reversed_out",), False, True, False),
        (("resumed",), True, True, False),
        (("resumed",), False, False, False),
    ],
)
def test_who_backed_out_unseen_has_used_his_assignment(first, crossed, away, excused):
    look = SimpleNamespace(look=SimpleNamespace(plate=PLATE))
    guests = [SimpleNamespace(number=n, vehicle=look) for n in (1, 2)]
    heard = SimpleNamespace(ways={1: Counter(first)}, by_number={1: None} if crossed else {})
    day = SimpleNamespace(heard=heard, away_during=lambda visit: away)
    assert backed_out_unseen(day, SimpleNamespace(guests=guests), guests[1]) is excused
