"""Stories that happen at gates now and then: nobody has done wrong, or hardly anybody."""

from __future__ import annotations

from edge.domain.commands import Action
from edge.gate.port import Unanswered
from simulator.fast.booth import USER
from simulator.fast.cases.registry import after, awkward, enters, gone, let_in, rejected, waits
from simulator.fast.day import Day
from simulator.fast.guests import Fate, Guest, Makes, Step, Visit, revised, with_trailer
from simulator.fast.readings import Expected, sure, unsure
from simulator.world import Driver, semi_trailer

PATIENT_S = 150.0
DOWN_S = 8.0


def _order(day: Day, lane: str, action: Action) -> None:
    try:
        day.house.operations.order(lane, action.value, "a story", USER)
    except Unanswered as error:
        day.booth.refused.append(str(error))


@awkward
def declared_while_he_waits(m: Makes) -> Visit:
    """His forwarder declares him while he stands there; nobody has looked at him yet."""
    plate = m.plate()
    guest = m.guest(plate=plate, expected=sure(plate.text, m.rng), driver=Driver(patience_s=90))
    item = m.item_for(guest)
    guest.person_admits = False

    def declares(day: Day) -> None:
        day.house.declare(item)

    return Visit("declared_while_he_waits", [guest], [], [(waits(guest, 3.0), declares)])


@awkward
def moved_to_another_lane_while_admitted(m: Makes) -> Visit:
    """Customs assigns him another lane as the arm goes up."""
    plate = m.plate()
    driver = Driver(reaction_s=6.0, patience_s=PATIENT_S)
    guest = m.guest(plate=plate, driver=driver, expected=sure(plate.text, m.rng))
    item = m.item_for(guest)

    def moves(day: Day) -> None:
        guest.fate, guest.person_admits, guest.vehicle.assigned = Fate.STAYS, False, False
        guest.vehicle.driver.patience_s = 20.0
        day.house.declare(revised(item, lanes=["elsewhere"]))

    steps: list[Step] = [(after(let_in(guest, m.lane), 1.0), moves)]
    return Visit("moved_to_another_lane_while_admitted", [guest], [item], steps)


@awkward
def killed_between_the_decision_and_the_opening(m: Makes) -> Visit:
    """The power fails as his admission is committed, and the arm has not moved."""
    plate = m.plate()
    guest = m.guest(plate=plate, expected=sure(plate.text, m.rng), driver=Driver(patience_s=90))
    item = m.item_for(guest)

    def decided(day: Day) -> bool:
        if not day.house.running:
            return False
        passage = day.house.gate.lanes[m.lane].passage
        mine = passage is not None and passage.plate == plate.text
        return mine and passage is not None and passage.decision is not None

    steps: list[Step] = [(decided, lambda day: day.kill(DOWN_S))]
    return Visit("killed_between_the_decision_and_the_opening", [guest], [item], steps)


@awkward
def read_only_under_the_arm(m: Makes) -> Visit:
    """A person lets him in unread; the sun moves, and his plate is read as he drives on."""
    plate = m.plate()
    late = Expected(plate.text, 400, 0.995)
    guest = m.guest(plate=plate, expected=Expected("", None, 0.0), driver=Driver(patience_s=90))
    item = m.item_for(guest)

    def shines(day: Day) -> None:
        guest.expected = {"front": Expected(late.text, 2, late.confidence)}

    return Visit("read_only_under_the_arm", [guest], [item], [(enters(guest), shines)])


@awkward
def another_trailer_than_declared(m: Makes) -> Visit:
    """He has taken the neighbour's trailer in the yard."""
    declared, strange = m.plate("CN", "trailer"), m.plate("CN", "trailer")
    plate = m.plate()
    guest = m.guest(Fate.STAYS, plate=plate, expected=sure(plate.text, m.rng), shape=semi_trailer())
    with_trailer(guest, strange.text, sure(strange.text, m.rng))
    return Visit("another_trailer_than_declared", [guest], [m.item(plate, trailer=declared)])


