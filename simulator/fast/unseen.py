"""What no sensor of the lanes can tell, and what nobody saw because the service was away.

It is counted in the figures like anything else, and named by its class beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.fast.cases import BESIDE, NO_SENSOR_TELLS
from simulator.fast.day import Day
from simulator.fast.guests import Visit
from simulator.judging import Judged, Said


def covered(day: Day, visit: Visit, text: str) -> bool:
    """Whether he passed untold because the camera never saw him: a truck stood in its way, as it
    stood on the loops."""
    beside = visit.case == BESIDE and "crossed and nobody was told" in text
    return beside and all(g.number not in day.eyes.at_line for g in visit.guests)


def unseen_figures(day: Day, judged: Mapping[str, list[Judged]], nobody: int) -> dict[str, int]:
    """Of the figures, those of cases that no sensor tells. `nobody`: records of nobody there."""
    everybody = [one for lane in judged.values() for one in lane]
    hit = [plate for w in day.worlds.values() for plate in w.truth.violations]
    guests = [g for v in day.played.visits if v.case in NO_SENSOR_TELLS for g in v.guests]
    plates = {g.vehicle.look.plate for g in guests}
    return {
        "untold": sum(one.untold and _hidden(day, one) for one in everybody),
        "recorded_nobody": nobody,
        "safety_violations": sum(plate in plates for plate in hit),
    }


def _hidden(day: Day, one: Judged) -> bool:
    crossing = one.crossing
    beside = crossing.case == BESIDE and crossing.number not in day.eyes.at_line
    return beside or crossing.case in NO_SENSOR_TELLS


def beside_an_unseen(day: Day, lane: str, record: Said) -> bool:
    """Whether a vehicle that no sensor tells apart was there as that was recorded."""
    return any(
        visit.case in NO_SENSOR_TELLS
        and visit.lane == lane
        and day.wall(visit.began) <= record.at <= day.wall(min(visit.ended, day.now))
        for visit in day.played.visits
    )


def wrongly_opened(day: Day, one: Judged, everybody: Sequence[Judged]) -> bool:
    """But not while the service is away, and not on an assignment that another with the same plate
    has used while it was."""
    if not one.wrongly_opened or day.nobody_saw(one.crossing.entered_at):
        return False
    return not used_while_away(day, one, everybody)


def used_while_away(day: Day, one: Judged, everybody: Sequence[Judged]) -> bool:
    """Whether another with its plate passed while the service was away: nobody knows of him."""
    same = (o for o in everybody if o.crossing.plate == one.crossing.plate and o is not one)
    return any(day.nobody_saw(o.crossing.entered_at) for o in same)
