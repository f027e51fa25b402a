"""The real line, driver and guard in a world that is not ours: no coming down on a vehicle that is
the guard's fault, every crossing told, and the same play from the same seed.
"""

from pathlib import Path

import pytest

from tests.barrier.second_world.faults import KINDS
from tests.barrier.second_world.play import play, tally
from tests.barrier.second_world.verdict import LISTED

SITES = 6
VEHICLES = 12


@pytest.mark.parametrize("seed", [1, 3, 4, 8])
def test_without_faults_each_vehicle_is_counted_once_and_nothing_is_under_the_arm(seed):
    played = play("none", seed, vehicles=VEHICLES)
    assert played.vehicles >= VEHICLES - 2
    assert played.faults == []
    assert played.wrong == []


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "none"])
def test_an_arm_comes_down_on_nobody_by_the_guards_fault(kind):
    assert play(kind, 3, vehicles=3).faults == []


def test_the_same_seed_plays_the_same():
    first, second = (play("SIGKILL", 2, vehicles=3, log=True) for _ in range(2))
    assert first.lines == second.lines
    assert first.closings


def test_what_excuses_the_guard_stands_in_the_rules_with_its_cure():
    rules = Path("docs/barrier.md").read_text(encoding="utf-8")
    assert [row for row in LISTED.values() if f"| {row}" not in rules] == []


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_twenty_thousand_vehicles_without_faults():
    total = tally("none", 20_000, 0, seed=1, processes=2, progress=True)
    assert total.faults == []
    assert total.wrong == []


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", [k for k in KINDS if k != "none"])
def test_two_hundred_closings_of_each_kind_of_fault(kind):
    total = tally(kind, 0, 200, seed=1, processes=2)
    assert total.faults == []
    assert total.closings >= 200
