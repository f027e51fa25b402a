"""The day on real wires beside the one in virtual time: what must be alike, and what not."""

import random
from datetime import UTC, datetime
from itertools import count

import pytest

from edge.domain.events import PLATE_READ
from simulator.fast.cases import AWKWARD, ORDINARY
from simulator.fast.guests import Fate, Makes
from simulator.judging import Heard, Judged, Said
from simulator.scenario.real_day import Compared, End, _wrong, unseen_of
from simulator.world import Crossing

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def visit_of(case):
    makes = Makes("out1", "export", random.Random(1), lambda: NOON, count(1))
    return {**ORDINARY, **AWKWARD}[case](makes)


def crossed(guest, **more):
    look = guest.vehicle.look
    crossing = Crossing(
        look.plate, look.kind, look.seed, False, "", None, None, 1.0, 2.0, 1, 2, False
    )
    return Judged(crossing, NOON, NOON, **more)


def unseen(case, *read, told_by=""):
    """The last vehicle of that case passes; those plates are read."""
    visit = visit_of(case)
    guest = visit.guests[-1]
    plates = [guest.vehicle.look.plate if text == "his" else text for text in read]
    events = [Said(PLATE_READ, "out1", NOON, {"plate": plate}) for plate in plates]
    heard = Heard(events, {guest.number: crossed(guest, told_by=told_by)})
    return list(unseen_of([visit], heard)) == [guest.number]


CLOSE = ["tailgater_at_a_metre", "motorcycle_behind_a_truck"]


@pytest.mark.parametrize("case", CLOSE)
def test_who_follows_without_a_gap_and_was_never_read_is_told_by_no_sensor(case):
    assert unseen(case, "29C00001")
    assert not unseen(case, "29C00001", "his")
    assert not unseen(case, told_by="tailgate")


def test_whom_a_sensor_tells_is_told_whatever_is_read():
    assert not unseen("tailgater", "29C00001")
    assert not unseen("truck")
    assert unseen("car_bumper_to_bumper", "his")


@pytest.mark.parametrize(("arrived", "hidden"), [(-20.0, True), (-40.0, False), (5.0, False)])
def test_who_drives_past_one_who_stands_on_the_loops_is_hidden_by_him(arrived, hidden):
    visit, stands = visit_of("motorcycle_beside_the_closed_arm"), visit_of("truck")
    visit.lane = stands.lane = "out1"
    rider, truck = visit.guests[0], stands.guests[0].vehicle
    rider.vehicle.entered_at, truck.arrived_at, truck.waited = 1.0, arrived, 30.0
    for how in ({}, {"admitted_by": "gate"}):
        heard = Heard([], {rider.number: crossed(rider, **how)})
        unseen = unseen_of([visit, stands], heard)
        assert (list(unseen) == [rider.number]) is hidden
        # On the admission of the one who stands there he is not told either.
        wrong = _wrong([visit, stands], heard, [], unseen)
        assert (wrong == []) is hidden


def test_who_is_told_although_no_sensor_need_tell_him_ends_well():
    ends = ("crossed untold", "crossed, told")
    assert len(compared("car_bumper_to_bumper", *ends).may) == 1
    assert len(compared("tailgater", *ends).otherwise) == 1


def compared(case, fast, real, fate=Fate.STAYS, unseen=(), **figures):
    ends = [[End("out1", case, 1, "29C00001", fate, end, ())] for end in (fast, real)]
    zero = dict.fromkeys(("lost", "duplicates", "safety_violations", "wrongly_opened", "untold"), 0)
    return Compared(*ends, {}, {**zero, **figures}, [], dict.fromkeys(unseen, case))


def test_whose_driver_decides_by_himself_may_end_either_way_and_nobody_else():
    ends = ("did not cross", "admitted")
    assert compared("turns_back_at_the_line", *ends, Fate.FREE).otherwise == []
    assert len(compared("turns_back_at_the_line", *ends, Fate.FREE).may) == 1
    assert len(compared("held", *ends, Fate.STAYS).otherwise) == 1
    untold = ("did not cross", "crossed untold")
    assert len(compared("turns_back_at_the_line", *untold, Fate.FREE).otherwise) == 1


def test_who_is_told_by_no_sensor_is_no_failure_and_an_arm_on_somebody_always_is():
    ends = ("crossed, told", "crossed untold")
    apart = compared("motorcycle_behind_a_truck", *ends, unseen=[1], untold=1)
    assert (apart.otherwise, apart.failures) == ([], [])
    assert compared("tailgater", *ends, untold=1).failures == ["untold is 1, must be 0"]
    hit = compared("motorcycle_behind_a_truck", *ends, unseen=[1], untold=1, safety_violations=1)
    assert hit.failures == ["safety_violations is 1, must be 0"]


def test_a_rider_who_is_taken_for_the_one_who_stands_there_is_not_counted_among_the_untold():
    case, ends = "motorcycle_beside_the_closed_arm", ("crossed, told", "admitted")
    apart = compared(case, *ends, unseen=[1], wrongly_opened=1)
    assert (apart.otherwise, apart.failures) == ([], [])
    also = compared(case, *ends, unseen=[1], wrongly_opened=1, untold=1)
    assert also.failures == ["untold is 1, must be 0"]
    assert compared(case, *ends, wrongly_opened=1).failures == ["wrongly_opened is 1, must be 0"]
