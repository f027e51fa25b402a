"""Under which names a vehicle of a day may be recorded, by its case and by what else happened
meanwhile."""

from __future__ import annotations

from simulator.fast.day import Day
from simulator.fast.guests import Fate, Visit
from simulator.fast.names import (
    BY_HAND,
    ENTERED_MEANWHILE,
    REFUSED,
    STOOD_MEANWHILE,
    TWO,
    UNADMITTED,
    names_of,
)
from simulator.judging import Judged

STAYS_UP_S = 300.0
"""Seconds after which an arm that was raised by hand has been brought down by the booth."""


def names_allowed(day: Day, visit: Visit, at: int, one: Judged | None) -> frozenset[str]:
    """Of the guest at that place of the visit; `one`: his crossing, if he has crossed. While the
    service is away there are some more."""
    guest = visit.guests[at]
    allowed = guest.names or names_of(visit.case, at, guest.fate)
    if day.away_during(visit):
        allowed |= STOOD_MEANWHILE | _names_of_his_double(visit, at)
        if guest.fate is Fate.STAYS:
            # Whoever stands there then is for a person to decide, read or not.
            allowed |= {REFUSED}
    if one is not None and day.nobody_saw(one.crossing.entered_at):
        allowed |= ENTERED_MEANWHILE
    for seen in _overtaken(day, visit):
        # Two plates stood there, and a person was asked; or he is taken for the one who rode by.
        allowed |= {TWO} if seen else {UNADMITTED}
    return allowed if _raised_by_hand(day, visit) else allowed - {BY_HAND}


def _names_of_his_double(visit: Visit, at: int) -> frozenset[str]:
    """What the one behind him with the same plate may be recorded as: whom a start finds at the
    line is taken for the one who had stood there, and both are on the pictures."""
    same = visit.guests[at].vehicle.look.plate
    return frozenset().union(*(
        names_of(visit.case, n, g.fate)
        for n, g in enumerate(visit.guests) if n > at and g.vehicle.look.plate == same
    ))  # fmt: skip


def _overtaken(day: Day, visit: Visit) -> list[bool]:
    """Of each motorcycle of another visit that drove past it in the lane, whether the camera has
    told of it at the line."""
    own = {guest.number for guest in visit.guests}
    return [
        c.number in day.eyes.at_line
        for c in day.worlds[visit.lane].truth.crossings
        if c.kind == "motorcycle"
        and c.number not in own
        and visit.began <= c.entered_at <= visit.ended
    ]


def _raised_by_hand(day: Day, visit: Visit) -> bool:
    """Whether the arm of its lane went up otherwise than by the gate while it lasted, or just
    before: it may have stayed up since."""
    raised = day.worlds[visit.lane].arm.raised
    return any(visit.began - STAYS_UP_S <= at <= visit.ended for at in raised)
