"""The same day at lanes that lack a loop or a beam: nothing is touched, nothing is lost."""

import pytest

from simulator.fast.run import run
from tests.simulator.fast.test_day import OPEN

VEHICLES = 60
ONLY_THE_ENTRY_LOOP_KNOWS = {"semi_trailer_stops_half_way", "drawbar_stops_half_way"}
"""That a gap is no end of the vehicle; a lane without that loop comes down on one that stops."""


@pytest.mark.parametrize("lacking", [("entry_loop",), ("photocell",)])
def test_a_lane_that_lacks_a_sensor_lets_nobody_be_touched_and_loses_nothing(lacking):
    played = run(VEHICLES, 2, without=frozenset(lacking))
    assert (played.figures["lost"], played.figures["duplicates"]) == (0, 0)
    hit = [text for text in played.failures if "came down" in text]
    known = OPEN.keys() | (ONLY_THE_ENTRY_LOOP_KNOWS if "entry_loop" in lacking else set())
    assert [text for text in hit if text.partition(":")[0] not in known] == []
    assert played.figures["passages"] > 30
