"""What is declared is not so, or not now; or it cannot be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simulator.fast.cases.registry import awkward, nears
from simulator.fast.day import Day, Maker
from simulator.fast.guests import Fate, Makes, Visit, with_trailer
from simulator.fast.readings import UNREADABLE, sure, unsure


def _refused(case: str, kind: str = "truck", **change: Any) -> Maker:
    def make(m: Makes) -> Visit:
        guest = m.guest(Fate.STAYS, kind)
        return Visit(case, [guest], [m.item(guest.plate, kind, **change)])

    make.__name__ = case
    return awkward(make)


@awkward
def undeclared(m: Makes) -> Visit:
    return Visit("undeclared", [m.guest(Fate.STAYS)])


_refused("wrong_lane", lanes=["elsewhere"])
_refused("not_yet_valid", from_s=3600, to_s=7200)
_refused("expired", from_s=-7200, to_s=-3600)
_refused("held", state="held")
_refused("cancelled", state="cancelled")
_refused("clearance_pending", clear={"customs": "pending"})
_refused("clearance_refused", clear={"quarantine": "refused"})


@awkward
def wrong_direction(m: Makes) -> Visit:
    guest = m.guest(Fate.STAYS)
    other = "import" if m.direction == "export" else "export"
    return Visit("wrong_direction", [guest], [m.item(guest.plate, direction=other)])


@awkward
def valid_from_after_valid_to(m: Makes) -> Visit:
    """Both ends are near enough to now for a clock's tolerance."""
    guest = m.guest(Fate.STAYS)
    plate = guest.plate

    def declare(day: Day) -> None:
        day.house.declare(m.item(plate, from_s=25, to_s=-25))

    return Visit("valid_from_after_valid_to", [guest], [], [(nears(guest), declare)])


@awkward
def the_same_plate_twice(m: Makes) -> Visit:
    """The second is a copy: the assignment is used."""
    first = m.guest()
    item = m.item_for(first)
    second = m.guest(Fate.STAYS, plate=first.plate)
    return Visit("the_same_plate_twice", [first, second], [item])


@awkward
def motorcycle_with_a_trucks_plate(m: Makes) -> Visit:
    guest = m.guest(Fate.STAYS, "motorcycle")
    item = m.item(guest.plate, "truck")
    return Visit("motorcycle_with_a_trucks_plate", [guest], [item])


@awkward
def trailer_beside_an_unsure_strange_tractor(m: Makes) -> Visit:
    declared, strange = m.plate(), m.plate()
    guest = m.guest(Fate.STAYS, plate=strange, expected=unsure(strange.text, m.rng))
    trailer = m.plate("CN", "trailer")
    with_trailer(guest, trailer.text, sure(trailer.text, m.rng))
    item = m.item(declared, trailer=trailer)
    return Visit("trailer_beside_an_unsure_strange_tractor", [guest], [item])


@awkward
def trailer_alone(m: Makes) -> Visit:
    """A strange tractor without a plate pulls a declared trailer."""
    declared, trailer = m.plate(), m.plate("CN", "trailer")
    guest = m.guest(Fate.STAYS, expected=UNREADABLE)
    with_trailer(guest, trailer.text, sure(trailer.text, m.rng))
    return Visit("trailer_alone", [guest], [m.item(declared, trailer=trailer)])


@awkward
def tractor_changed_at_the_border(m: Makes) -> Visit:
    """One assignment names a Vietnamese and a Chinese tractor; the second brings the trailer."""
    first, second, trailer = m.plate("VN"), m.plate("CN"), m.plate("CN", "trailer")
    guest = m.guest(plate=second)
    with_trailer(guest, trailer.text, sure(trailer.text, m.rng))
    item = m.item_for(guest, tractors=(first, second), trailer=trailer)
    return Visit("tractor_changed_at_the_border", [guest], [item])


@awkward
def unreadable(m: Makes) -> Visit:
    """Declared; a person reads what the machine does not."""
    guest = m.guest(expected=UNREADABLE)
    return Visit("unreadable", [guest], [m.item_for(guest)])


@awkward
def unsurely_read(m: Makes) -> Visit:
    """Declared, and never surely read: a person confirms the plate."""
    plate = m.plate()
    guest = m.guest(plate=plate, expected=unsure(plate.text, m.rng))
    return Visit("unsurely_read", [guest], [m.item_for(guest)])


@awkward
def no_plate_at_all(m: Makes) -> Visit:
    """Declared by papers alone; nothing to read, nothing to type."""
    guest = m.guest(expected=UNREADABLE)
    guest.vehicle.look = replace(guest.vehicle.look, plate="")
    guest.vehicle.assigned = False
    return Visit("no_plate_at_all", [guest])
