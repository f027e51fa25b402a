"""What came of a fast run: the contract's report, each case under its name, and the history."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from edge.domain.moment import iso
from simulator.fast.allowed import names_allowed
from simulator.fast.cases import NO_SENSOR_TELLS
from simulator.fast.day import Day
from simulator.fast.figures import figures_of
from simulator.fast.guests import Fate, Guest, Visit
from simulator.fast.names import ADMITTED
from simulator.fast.unseen import (
    ANOTHER_FOUND,
    BACKED_OUT_UNSEEN,
    NOT_KNOWN,
    UNTOLD,
    another_found,
    backed_out_unseen,
    beside_an_unseen,
    covered,
    past_the_closed_arm,
    unseen_figures,
    why_not_known,
)
from simulator.judging import (
    ABANDONED,
    COMPLETED,
    DEVICE_STATE,
    Heard,
    Judged,
    Said,
    judge,
    of_nobody,
    said,
)

HANDLING_S = 20.0
"""Mean from the line to the free safety loop that must be reached where nothing is wrong."""


AWAY = "crossed_while_the_service_was_away"
"""Not planned: who happens to enter while the service is killed."""


NOBODY = "recorded_and_never_crossed"
"""Records of passages that nobody made."""


@dataclass(slots=True)
class Case:
    """`became`: what became of its vehicles, how often; `recorded`: the ways out under which the
    gate has recorded them; `unseen`: failures that no sensor of the lanes could tell."""

    visits: int = 0
    became: Counter[str] = field(default_factory=Counter)
    recorded: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """`figures`: the contract's report; `wrong`: those that are not as they must be."""

    figures: dict[str, Any]
    cases: dict[str, Case]
    wrong: list[str]
    history: str

    @property
    def failures(self) -> list[str]:
        """All that must be and is not, each with its case."""
        cases = sorted(self.cases.items())
        return [f"{name}: {text}" for name, c in cases for text in c.failures] + self.wrong


def outcome(day: Day) -> Outcome:
    """Of a day that is over and whose house still runs."""
    bodies = _bodies(day)
    events = said(bodies)
    judged = {
        lane: [
            told_by_a_span(one, day.nobody_saw(one.crossing.entered_at))
            for one in judge(
                world.truth.crossings,
                [e for e in events if e.lane == lane],
                day.wall,
                day.eyes.pictured,
            )
        ]
        for lane, world in day.worlds.items()
    }
    records = {str(e.data["passage"]): e for e in events if e.type == COMPLETED}
    ways = ways_of(day, events)
    everybody = [one for lane in judged.values() for one in lane]
    lacking = day.house.journal.last_sequence() - day.customs.through
    by_number = {one.crossing.number: one for one in everybody}
    day.heard = Heard(events, by_number, ways, day.eyes.pictured, lacking=lacking)
    cases: dict[str, Case] = {}
    for visit in day.played.visits:
        case = cases.setdefault(visit.case, Case())
        case.visits += 1
        for guest in visit.guests:
            case.recorded.update(ways.get(guest.number, ()))
        wrong = [*_fates(day, visit, judged, records, case), *_checked(day, visit)]
        closed = any(
            past_the_closed_arm(day, by_number[g.number])
            for g in visit.guests
            if g.number in by_number
        )
        for text in [*wrong, *_named(day, visit, ways, by_number, judged)]:
            hidden = visit.case in NO_SENSOR_TELLS or covered(day, visit, text)
            hidden = hidden or (closed and UNTOLD in text)
            hidden = hidden or any(why in text for why in NOT_KNOWN)
            into = case.unseen if hidden else case.failures
            into.append(f"{day.wall(visit.began):%H:%M:%S} {visit.lane}: {text}")
    cases[AWAY] = _away(day, judged)
    cases[NOBODY] = _nobody(day, judged, events)
    figures = figures_of(day, judged, events)
    figures["no_sensor_tells"] = unseen = unseen_figures(day, judged, len(cases[NOBODY].unseen))
    wrong = [
        f"{name} is {figures[name]}, must be {unseen.get(name, 0)}"
        for name in (
            "wrongly_opened",
            "untold",
            "lost",
            "duplicates",
            "safety_violations",
            "used_twice",
            "recorded_nobody",
        )
        if figures[name] > unseen.get(name, 0)
    ]
    if figures["handling_s"]["mean"] > HANDLING_S:
        wrong.append(f"handling takes {figures['handling_s']['mean']} s, must be {HANDLING_S}")
    return Outcome(figures, cases, wrong, "".join(_history(day, events)))


