"""The safety invariants, each proved over every reachable state of every wiring: the dearest
ones, and those with more at once, in `make test-long`."""

import pytest

from tests.support.barrier.explorer import walk
from tests.support.barrier.invariants import ALL, SAFETY, WORK
from tests.support.barrier.wirings import LARGER, RICHER

pytestmark = pytest.mark.timeout(900)


def breaches(walks, invariants):
    names = {f.__name__ for f in invariants}
    return "\n".join(
        f"{wiring}: {name} does not hold:\n{found.broken[name]}"
        for wiring, found in walks.items()
        for name in sorted(names & found.broken.keys())
    )


def test_the_walks_reach_every_state_and_end_by_themselves(walks):
    assert all(found.complete for found in walks.values())
    assert sum(found.states for found in walks.values()) > 40_000


NUMBERED = [
    pytest.param(number, f, id=f"{number} {f.__name__}")
    for number, group in SAFETY.items()
    for f in group
]


@pytest.mark.parametrize(("number", "invariant"), NUMBERED)
def test_the_invariant_holds_in_every_reachable_state(walks, number, invariant):
    assert breaches(walks, [invariant]) == ""


@pytest.mark.parametrize("invariant", WORK, ids=lambda f: f.__name__)
def test_the_guard_does_its_work_in_every_reachable_state(walks, invariant):
    assert breaches(walks, [invariant]) == ""


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("wiring", [*LARGER, *RICHER], ids=lambda w: w.name)
def test_in_a_larger_world_and_with_more_at_once_nothing_is_broken_either(wiring):
    found = walk(wiring, ALL)
    assert found.complete
    assert breaches({wiring.name: found}, ALL.values()) == ""
