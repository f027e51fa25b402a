"""How they drive: tailgaters, those who turn back, stop, dawdle or break through; on foot."""

from __future__ import annotations

from simulator.fast.cases.registry import after, awkward, let_in, unseen, waits
from simulator.fast.day import Day
from simulator.fast.guests import Fate, Makes, Visit
from simulator.world import Driver, bare_semi_trailer, drawbar, pedestrian, semi_trailer
from simulator.world.shapes import LONG_GAP_M, Shape

PATIENT_S = 90.0
LONG_BED = "its rear comes to the loops as the next vehicle would, after a gap that is longer"
FAR_M, NEAR_M, BUMPER_M = 4.0, 1.0, 0.5


def _close(follows_m: float) -> Driver:
    return Driver(follows_m=follows_m, ignores_light=True)


def _behind(
    m: Makes, case: str, followers: int, follows_m: float, declared: bool, kind: str = "truck"
) -> Visit:
    """Some follow an admitted one. A declared one who finds the arm down still passes in his
    turn."""
    first = m.guest()
    items = [m.item_for(first)]
    guests = [first]
    for _ in range(followers):
        fate = Fate.FREE if declared else Fate.STAYS
        guest = m.guest(fate, kind, _close(follows_m), person_admits=declared)
        guest.vehicle.assigned = declared
        if declared:
            items.append(m.item_for(guest))
        guests.append(guest)
    return Visit(case, guests, items)


@awkward
def tailgater(m: Makes) -> Visit:
    return _behind(m, "tailgater", 1, FAR_M, False)


@awkward
def tailgater_at_a_metre(m: Makes) -> Visit:
    """No sensor is ever clear between the two."""
    return _behind(m, "tailgater_at_a_metre", 1, NEAR_M, False)


@awkward
def declared_tailgater_at_a_metre(m: Makes) -> Visit:
    return _behind(m, "declared_tailgater_at_a_metre", 1, NEAR_M, True)


@awkward
@unseen("no loop and no beam is clear for long enough, and the camera sees the truck alone")
def car_bumper_to_bumper(m: Makes) -> Visit:
    return _behind(m, "car_bumper_to_bumper", 1, BUMPER_M, False, "car")


@awkward
def two_tailgaters(m: Makes) -> Visit:
    return _behind(m, "two_tailgaters", 2, FAR_M, False)


def _alone(m: Makes, case: str, driver: Driver, fate: Fate = Fate.FREE) -> Visit:
    """A declared one with a mind of his own."""
    guest = m.guest(fate, driver=driver, person_admits=True)
    guest.vehicle.assigned = True
    return Visit(case, [guest], [m.item_for(guest)])


@awkward
def turns_back_at_the_line(m: Makes) -> Visit:
    return _alone(m, "turns_back_at_the_line", Driver(turns_back_s=1.0, reaction_s=20.0))


@awkward
def turns_back_when_let_in(m: Makes) -> Visit:
    driver = Driver(turns_back_at=-1.1, patience_s=PATIENT_S)
    return _alone(m, "turns_back_when_let_in", driver)


def _comes_again(m: Makes, case: str, turns_back_at: float) -> Visit:
    """Reverses out from under the arm and comes again: his assignment is not spent."""
    driver = Driver(turns_back_at=turns_back_at, patience_s=PATIENT_S)
    first = m.guest(Fate.FREE, driver=driver, person_admits=True)
    first.vehicle.assigned = True
    item = m.item_for(first)
    again = m.guest(plate=first.plate)
    again.assignment = first.assignment
    visit = Visit(case, [first, again], [item])
    visit.checks.append(lambda day: _once(day, first.assignment))
    return visit


def _once(day: Day, assignment: str) -> list[str]:
    return (
        [] if assignment in day.house.declared.used else ["his assignment was not used in the end"]
    )


@awkward
def reverses_out_before_the_beam(m: Makes) -> Visit:
    return _comes_again(m, "reverses_out_before_the_beam", 0.1)


@awkward
def reverses_out_beyond_the_beam(m: Makes) -> Visit:
    return _comes_again(m, "reverses_out_beyond_the_beam", 1.0)


@awkward
def stops_on_the_loop(m: Makes) -> Visit:
    driver = Driver(stops=(0.5, 25.0), patience_s=PATIENT_S)
    return _alone(m, "stops_on_the_loop", driver, Fate.PASSES)


