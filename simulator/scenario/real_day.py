"""A mixed day in real time: the vehicles of a day in virtual time once more, on real wires, with
real pictures and the service as a process, and how the two ends compare.

Of the awkward cases those are played in which nothing is reached into (plan.on_wires). Who comes,
in which order, how he drives, arm and wiring are those of the day; what is read is vision's. Who
passes untold because no wired sensor tells him from the one before, and vision has not read him, is
counted apart, as in virtual time; no vehicle that an arm is sent down on is. Whose driver decides
by himself, from how long he stands, may end either way.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from edge.domain.assignment import NEAR, apart
from edge.domain.events import PLATE_READ
from simulator.demo import cameras_live, finish
from simulator.fast.cases import AWKWARD, BESIDE, NO_SENSOR_TELLS, WITHOUT_A_GAP
from simulator.fast.day import ARM_S, LANES, LONGEST_VISIT_S, QUEUE, Day, Maker
from simulator.fast.guests import Fate, Guest, Makes, Visit
from simulator.fast.outcome import outcome
from simulator.fast.plan import on_wires, plan
from simulator.fast.run import folder_in_memory, quiet
from simulator.judging import Heard, Judged
from simulator.report import failures
from simulator.rig import LanePlan, Rig
from simulator.scenario.console_booth import RealBooth
from simulator.scenario.real import LOOKS_S, RealStage, heard_of
from simulator.service import Service
from simulator.world.driving import ASIDE_S

ADMITTED, STAYED = "admitted", "did not cross"
TOLD, UNTOLD = "crossed, told", "crossed untold"


@dataclass(frozen=True, slots=True)
class End:
    """What became of one vehicle: `end` "admitted", "crossed, told", "crossed untold" or "did not
    cross"; `recorded`: the ways out under which the gate has it."""

    lane: str
    case: str
    number: int
    plate: str
    fate: Fate
    end: str
    recorded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """`fast`, `real`: everybody in the same order, and the reports; `wrong`: what went wrong in
    real time, with whom; `unseen`: whom no sensor told there from another, by number."""

    fast: Sequence[End]
    real: Sequence[End]
    fast_figures: Mapping[str, Any]
    figures: Mapping[str, Any]
    wrong: Sequence[str]
    unseen: Mapping[int, str]

    @property
    def otherwise(self) -> list[tuple[End, End]]:
        """Those whose end is not the same, and should be."""
        return [(a, b) for a, b in self._differ() if not self._may(b)]

    @property
    def may(self) -> list[tuple[End, End]]:
        """Those whose end is not the same, and need not be."""
        return [(a, b) for a, b in self._differ() if self._may(b)]

    @property
    def failures(self) -> list[str]:
        """What must be zero and is not, but for whom no sensor told: untold, or taken for one who
        stood there and may pass."""
        hidden = [one.end for one in self.real if one.number in self.unseen]
        figures = dict(self.figures)
        figures["untold"] -= hidden.count(UNTOLD)
        figures["wrongly_opened"] -= hidden.count(ADMITTED)
        return failures(figures)

    def _differ(self) -> Iterator[tuple[End, End]]:
        both = zip(self.fast, self.real, strict=True)
        return ((a, b) for a, b in both if a.end != b.end or a.plate != b.plate)

    def _may(self, end: End) -> bool:
        decides = end.fate is Fate.FREE and end.end in (ADMITTED, STAYED)
        told = end.case in NO_SENSOR_TELLS and end.end == TOLD
        return decides or told or end.number in self.unseen


def play(
    vehicles: int, seed: int, lanes: int, say: Callable[[str], None] = lambda text: None
) -> Compared:
    """Both of them, the fast one first."""
    ways = {name: LANES[name] for name in sorted(LANES, key=list(LANES).index)[:lanes]}
    cases = on_wires()
    alone = len(AWKWARD) - len(cases)
    say(f"{alone} awkward cases of {len(AWKWARD)} can be played with --fast alone")
    made = plan(vehicles, seed, cases, ways)
    with folder_in_memory() as folder, quiet():
        day = Day(folder, seed, made, ways)
        try:
            day.run()
            fast_figures = outcome(day).figures
            fast = _ends(day.played.visits, day.heard, list(ways))
        finally:
            day.close()
    say(f"in virtual time: {len(fast)} vehicles")
    visits, heard, figures, sent_down_on = _real(made, ways, seed, say)
    unseen = unseen_of(visits, heard)
    wrong = _wrong(visits, heard, sent_down_on, unseen)
    return Compared(fast, _ends(visits, heard, list(ways)), fast_figures, figures, wrong, unseen)


def _real(
    made: Mapping[str, Sequence[Maker]],
    ways: Mapping[str, str],
    seed: int,
    say: Callable[[str], None],
) -> tuple[list[Visit], Heard, dict[str, Any], list[str]]:
    with tempfile.TemporaryDirectory(prefix="gate-sim-day-") as folder:
        plans = [
            LanePlan(name, way, name, exit_loop=True, stop=True, arm_s=ARM_S)
            for name, way in ways.items()
        ]
        rig = Rig(Path(folder), plans, seed)
        service = Service(rig.gate_config)
        coming = _Coming(rig, RealStage(rig, service), made, seed)
        booth = RealBooth(service, rig.worlds)
        try:
            rig.start()
            service.add_user()
            service.start()
            service.wait_ready()
            cameras_live(service)
            booth.start(coming.guests)
            began = time.monotonic()
            coming.run(say)
            figures = finish(rig, service, time.monotonic() - began)
            booth.stop()
            heard = heard_of(rig, coming.guests())
        finally:
            service.stop()
            rig.stop()
    sent_down_on = [plate for world in rig.worlds.values() for plate in world.truth.violations]
    figures = {**figures, "asked_a_person": booth.booth.decided}
    return coming.visits, heard, figures, sent_down_on


