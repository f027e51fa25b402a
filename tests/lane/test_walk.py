"""Lane, guard and a small world together: whatever happens, what must hold holds."""

from dataclasses import replace

import pytest

from edge.lane.vocabulary import Stage
from tests.support.lane_walk import DEAD, INVARIANTS, WIRINGS, goes_home, walk, wander

STATES, STEPS = 350, 900
"""Of each wiring; `make test-long` goes much farther."""

MANY_STATES, MANY_STEPS = 20_000, 125_000
"""Of each of eleven wirings: more than a million random steps."""


def disturbed(wiring):
    """With restarts of the service and people who open the arm for whoever is there."""
    return replace(wiring, actions=("open",), events=("restart",))


def check(found, wiring, what):
    reach = "all" if found.complete else "not all"
    print(f"{wiring.name}, {what}: {found.states} states, {found.steps} steps, {reach} of them")
    assert found.broken == {}, "\n".join(found.broken.values())
    assert found.stuck == []
    assert [world for world in found.kept if not goes_home(world, wiring)] == []


@pytest.mark.parametrize("wiring", WIRINGS, ids=lambda w: w.name)
def test_the_nearest_states_break_nothing_and_lead_home(wiring):
    check(walk(wiring, INVARIANTS, STATES), wiring, "walked")


@pytest.mark.parametrize("wiring", WIRINGS, ids=lambda w: w.name)
def test_random_ways_with_restarts_and_orders_break_nothing_and_lead_home(wiring):
    wiring = disturbed(wiring)
    check(wander(wiring, INVARIANTS, STEPS, seed=7), wiring, "at random")


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("wiring", WIRINGS, ids=lambda w: w.name)
def test_many_states_break_nothing_and_lead_home(wiring):
    check(walk(wiring, INVARIANTS, MANY_STATES), wiring, "walked")


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("wiring", WIRINGS, ids=lambda w: w.name)
def test_a_million_random_steps_break_nothing_and_come_to_every_stage_that_can_be(wiring):
    wiring = disturbed(wiring)
    found = wander(wiring, INVARIANTS, MANY_STEPS, seed=11)
    check(found, wiring, "at random")
    fleeting = {stage for stage in Stage if stage.value.startswith("resuming")}
    if wiring is DEAD:
        # The gate itself admits nobody there whom the loop does not feel.
        assert found.stages >= {Stage.LET_IN, Stage.CROSSING_UNFELT, Stage.CROSSING_UNADMITTED}
        assert Stage.ADMITTED not in found.stages
        return
    # Where the loop feels everybody, nobody is let in off it, and it tells who stands behind.
    assert found.stages >= set(Stage) - fleeting - {Stage.BEHIND, Stage.CROSSING_UNFELT}
