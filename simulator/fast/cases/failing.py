"""What fails at the gate while somebody passes: the board, its wire, the camera, the loop."""

from __future__ import annotations

from simulator.barrier.bad_wires import Clean, Noise
from simulator.fast.cases.registry import after, awkward, enters, gone, nears, next_in, waits
from simulator.fast.day import Day
from simulator.fast.guests import Fate, Makes, Step, Visit
from simulator.fast.readings import unsure
from simulator.world import Driver

SILENT_S = 6.0
PATIENT_S = 150.0
"""Also while the service begins again, and is asked anew."""


@awkward
def the_board_is_silent_while_one_crosses(m: Makes) -> Visit:
    guest = m.guest()

    def silences(day: Day) -> None:
        day.house.line.silent.add(day.house.addresses[m.lane])

    def mends(day: Day) -> None:
        day.house.line.silent.clear()

    steps: list[Step] = [(enters(guest), silences), (after(enters(guest), SILENT_S), mends)]
    case = "the_board_is_silent_while_one_crosses"
    return Visit(case, [guest], [m.item_for(guest)], steps, alone=True)


@awkward
def a_noisy_wire(m: Makes) -> Visit:
    """A tenth of the answers of all boards are spoilt while he comes and passes; his light may turn
    red again."""
    guest = m.guest(Fate.FREE, driver=Driver(patience_s=60.0), person_admits=True)
    guest.vehicle.assigned = True

    def spoils(day: Day) -> None:
        day.house.line.fault = Noise(0.1)

    def mends(day: Day) -> None:
        day.house.line.fault = Clean()

    steps: list[Step] = [(nears(guest), spoils), (gone(guest), mends)]
    return Visit("a_noisy_wire", [guest], [m.item_for(guest)], steps)


@awkward
def the_camera_sees_nobody(m: Makes) -> Visit:
    """A person sees him and types his plate."""
    guest = m.guest()

    def blinds(day: Day) -> None:
        day.eyes.blind.add(m.lane)

    def opens(day: Day) -> None:
        day.eyes.blind.discard(m.lane)

    steps: list[Step] = [(next_in(guest, m.lane), blinds), (gone(guest), opens)]
    return Visit("the_camera_sees_nobody", [guest], [m.item_for(guest)], steps, alone=True)


@awkward
def the_entry_loop_drops_him(m: Makes) -> Visit:
    """The loop's limited presence tunes him out while he waits for a person."""
    plate = m.plate()
    driver = Driver(patience_s=PATIENT_S)
    guest = m.guest(plate=plate, expected=unsure(plate.text, m.rng), driver=driver)

    def tunes(day: Day) -> None:
        day.worlds[m.lane].drops_s["entry_loop"] = 4.0

    def restores(day: Day) -> None:
        day.worlds[m.lane].drops_s.clear()

    steps: list[Step] = [(waits(guest), tunes), (gone(guest), restores)]
    return Visit("the_entry_loop_drops_him", [guest], [m.item_for(guest)], steps)