class _Coming:
    """Feeds the lanes as a day in virtual time does."""

    def __init__(
        self, rig: Rig, stage: RealStage, made: Mapping[str, Sequence[Maker]], seed: int
    ) -> None:
        self._stage, self._plan = stage, {lane: list(some) for lane, some in made.items()}
        numbers = count(1)
        self._makes = {
            plan.name: Makes(
                plan.name, plan.direction, random.Random(f"{plan.name}-{seed}"),
                lambda: datetime.now(UTC), numbers,
            )
            for plan in rig.lanes
        }  # fmt: skip
        self.visits: list[Visit] = []
        self._active: list[Visit] = []

    def guests(self) -> list[Guest]:
        return [guest for visit in list(self.visits) for guest in visit.guests]

    def run(self, say: Callable[[str], None]) -> None:
        told = 0
        while any(self._plan.values()) or self._active:
            for lane in self._stage.worlds:
                self._feed(lane)
            self._active = [visit for visit in self._active if not self._over(visit)]
            gone = sum(guest.vehicle.gone for guest in self.guests())
            if gone >= told + 5:
                told = gone
                say(f"in real time: {gone} have come and gone")
            time.sleep(LOOKS_S)

    def _over(self, visit: Visit) -> bool:
        late = self._stage.now - visit.began > LONGEST_VISIT_S
        return late or all(guest.vehicle.gone for guest in visit.guests)

    def _feed(self, lane: str) -> None:
        plan, world = self._plan[lane], self._stage.worlds[lane]
        alone = any(visit.alone and visit.lane == lane for visit in self._active)
        if not plan or alone or len(world.vehicles) >= QUEUE:
            return
        visit = plan.pop(0)(self._makes[lane])
        visit.lane, visit.began = lane, self._stage.now
        for item in visit.items:
            self._stage.declare(item)
        self.visits.append(visit)
        self._active.append(visit)
        for guest in visit.guests:
            self._stage.join(lane, guest, visit.case)


def unseen_of(visits: Sequence[Visit], heard: Heard) -> dict[int, str]:
    """Who passed untold, or on the admission of one who stood there, and is told by no sensor, with
    his case, by his number."""
    read = [str(e.data["plate"]) for e in heard.events if e.type == PLATE_READ and e.data["plate"]]
    told: dict[int, str] = {}
    for visit in visits:
        for guest in visit.guests:
            one, plate = heard.by_number.get(guest.number), guest.vehicle.look.plate
            close = visit.case in WITHOUT_A_GAP
            by_plate = close and any(apart(text, plate) <= NEAR for text in read)
            hidden = visit.case in NO_SENSOR_TELLS or (close and not by_plate)
            hidden = hidden or (visit.case == BESIDE and _another_is_there(visits, visit, guest))
            as_another = visit.case == BESIDE and one is not None and one.wrongly_opened
            if one is not None and hidden and (one.untold or as_another):
                told[guest.number] = f"{visit.case} {plate or 'no plate'}"
    return told


def _another_is_there(visits: Sequence[Visit], visit: Visit, guest: Guest) -> bool:
    """Whether another one stood on the loops, before the camera, as he drove past him."""
    at = guest.vehicle.entered_at
    others = (g.vehicle for v in visits if v.lane == visit.lane for g in v.guests if g is not guest)
    return at is not None and any(
        v.arrived_at is not None and v.arrived_at <= at <= v.arrived_at + v.waited + ASIDE_S
        for v in others
    )


def _wrong(
    visits: Sequence[Visit],
    heard: Heard,
    sent_down_on: Collection[str],
    unseen: Collection[int],
) -> list[str]:
    """With the case of each."""
    told: list[str] = []
    for visit in visits:
        for guest in visit.guests:
            who = f"{visit.case} {guest.vehicle.look.plate or 'no plate'}"
            one = heard.by_number.get(guest.number)
            if guest.vehicle.look.plate in sent_down_on:
                told.append(f"the arm was sent down on {who}")
            if one is not None and one.wrongly_opened and guest.number not in unseen:
                told.append(f"wrongly opened for {who}")
            if one is not None and one.untold and guest.number not in unseen:
                told.append(f"nobody is told of {who}")
    return told


def _ends(visits: Sequence[Visit], heard: Heard, lanes: Collection[str]) -> list[End]:
    """Lane by lane, in the order of coming."""
    return [
        End(
            lane, visit.case, guest.number, guest.vehicle.look.plate, guest.fate,
            _end(heard.by_number.get(guest.number)),
            tuple(sorted(heard.ways.get(guest.number, ()))),
        )
        for lane in lanes
        for visit in visits
        if visit.lane == lane
        for guest in visit.guests
    ]  # fmt: skip


def _end(one: Judged | None) -> str:
    if one is None:
        return STAYED
    if one.admitted_by:
        return ADMITTED
    return UNTOLD if one.untold else TOLD
