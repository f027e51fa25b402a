"""What no sensor of the lanes can tell, and what nobody saw because the service was away.

It is counted in the figures like anything else, and named by its class beside them;
docs/barrier.md, "What no controller can see", says what helps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.fast.cases import BESIDE, NO_SENSOR_TELLS, WITHOUT_A_GAP
from simulator.fast.day import Day
from simulator.fast.guests import Guest, Visit
from simulator.fast.names import RESUMED
from simulator.judging import UNOBSERVED, Judged, Said

UNTOLD = "crossed and nobody was told"
TAKEN_FOR_THE_FIRST = "after a start he stands where the first one stood, with the same plate"
ANOTHER_FOUND = "as the service came back he was through, and another was under the arm"
CAME_BACK_UNREAD = "he passed while the service was away, and nothing had read him before"
BACKED_OUT_UNSEEN = "he backed out while the service was away, and counts as passed"
NOT_KNOWN = (TAKEN_FOR_THE_FIRST, ANOTHER_FOUND, CAME_BACK_UNREAD, BACKED_OUT_UNSEEN)


def covered(day: Day, visit: Visit, text: str) -> bool:
    """Whether he passed untold because the camera never saw him, a truck stood in its way as on the
    loops, or because it never read the one who had no gap before him."""
    if UNTOLD not in text:
        return False
    mine = [g for g in visit.guests if g.vehicle.look.plate in text]
    return bool(mine) and all(_not_told_apart(day, visit.case, g.number) for g in mine)


def _not_told_apart(day: Day, case: str, number: int) -> bool:
    beside = case == BESIDE and number not in day.eyes.at_line
    return beside or (case in WITHOUT_A_GAP and number not in day.eyes.read)


def past_the_closed_arm(day: Day, one: Judged) -> bool:
    """Whether the service was away as he went round the closed arm: nobody was there to see him
    through, and nothing is otherwise afterwards."""
    crossing = one.crossing
    return crossing.case == BESIDE and day.away_between(crossing.entered_at, crossing.left_at)


def unseen_figures(day: Day, judged: Mapping[str, list[Judged]], nobody: int) -> dict[str, int]:
    """Of the figures, those of cases that no sensor tells. `nobody`: records of nobody there."""
    everybody = [one for lane in judged.values() for one in lane]
    hit = [plate for w in day.worlds.values() for plate in w.truth.violations]
    guests = [g for v in day.played.visits if v.case in NO_SENSOR_TELLS for g in v.guests]
    plates = {g.vehicle.look.plate for g in guests}
    return {
        "wrongly_opened": sum(
            wrongly_opened(day, one) and why_not_known(day, one, lane, everybody) != ""
            for lane in judged.values()
            for one in lane
        ),
        "untold": sum(one.untold and _hidden(day, one) for one in everybody),
        "recorded_nobody": nobody,
        "safety_violations": sum(plate in plates for plate in hit),
    }


def _hidden(day: Day, one: Judged) -> bool:
    crossing = one.crossing
    apart = not _not_told_apart(day, crossing.case, crossing.number)
    return not apart or crossing.case in NO_SENSOR_TELLS or past_the_closed_arm(day, one)


def beside_an_unseen(day: Day, lane: str, record: Said) -> bool:
    """Whether a vehicle that no sensor tells apart was there as that was recorded."""
    return any(
        visit.case in NO_SENSOR_TELLS
        and visit.lane == lane
        and day.wall(visit.began) <= record.at <= day.wall(min(visit.ended, day.now))
        for visit in day.played.visits
    )


def wrongly_opened(day: Day, one: Judged) -> bool:
    """But not while the service is away: the lamp stays as it was."""
    return one.wrongly_opened and not day.nobody_saw(one.crossing.entered_at)


def taken_for_the_first(day: Day, one: Judged, lane: Sequence[Judged]) -> bool:
    """Whether the service, as it came back, found him on the place of another with the same plate,
    who had passed under the open arm while it was away: nothing tells the two apart."""
    before = [o for o in lane if o.crossing.left_at <= one.crossing.entered_at and o is not one]
    if not before:
        return False
    first = before[-1].crossing
    stood = one.crossing.arrived_at
    back = day.back_after(first.entered_at)
    same = first.plate == one.crossing.plate and back is not None
    return same and back is not None and stood is not None and stood <= back


def came_back_unread(day: Day, one: Judged, everybody: Sequence[Judged]) -> bool:
    """Whether the vehicle with this plate crossed last while the service was away, and had never
    been read before: that somebody passed then is told, but not who, so that the assignment of
    whoever it was counts still."""
    plate, entered = one.crossing.plate, one.crossing.entered_at
    same = [o.crossing for o in everybody if o.crossing.plate == plate]
    before = [c for c in same if c.left_at <= entered]
    last = max(before, key=lambda c: c.left_at, default=None)
    return last is not None and day.nobody_saw(last.entered_at) and last.number not in day.eyes.read


def another_found(day: Day, one: Judged, lane: Sequence[Judged]) -> bool:
    """Whether he was through before the service was back, and another was under the arm by then:
    that one is taken for whoever had been let in, which a person is told (docs/lane.md)."""
    left = one.crossing.left_at
    back = day.back_after(left)
    found = (o for o in lane if left <= o.crossing.entered_at)
    under = back is not None and any(
        o.crossing.entered_at <= back < o.crossing.left_at for o in found
    )
    return one.told_by == UNOBSERVED and under


def backed_out_unseen(day: Day, visit: Visit, guest: Guest) -> bool:
    """Whether the same vehicle was under the arm before, backed out while the service was away and
    was taken to have passed, of which a person is told: its assignment is used."""
    same = (g for g in visit.guests if g is not guest and _plate(g) == _plate(guest))
    ways, crossed = day.heard.ways, day.heard.by_number
    return day.away_during(visit) and any(
        g.number not in crossed and RESUMED in ways.get(g.number, ()) for g in same
    )


def _plate(guest: Guest) -> str:
    return guest.vehicle.look.plate


def why_not_known(
    day: Day, one: Judged, lane: Sequence[Judged], everybody: Sequence[Judged]
) -> str:
    """Why nothing at the gate can know that he may not pass; "" where it can."""
    if taken_for_the_first(day, one, lane):
        return TAKEN_FOR_THE_FIRST
    return CAME_BACK_UNREAD if came_back_unread(day, one, everybody) else ""
