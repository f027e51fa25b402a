"""What changes while somebody waits: the list, who stands there, the service itself."""

from __future__ import annotations

from edge.gate.port import Unanswered
from simulator.fast.booth import USER
from simulator.fast.cases.registry import (
    after,
    awkward,
    crossed,
    enters,
    gone,
    let_in,
    no_longer,
    waits,
)
from simulator.fast.day import Day
from simulator.fast.guests import Fate, Makes, Step, Visit, revised
from simulator.fast.readings import Expected, sure, unsure
from simulator.world import Driver, drawbar

SLOW_S = 6.0
"""So long after green he has not yet moved."""

DOWN_S = 8.0
"""A service that was killed is back after so long."""

PATIENT_S = 120.0


def _taken_back(m: Makes, case: str, state: str) -> Visit:
    """After the admission, before he moves, the platform says otherwise."""
    plate = m.plate()
    guest = m.guest(
        plate=plate,
        driver=Driver(reaction_s=SLOW_S, patience_s=PATIENT_S),
        expected=sure(plate.text, m.rng),
    )
    item = m.item_for(guest)

    def takes_back(day: Day) -> None:
        passage = day.house.gate.lanes[m.lane].passage if day.running else None
        if passage is not None and passage.settled_by_person:
            # A person's word for this vehicle stands against the list.
            guest.fate = Fate.FREE
        else:
            no_longer(guest)
        day.house.declare(revised(item, state=state))

    return Visit(case, [guest], [item], [(after(let_in(guest, m.lane), 1.0), takes_back)])


@awkward
def cancelled_after_admission(m: Makes) -> Visit:
    return _taken_back(m, "cancelled_after_admission", "cancelled")


@awkward
def held_after_admission(m: Makes) -> Visit:
    return _taken_back(m, "held_after_admission", "held")


def _swapped(m: Makes, case: str, how: str, word: bool = False) -> Visit:
    """The first, held, waits and makes way for another who stands close behind; then the first's
    assignment is released, or a person's word for the first comes late."""
    first = m.guest(
        Fate.FREE, "car", Driver(makes_way_s=9.0, patience_s=PATIENT_S), person_admits=False
    )
    plate = m.plate()
    reading: Expected = sure(plate.text, m.rng) if how == "sure" else unsure(plate.text, m.rng)
    second = m.guest(
        Fate.STAYS, plate=plate, driver=Driver(follows_m=0.6, patience_s=25.0), expected=reading
    )
    item = m.item_for(first, state="held")
    waiting: list[tuple[str, int]] = []

    def notes(day: Day) -> None:
        passage = day.house.gate.lanes[m.lane].passage
        assert passage is not None
        waiting.append((passage.id, passage.version))

    def releases(day: Day) -> None:
        day.house.declare(revised(item, state="active"))

    def says(day: Day) -> None:
        try:
            who, version = waiting[0]
            day.house.operations.decide(m.lane, who, True, "", "papers seen", USER, version)
        except Unanswered as error:
            day.booth.refused.append(str(error))

    late = says if word else releases
    stands = waits(first, 7.0)

    def noted(day: Day) -> bool:
        return stands(day) and day.running and day.house.gate.lanes[m.lane].passage is not None

    steps: list[Step] = [(noted, notes), (after(waits(second), 3.0), late)]
    return Visit(case, [first, second], [item], steps)


@awkward
def swapped_while_waiting_read_surely(m: Makes) -> Visit:
    return _swapped(m, "swapped_while_waiting_read_surely", "sure")


@awkward
def swapped_while_waiting_read_unsurely(m: Makes) -> Visit:
    return _swapped(m, "swapped_while_waiting_read_unsurely", "unsure")


@awkward
def a_persons_word_for_the_one_before(m: Makes) -> Visit:
    return _swapped(m, "a_persons_word_for_the_one_before", "unsure", word=True)