def told_by_a_span(one: Judged, nobody_saw: bool) -> Judged:
    """The span that a start tells may begin ten seconds before the service went: who entered then
    was seen, and to be told by more than that."""
    told = one.told_by != DEVICE_STATE or nobody_saw
    return one if told else replace(one, told_by="")


def ways_of(day: Day, events: list[Said]) -> dict[int, Counter[str]]:
    """The ways out under which each vehicle is recorded, by its pictures; by its number."""
    ways: dict[int, Counter[str]] = {}
    for event in events:
        if event.type in (COMPLETED, ABANDONED):
            seen = {day.eyes.pictured[name] for name in event.data["evidence"]}
            for number in seen:
                way = str(event.data.get("outcome") or event.data.get("why", "admitted"))
                ways.setdefault(number, Counter())[way] += 1
    return ways


def _fates(
    day: Day,
    visit: Visit,
    judged: Mapping[str, list[Judged]],
    records: Mapping[str, Said],
    case: Case,
) -> Iterator[str]:
    """What is wrong with the end that each vehicle of a visit found."""
    everybody = [one for lane in judged.values() for one in lane]
    hit = {plate for world in day.worlds.values() for plate in world.truth.violations}
    for guest in visit.guests:
        number = guest.number
        mine = next((j for j in everybody if j.crossing.number == number), None)
        became = _became(mine)
        case.became[became] += 1
        who = f"{guest.vehicle.look.kind} {guest.vehicle.look.plate or 'without a plate'}"
        if guest.vehicle.look.plate in hit:
            yield f"the arm came down on {who}"
        if mine is not None and day.nobody_saw(mine.crossing.entered_at):
            continue
        if mine is not None and mine.untold:
            yield f"{who} crossed and nobody was told"
        elif guest.fate is Fate.PASSES and (mine is None or mine.unadmitted):
            lane = judged[visit.lane]
            why = ANOTHER_FOUND if mine is not None and another_found(day, mine, lane) else ""
            if mine is None and backed_out_unseen(day, visit, guest):
                why = BACKED_OUT_UNSEEN
            yield f"{who} {became}, and may pass{why and ': ' + why}"
        elif guest.fate is Fate.STAYS and mine is not None and mine.admitted_by:
            why = _not_known(day, mine, judged)
            yield f"{who} was {became}, and may not pass{why and ': ' + why}"
        own = mine is not None and mine.admitted_by and not mine.by_order
        if own and mine is not None and mine.passage and not day.away_during(visit):
            yield from _record(guest, records[mine.passage], who)
    if visit in day.played.late:
        yield "did not end by itself"


def _not_known(day: Day, one: Judged, judged: Mapping[str, list[Judged]]) -> str:
    """Why nothing at the gate can know that he may not pass; "" where it can."""
    lane = next(lane for lane in judged.values() if one in lane)
    return why_not_known(day, one, lane, [one for lane in judged.values() for one in lane])


