"""Under which names a vehicle of a day may be recorded beside those of its own case, and only
then."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from simulator.fast.allowed import _names_of_his_double, _overtaken
from simulator.fast.guests import Fate, Visit
from simulator.world import Crossing

MOTORCYCLE = Crossing("29X15555", "motorcycle", 9, False, "", None, None, 12.0, 14.0, 1, 2, True)


def a_guest(number, plate, fate=Fate.PASSES):
    vehicle = SimpleNamespace(look=SimpleNamespace(plate=plate, kind="truck"))
    return SimpleNamespace(number=number, vehicle=vehicle, fate=fate)


def a_visit(case, *guests):
    return Visit(case, list(guests), lane="in1", began=10.0, ended=20.0)


def test_who_turned_back_may_bear_the_name_of_his_double_behind_him_and_not_the_other_way_round():
    twice = a_guest(1, "20F94451", Fate.FREE), a_guest(2, "20F94451")
    visit = a_visit("reverses_out_before_the_beam", *twice)
    assert _names_of_his_double(visit, 0) == {"admitted"}
    assert _names_of_his_double(visit, 1) == set()
    twice[1].vehicle.look.plate = "20F94452"
    assert _names_of_his_double(visit, 0) == set()


@pytest.mark.parametrize(
    ("change", "overtaken"),
    [
        ({}, [False]),
        ({"number": 8}, [True]),
        ({"kind": "car"}, []),
        ({"number": 1}, []),
        ({"entered_at": 9.0}, []),
        ({"entered_at": 21.0}, []),
    ],
)
def test_only_anothers_motorcycle_that_drove_past_meanwhile_makes_them_two(change, overtaken):
    truth = SimpleNamespace(crossings=[replace(MOTORCYCLE, **change)])
    eyes = SimpleNamespace(at_line={8})
    day = SimpleNamespace(worlds={"in1": SimpleNamespace(truth=truth)}, eyes=eyes)
    assert _overtaken(day, a_visit("bus", a_guest(1, "24C12345"))) == overtaken
