"""Who passed under an arm that was up while the service was away does not pass once more, by the
product's lane, guard and journal on the simulated wire."""

import pytest

from simulator.fast.cases.registry import after, crossed, gone
from simulator.fast.day import Day
from simulator.fast.guests import Fate, Visit
from simulator.fast.outcome import _bodies, outcome
from simulator.fast.readings import sure, unsure
from simulator.fast.run import folder_in_memory, quiet
from simulator.judging import said
from simulator.world import Driver
from simulator.world.places import STOP_AT

DOWN_S = 12.0
SETS_OFF = STOP_AT + 0.05
"""The arm is up, and no loop but the first feels him."""


def a_story(m, comes_down):
    """The service is killed as the first sets off; the second is found in his place and
    unsurely read, or the arm comes down behind the first and nobody is there. Then the first comes
    again, on the assignment that he had."""
    plate = m.plate()
    first = m.guest(plate=plate, expected=sure(plate.text, m.rng), driver=Driver(patience_s=120.0))
    again = m.guest(
        Fate.STAYS, plate=plate, expected=sure(plate.text, m.rng), driver=Driver(patience_s=20.0)
    )
    guests, items = [first], [m.item_for(first)]
    steps = [(lambda day: first.vehicle.front > SETS_OFF, lambda day: day.kill(DOWN_S))]
    if comes_down:

        def falls(day):
            world = day.worlds[m.lane]
            world.arm.push(-1, world.at)

        steps.append((after(crossed(first), 0.5), falls))
    else:
        other = m.plate()
        driver = Driver(patience_s=200.0, reaction_s=20.0)
        second = m.guest(plate=other, expected=unsure(other.text, m.rng), driver=driver)
        guests.append(second)
        items.append(m.item_for(second))
    steps.append((after(gone(guests[-1]), 660.0), lambda day: day.join(m.lane, again, visit.case)))
    visit = Visit("passed_while_away", [*guests, again], items, steps, later=[again])
    return visit


@pytest.mark.parametrize("comes_down", [False, True])
def test_who_was_admitted_and_passed_while_nobody_watched_has_used_his_assignment(comes_down):
    with folder_in_memory() as folder, quiet():
        day = Day(folder, 3, {"out1": [lambda m: a_story(m, comes_down)]}, {"out1": "export"})
        try:
            day.run()
            (visit,) = day.played.visits
            events, found = said(_bodies(day)), outcome(day)
        finally:
            day.close()
    first, *second, again = visit.guests
    done = [e.data for e in events if e.type == "passage.completed"]
    assert [d["plate"] for d in done] == [g.vehicle.look.plate for g in (first, *second)]
    assert (done[0]["outcome"], done[0]["assignment"]) == ("resumed", first.assignment)
    assert first.assignment in day.house.declared.used
    assert not again.vehicle.crossed
    assert found.figures["wrongly_opened"] == found.figures["untold"] == 0