def _named(
    day: Day,
    visit: Visit,
    ways: Mapping[int, Counter[str]],
    by_number: Mapping[int, Judged],
    judged: Mapping[str, list[Judged]],
) -> Iterator[str]:
    """Names under which a vehicle must not be recorded; while the service is away there are some
    more. Who passes is recorded as admitted once."""
    away = day.away_during(visit)
    for at, guest in enumerate(visit.guests):
        found = ways.get(guest.number, Counter())
        who = f"{guest.vehicle.look.kind} {guest.vehicle.look.plate or 'without a plate'}"
        one = by_number.get(guest.number)
        allowed = names_allowed(day, visit, at, one)
        if one is not None and one.admitted_by and _not_known(day, one, judged):
            allowed |= {ADMITTED}
        for way in sorted(found.keys() - allowed):
            yield f"{who} is recorded as {way}"
        if one is None and found["admitted"] and not away:
            yield f"{who} is recorded as admitted, and did not cross"
        if guest.fate is Fate.PASSES and found["admitted"] > 1:
            yield f"{who} is recorded as admitted {found['admitted']} times"


def _away(day: Day, judged: Mapping[str, list[Judged]]) -> Case:
    """Whoever entered while the service was away, of whichever case: the lamp stays as it was, and
    nobody can be admitted; but told of he must be."""
    case = Case()
    for lane, everybody in judged.items():
        for one in everybody:
            if day.nobody_saw(one.crossing.entered_at):
                case.visits += 1
                case.became[_became(one)] += 1
                if one.untold:
                    into = case.unseen if past_the_closed_arm(day, one) else case.failures
                    into.append(f"{one.left:%H:%M:%S} {lane}: {one.crossing.plate}")
    return case


def _nobody(day: Day, judged: Mapping[str, list[Judged]], events: list[Said]) -> Case:
    """The records of passages that nobody made, in any case. One that says that nobody saw it is a
    conclusion, told as one, and counted apart (`concluded_wrongly`)."""
    case = Case()
    for lane, everybody in judged.items():
        for record in of_nobody(everybody, [e for e in events if e.lane == lane]):
            if not record.data["observed"]:
                continue
            way = str(record.data.get("outcome", ""))
            case.visits += 1
            case.recorded[way] += 1
            plate = record.data["plate"] or "nobody"
            into = case.unseen if beside_an_unseen(day, lane, record) else case.failures
            into.append(f"{record.at:%H:%M:%S} {lane}: {plate} as {way}")
    return case


def _record(guest: Guest, record: Said, who: str) -> Iterator[str]:
    """What is wrong in the record of one who was admitted."""
    plate = guest.vehicle.look.plate
    if plate and record.data["plate"] != plate:
        yield f"{who} is recorded as {record.data['plate'] or 'nobody'}"
    if guest.fate is Fate.PASSES and record.data["assignment"] != guest.assignment:
        used = record.data["assignment"] or "none"
        yield f"{who} used {used} and not {guest.assignment or 'none'}"


def _became(one: Judged | None) -> str:
    if one is None:
        return "did not cross"
    if one.untold:
        return "crossed untold"
    if one.unadmitted:
        return f"crossed, told by {one.told_by}"
    return "admitted by " + ("the gate" if one.admitted_by == "gate" else "a person")


def _checked(day: Day, visit: Visit) -> Iterator[str]:
    for check in visit.checks:
        yield from check(day)


def _bodies(day: Day) -> list[dict[str, Any]]:
    """Everything that the gate has said, in order: what the journal holds, and what it held until
    customs had it and a full disk took its place."""
    held = {int(body["sequence"]): body for body in day.house.events()}
    return [body for _, body in sorted({**day.customs.events, **held}.items())]


def _history(day: Day, events: list[Said]) -> Iterator[str]:
    """Everything that happened and that the gate said, a line each, without ids and hashes."""
    for event in events:
        data = json.dumps(event.data, sort_keys=True, ensure_ascii=False)
        yield f"{iso(event.at)} {event.lane} {event.type} {data}\n"
    for lane, world in day.worlds.items():
        for c in world.truth.crossings:
            yield (
                f"{iso(day.wall(c.left_at))} {lane} crossed {c.kind} {c.plate or '-'} "
                f"entered {c.entered_at:.6f} left {c.left_at:.6f} grant {c.opening}.{c.order}\n"
            )
        for plate in world.truth.turned_away:
            yield f"{lane} turned away {plate or '-'}\n"