def _restart(m: Makes, case: str, reaction_s: float, other: bool) -> Visit:
    """The service is killed with an admitted one at the line."""
    driver = Driver(reaction_s=reaction_s, patience_s=PATIENT_S)
    first = m.guest(Fate.FREE if other else Fate.PASSES, driver=driver, person_admits=True)
    first.vehicle.assigned = True
    item = m.item_for(first)
    visit = Visit(case, [first], [item])
    second = m.guest(Fate.STAYS, driver=Driver(patience_s=30.0)) if other else None

    def kills(day: Day) -> None:
        day.kill(DOWN_S)

    def hands_over(day: Day) -> None:
        if second is None:
            return
        if first.vehicle.gone:
            second.vehicle.gone = True
        else:
            day.hand_over(m.lane, first, second)

    visit.steps.append((after(let_in(first, m.lane), 1.0), kills))
    if second is not None:
        visit.guests.append(second)
        visit.later = [second]
        visit.steps.append((after(lambda day: not day.house.running, 3.0), hands_over))
    return visit


@awkward
def handed_over_during_a_restart(m: Makes) -> Visit:
    return _restart(m, "handed_over_during_a_restart", 40.0, True)


@awkward
def restart_while_admitted(m: Makes) -> Visit:
    return _restart(m, "restart_while_admitted", 20.0, False)


@awkward
def restart_while_crossing(m: Makes) -> Visit:
    guest = m.guest()
    kills = after(enters(guest), 0.5)
    return Visit(
        "restart_while_crossing", [guest], [m.item_for(guest)],
        [(kills, lambda day: day.kill(DOWN_S))],
    )  # fmt: skip


@awkward
def restart_with_a_drawbar_half_way(m: Makes) -> Visit:
    """It stands with its gap under the arm while the service is away and after."""
    driver = Driver(stops=(8.5, 30.0), patience_s=PATIENT_S)
    guest = m.guest(driver=driver, shape=drawbar())
    kills = after(lambda day: guest.vehicle.stopped_for > 0, 2.0)
    return Visit(
        "restart_with_a_drawbar_half_way", [guest], [m.item_for(guest)],
        [(kills, lambda day: day.kill(DOWN_S))], alone=True,
    )  # fmt: skip


@awkward
def restart_while_waiting_for_a_person(m: Makes) -> Visit:
    plate = m.plate()
    guest = m.guest(plate=plate, expected=unsure(plate.text, m.rng))
    return Visit(
        "restart_while_waiting_for_a_person", [guest], [m.item_for(guest)],
        [(waits(guest, 3.0), lambda day: day.kill(DOWN_S))],
    )  # fmt: skip


@awkward
def held_admitted_by_a_person_and_released(m: Makes) -> Visit:
    """Used once: a copy of him that comes later stays, although the platform has released it."""
    first = m.guest()
    first.vehicle.driver.patience_s = PATIENT_S
    item = m.item_for(first, state="held")
    copy = m.guest(Fate.STAYS, plate=first.plate)

    def releases(day: Day) -> None:
        day.house.declare(revised(item, state="active"))

    return Visit(
        "held_admitted_by_a_person_and_released", [first, copy], [item],
        [(crossed(first), releases)],
    )  # fmt: skip


@awkward
def returns_loaded_minutes_later(m: Makes) -> Visit:
    """Out on one assignment and back on another, in a lane of the other way."""
    first = m.guest()
    out = m.item_for(first)
    back = m.guest(plate=first.plate)
    visit = Visit("returns_loaded_minutes_later", [first, back], [out], later=[back])

    def comes_back(day: Day) -> None:
        other = next(lane for lane, n in day.makes.items() if n.direction != m.direction)
        makes = day.makes[other]
        item = makes.item_for(back)
        day.house.declare(item)
        day.join(other, back, visit.case)

    visit.steps.append((after(gone(first), 180.0), comes_back))
    return visit


@awkward
def leaves_while_a_person_looks(m: Makes) -> Visit:
    """Undeclared; gone before anybody has decided."""
    guest = m.guest(Fate.STAYS, driver=Driver(turns_back_s=4.0))
    return Visit("leaves_while_a_person_looks", [guest])