def _stops_half_way(m: Makes, case: str, shape: Shape, front: float) -> Visit:
    """With its gap under the arm, and nothing over loop or beam."""
    driver = Driver(stops=(front, 25.0), patience_s=PATIENT_S)
    guest = m.guest(driver=driver, shape=shape)
    return Visit(case, [guest], [m.item_for(guest)])


@awkward
def semi_trailer_stops_half_way(m: Makes) -> Visit:
    """Its high bed under the arm; the entry loop stays occupied."""
    return _stops_half_way(m, "semi_trailer_stops_half_way", semi_trailer(), 7.5)


@awkward
def drawbar_stops_half_way(m: Makes) -> Visit:
    return _stops_half_way(m, "drawbar_stops_half_way", drawbar(), 8.5)


@awkward
@unseen(LONG_BED)
def bare_semi_trailer_stops_half_way(m: Makes) -> Visit:
    """Nothing below its bed: the entry loop has a break as between two vehicles."""
    return _stops_half_way(m, "bare_semi_trailer_stops_half_way", bare_semi_trailer(), 8.5)


@awkward
@unseen(LONG_BED)
def long_drawbar_stops_half_way(m: Makes) -> Visit:
    """The entry loop has a break as between two vehicles."""
    shape = drawbar(bar=LONG_GAP_M)
    return _stops_half_way(m, "long_drawbar_stops_half_way", shape, 8.7)


@awkward
@unseen(LONG_BED)
def bare_semi_trailer_passes(m: Makes) -> Visit:
    guest = m.guest(shape=bare_semi_trailer())
    return Visit("bare_semi_trailer_passes", [guest], [m.item_for(guest)])


@awkward
def dawdles(m: Makes) -> Visit:
    """Does not move for longer than an admission lasts."""
    driver = Driver(reaction_s=40.0, patience_s=PATIENT_S)
    return _alone(m, "dawdles", driver)


@awkward
def breaks_through(m: Makes) -> Visit:
    """Through the closed arm."""
    guest = m.guest(Fate.STAYS, driver=Driver(breaks_through_s=10.0))
    return Visit("breaks_through", [guest])


@awkward
def through_an_arm_that_stands_open(m: Makes) -> Visit:
    """A remote control opens the arm, and who was refused drives on."""
    guest = m.guest(Fate.STAYS, driver=Driver(ignores_light=True, patience_s=40.0))

    def opens(day: Day) -> None:
        world = day.worlds[m.lane]
        world.arm.push(1, world.at)

    return Visit("through_an_arm_that_stands_open", [guest], [], [(waits(guest, 5.0), opens)])


@awkward
def the_arm_comes_down_by_itself(m: Makes) -> Visit:
    """Before him who was let in; he stands there, and a person helps."""
    guest = m.guest(driver=Driver(reaction_s=6.0, patience_s=200.0))

    def falls(day: Day) -> None:
        world = day.worlds[m.lane]
        world.arm.push(-1, world.at)

    steps = [(after(let_in(guest, m.lane), 4.0), falls)]
    return Visit("the_arm_comes_down_by_itself", [guest], [m.item_for(guest)], list(steps))


@awkward
def from_the_other_side(m: Makes) -> Visit:
    """Against the traffic, while the arm is still up behind another."""
    first = m.guest()
    other = m.guest(Fate.STAYS, "car", Driver(against=True))
    return Visit("from_the_other_side", [first, other], [m.item_for(first)], alone=True)


@awkward
def motorcycle_beside_the_closed_arm(m: Makes) -> Visit:
    guest = m.guest(Fate.STAYS, "motorcycle", under_arm=False, in_beam=False)
    return Visit("motorcycle_beside_the_closed_arm", [guest])


@awkward
def motorcycle_behind_a_truck(m: Makes) -> Visit:
    """Beside the beam, while the arm is up for another."""
    first = m.guest()
    rider = m.guest(Fate.STAYS, "motorcycle", _close(2.0), in_beam=False)
    return Visit("motorcycle_behind_a_truck", [first, rider], [m.item_for(first)])


@awkward
def pedestrian_under_the_arm(m: Makes) -> Visit:
    """Walks through the beam while a truck is let in."""
    first = m.guest()
    walker = m.guest(Fate.FREE, "pedestrian", shape=pedestrian(), under_arm=False)
    return Visit("pedestrian_under_the_arm", [first, walker], [m.item_for(first)])
