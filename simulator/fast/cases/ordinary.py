"""Those with whom nothing is wrong: declared, cleared, and driven as they should be."""

from __future__ import annotations

from simulator.fast.cases.registry import ordinary
from simulator.fast.guests import Makes, Visit, with_trailer
from simulator.fast.readings import sure
from simulator.world import drawbar, semi_trailer
from simulator.world.shapes import Shape


def _declared(m: Makes, case: str, kind: str = "truck", shape: Shape = ()) -> Visit:
    guest = m.guest(kind=kind, shape=shape)
    return Visit(case, [guest], [m.item_for(guest)])


@ordinary
def truck(m: Makes) -> Visit:
    return _declared(m, "truck")


@ordinary
def bus(m: Makes) -> Visit:
    return _declared(m, "bus", "bus")


@ordinary
def car(m: Makes) -> Visit:
    return _declared(m, "car", "car")


@ordinary
def truck_with_a_drawbar(m: Makes) -> Visit:
    return _declared(m, "truck_with_a_drawbar", shape=drawbar())


@ordinary
def high_semi_trailer(m: Makes) -> Visit:
    return _declared(m, "high_semi_trailer", shape=semi_trailer())


@ordinary
def tractor_and_trailer(m: Makes) -> Visit:
    guest = m.guest(shape=semi_trailer())
    trailer = m.plate("CN", "trailer")
    with_trailer(guest, trailer.text, sure(trailer.text, m.rng))
    return Visit("tractor_and_trailer", [guest], [m.item_for(guest, trailer=trailer)])
