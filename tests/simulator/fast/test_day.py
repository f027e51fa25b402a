"""Whole days in virtual time: the product's lanes, guards, drivers and journal, every awkward case.

OPEN are cases that the product does not stand yet; each is deleted when it does.
Those that no sensor tells from others stay: LONGER_THAN_THE_LOOP.
"""

import pytest

from simulator.fast.cases import AWKWARD, ORDINARY
from simulator.fast.outcome import AWAY, NOBODY
from simulator.fast.run import run

VEHICLES = 110
FEWER = 60
"""At lanes that lack a sensor."""

OPEN = {
    "car_bumper_to_bumper": "at half a metre not every one is counted, and the camera sees one",
    "motorcycle_beside_the_closed_arm": "a rider who comes past the queue is not always looked for",
    NOBODY: "a rear is taken for a tailgater, who turns back for one who passed",
    "the_entry_loop_drops_him": "vision still sees him, and the passage is given up",
}


LONGER_THAN_THE_LOOP = dict.fromkeys(
    (
        "bare_semi_trailer_passes",
        "bare_semi_trailer_stops_half_way",
        "long_drawbar_stops_half_way",
    ),
    "a gap longer than the entry loop, without an exit loop: docs/barrier.md",
)
"""Loops and beam say the same of it as of two vehicles: what no controller can see."""

STANDS_NOT = OPEN | LONGER_THAN_THE_LOOP


@pytest.fixture(scope="module")
def day():
    return run(VEHICLES, 1)


@pytest.mark.parametrize("case", sorted({**ORDINARY, **AWKWARD, AWAY: 0, NOBODY: 0}))
def test_a_case_ends_as_it_must(day, case):
    played = day.cases[case]
    assert played.visits or case == NOBODY
    if case in STANDS_NOT and played.failures:
        pytest.xfail(STANDS_NOT[case])
    assert played.failures == []


def test_the_figures_that_must_be_zero_are(day):
    figures = day.figures
    assert figures["vehicles"] >= VEHICLES
    assert figures["acknowledged"] == figures["events"] > 500
    assert (figures["lost"], figures["duplicates"]) == (0, 0)
    hit = sum(
        "came down" in text for case in LONGER_THAN_THE_LOOP for text in day.cases[case].failures
    )
    assert figures["safety_violations"] == hit <= 4
    assert figures["wrongly_opened"] == figures["used_twice"] == 0
    assert figures["untold"] <= sum(day.cases[case].visits for case in STANDS_NOT)


def test_where_nothing_is_wrong_handling_takes_less_than_twenty_seconds(day):
    handling = day.figures["handling_s"]
    assert handling["vehicles"] >= 20
    assert 5 < handling["mean"] <= 20


HALF_WAY = {"semi_trailer_stops_half_way", "drawbar_stops_half_way"}
"""Without an entry loop nothing tells such a gap from the end of a vehicle."""


@pytest.mark.parametrize("lacking", [("entry_loop",), ("photocell",)])
def test_a_lane_that_lacks_a_sensor_lets_nobody_be_touched_and_loses_nothing(lacking):
    played = run(FEWER, 2, without=frozenset(lacking))
    assert (played.figures["lost"], played.figures["duplicates"]) == (0, 0)
    hit = [text for text in played.failures if "came down" in text]
    assert [
        t for t in hit if t.partition(":")[0] not in LONGER_THAN_THE_LOOP.keys() | HALF_WAY
    ] == []
    assert played.figures["passages"] > 30


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [7])
def test_two_thousand_vehicles_with_every_awkward_case_mixed_in(seed):
    played = run(2000, seed)
    assert played.figures["vehicles"] >= 2000
    assert played.cases.keys() == {**ORDINARY, **AWKWARD, AWAY: 0, NOBODY: 0}.keys()
    assert {
        n: c.failures for n, c in played.cases.items() if c.failures and n not in STANDS_NOT
    } == {}
    assert played.figures["handling_s"]["mean"] <= 20
