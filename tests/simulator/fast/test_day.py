"""Whole days in virtual time: the product's lanes, guards, drivers and journal, every awkward case.

Five lanes with an exit loop. What no sensor of theirs tells is counted by its class beside the
figures (simulator/fast/unseen.py); everything else must be as it must.
"""

import pytest

from edge.lane.vocabulary import Outcome
from simulator.fast import day as day_module
from simulator.fast import house
from simulator.fast.cases import AWKWARD, NO_SENSOR_TELLS, ORDINARY
from simulator.fast.day import Day
from simulator.fast.guests import Fate
from simulator.fast.names import NAMES, names_of
from simulator.fast.outcome import AWAY, NOBODY
from simulator.fast.plan import on_wires
from simulator.fast.run import folder_in_memory, quiet, run

VEHICLES = 130
FEWER = 60
"""At lanes that lack a sensor."""


@pytest.fixture(scope="module")
def day():
    return run(VEHICLES, 1)


@pytest.mark.parametrize("case", sorted({**ORDINARY, **AWKWARD, AWAY: 0, NOBODY: 0}))
def test_a_case_ends_as_it_must_and_under_its_name(day, case):
    played = day.cases[case]
    assert played.visits or case == NOBODY
    assert played.failures == []


def test_the_figures_that_must_be_zero_are_but_for_what_no_sensor_tells(day):
    figures, unseen = day.figures, day.figures["no_sensor_tells"]
    assert figures["vehicles"] >= VEHICLES
    assert figures["acknowledged"] == figures["events"] > 500
    assert (figures["lost"], figures["duplicates"]) == (0, 0)
    assert figures["safety_violations"] == figures["wrongly_opened"] == figures["used_twice"] == 0
    assert figures["untold"] == unseen["untold"] <= len(NO_SENSOR_TELLS)
    assert figures["recorded_nobody"] == unseen["recorded_nobody"]


def test_each_name_is_of_a_case_and_cases_have_names():
    assert NAMES.keys() <= AWKWARD.keys()
    for case in AWKWARD:
        for fate in Fate:
            assert names_of(case, 0, fate) <= set(Outcome)


def test_where_nothing_is_wrong_handling_takes_less_than_twenty_seconds(day):
    handling = day.figures["handling_s"]
    assert handling["vehicles"] >= 15
    assert 5 < handling["mean"] <= 20


HALF_WAY = {"semi_trailer_stops_half_way", "drawbar_stops_half_way"}
"""Without an entry loop nothing tells such a gap from the end of a vehicle."""


@pytest.mark.parametrize(
    "lacking",
    [
        ("entry_loop",),
        pytest.param(("photocell",), marks=pytest.mark.long),
        pytest.param(("exit_loop",), marks=pytest.mark.long),
    ],
)
def test_a_lane_that_lacks_a_sensor_lets_nobody_be_touched_and_loses_nothing(lacking):
    played = run(FEWER, 2, without=frozenset(lacking))
    assert (played.figures["lost"], played.figures["duplicates"]) == (0, 0)
    hit = [text for text in played.failures if "came down" in text]
    assert [t for t in hit if t.partition(":")[0] not in HALF_WAY] == []
    assert played.figures["passages"] > 30


def test_on_real_wires_nobody_is_asked_for_a_trailer_that_no_picture_shows():
    assert {"trailer_alone", "another_trailer_than_declared"} & set(on_wires()) == set()
    assert {"tailgater", "bare_semi_trailer_passes", "drawbar_stops_half_way"} <= set(on_wires())


LONG_GAPS = (
    "bare_semi_trailer_passes",
    "bare_semi_trailer_stops_half_way",
    "long_drawbar_stops_half_way",
)


@pytest.mark.parametrize("without", [frozenset(), frozenset({"exit_loop"})])
def test_a_fast_arm_without_a_stop_comes_down_on_no_long_gap_that_moves(monkeypatch, without):
    outputs = {n: c for n, c in house.OUTPUTS.items() if n != "stop"}
    monkeypatch.setattr(house, "OUTPUTS", outputs)
    monkeypatch.setattr(house, "LANE", house.LANE.replace("travel_s = 3.5", "travel_s = 2.0"))
    monkeypatch.setattr(day_module, "ARM_S", 1.2)
    cases = LONG_GAPS if not without else ("bare_semi_trailer_passes",)
    makers = {**ORDINARY, **AWKWARD}
    plan = {"out1": [makers[name] for case in cases for name in (case, "truck", case)]}
    with folder_in_memory() as folder, quiet():
        played = Day(folder, 7, plan, {"out1": "export"}, without=without)
        try:
            played.run()
            truth = played.worlds["out1"].truth
        finally:
            played.close()
    assert len(truth.crossings) == len(plan["out1"])
    assert (truth.violations, truth.touches) == ([], [])


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [7])
def test_two_thousand_vehicles_with_every_awkward_case_mixed_in(seed):
    played = run(2000, seed)
    assert played.figures["vehicles"] >= 2000
    assert played.cases.keys() == {**ORDINARY, **AWKWARD, AWAY: 0, NOBODY: 0}.keys()
    assert played.failures == []
    assert played.figures["handling_s"]["mean"] <= 20