@awkward
def back_in_the_same_direction_after_two_minutes(m: Makes) -> Visit:
    """He says that he forgot his papers; he was not seen coming back."""
    first = m.guest()
    again = m.guest(Fate.STAYS, plate=first.plate)
    case = "back_in_the_same_direction_after_two_minutes"
    # Behind one who waits he would come later than a journey lasts.
    visit = Visit(case, [first, again], [m.item_for(first)], alone=True)

    def comes(day: Day) -> None:
        day.house.declare(m.item(first.plate))
        day.join(m.lane, again, visit.case)

    visit.later = [again]
    visit.steps.append((after(gone(first), 120.0), comes))
    return visit


@awkward
def locked_while_the_arm_goes_up(m: Makes) -> Visit:
    """The officer locks the lane: whoever is admitted too waits until it is unlocked."""
    guest = m.guest(driver=Driver(reaction_s=6.0, patience_s=PATIENT_S))

    def locks(day: Day) -> None:
        _order(day, m.lane, Action.LOCK)

    def unlocks(day: Day) -> None:
        _order(day, m.lane, Action.UNLOCK)

    steps: list[Step] = [(after(let_in(guest, m.lane), 1.0), locks)]
    steps.append((after(lambda day: True, 10.0), unlocks))
    return Visit("locked_while_the_arm_goes_up", [guest], [m.item_for(guest)], steps)


@awkward
def a_person_closes_while_one_crosses(m: Makes) -> Visit:
    guest = m.guest(driver=Driver(stops=(1.5, 6.0), patience_s=PATIENT_S))

    def closes(day: Day) -> None:
        _order(day, m.lane, Action.CLOSE)

    steps: list[Step] = [(after(enters(guest), 1.0), closes)]
    return Visit("a_person_closes_while_one_crosses", [guest], [m.item_for(guest)], steps)


@awkward
def rejected_and_declared_afterwards(m: Makes) -> Visit:
    """A person has said no; the list that says yes soon after does not overrule him."""
    plate = m.plate()
    guest = m.guest(
        Fate.STAYS, plate=plate, expected=sure(plate.text, m.rng), driver=Driver(patience_s=40)
    )
    item = m.item(plate)

    def declares(day: Day) -> None:
        day.house.declare(item)

    steps: list[Step] = [(after(rejected(guest), 2.0), declares)]
    return Visit("rejected_and_declared_afterwards", [guest], [], steps)


@awkward
def waits_ten_minutes(m: Makes) -> Visit:
    """Cleared at last, and still the same vehicle."""
    plate = m.plate()
    guest = m.guest(plate=plate, expected=sure(plate.text, m.rng), driver=Driver(patience_s=800))
    item = m.item_for(guest, state="held")
    guest.person_admits = False

    def releases(day: Day) -> None:
        guest.person_admits = True
        day.house.declare(revised(item, state="active"))

    return Visit("waits_ten_minutes", [guest], [item], [(waits(guest, 600.0), releases)])


@awkward
def two_side_by_side(m: Makes) -> Visit:
    """In a wide lane a second truck drives up beside the first, read as surely."""
    first = m.guest(driver=Driver(reaction_s=8.0, patience_s=PATIENT_S))
    other = m.plate()
    beside = with_trailer(first, other.text, sure(other.text, m.rng))
    beside.vehicle.driver.patience_s = 60.0
    beside.fate, beside.person_admits = Fate.FREE, True
    return Visit("two_side_by_side", [first], [m.item_for(first)])


@awkward
def the_same_plate_in_two_lanes_at_once(m: Makes) -> Visit:
    """The copy stands in the next lane at the same moment; one of the two passes."""
    plate = m.plate()
    first = m.guest(plate=plate, expected=sure(plate.text, m.rng))
    copy: Guest = m.guest(Fate.FREE, plate=plate, expected=unsure(plate.text, m.rng))
    copy.person_admits = False
    copy.vehicle.assigned = False
    visit = Visit("the_same_plate_in_two_lanes_at_once", [first, copy], [])
    item = m.item_for(first)

    def comes(day: Day) -> None:
        lanes = [n for n, x in day.makes.items() if n != m.lane and x.direction == m.direction]
        day.house.declare({**item, "lanes": [m.lane, *lanes]})
        day.join(lanes[0], copy, visit.case)

    visit.later = [copy]
    visit.steps.append((lambda day: True, comes))
    return visit
