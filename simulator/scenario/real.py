"""Plays a scenario in real time: real wires, real pictures, the real service as a process."""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from simulator.demo import finish
from simulator.fast.guests import Beside, Guest, Makes
from simulator.fast.order_giver import OrderGiver
from simulator.fast.wire import READING
from simulator.faults import real
from simulator.faults.catalogue import Value
from simulator.faults.disturbance import Disturbance
from simulator.judging import ABANDONED, COMPLETED, Heard, said
from simulator.report import failures, judged_of
from simulator.rig import LanePlan, Places, Rig
from simulator.scenario.console_booth import RealBooth
from simulator.scenario.console_order_giver import ConsoleOrderGiver
from simulator.scenario.expecting import wrong_figures
from simulator.scenario.library import Entry
from simulator.scenario.model import LANE, Scenario
from simulator.scenario.played import Played
from simulator.scenario.staging import Staging
from simulator.scenario.timeline import Watch
from simulator.service import Service
from simulator.traffic import Mix
from simulator.world import LaneWorld

if TYPE_CHECKING:
    from simulator.fast.day import Day

LOOKS_S = 0.05
MOST_PICTURES = 12
LONGEST_S = 240.0
"""A scenario of named vehicles that lasts longer has gone wrong."""


def lanes_of(scenario: Scenario) -> tuple[LanePlan, ...]:
    """The lanes to build."""
    lanes = scenario.lanes or {}
    if not lanes:
        return (LanePlan("out1", "export", "Làn xuất 1"),)
    return tuple(
        LanePlan(
            name, lane.direction, lane.title or name, lane.night, rtsp=lane.rtsp,
            weather=lane.weather, exit_loop=bool(lane.exit_loop), barrier=lane.barrier,
            rear_camera=lane.rear_camera,
            mix=Mix(**(lane.flows.model_dump() if lane.flows else {})),
        )
        for name, lane in lanes.items()
    )  # fmt: skip


def flows(scenario: Scenario) -> bool:
    return any(lane.flows is not None for lane in scenario.lanes.values())


class RealStage:
    """Implements staging.Stage over a rig. `service`: None where the controller is not ours."""

    def __init__(self, rig: Rig, service: Service | None) -> None:
        self.rig, self._service = rig, service
        self.heard = Heard()
        self.note_fault: Callable[[str, str], Callable[[], None]] = lambda lane, name: lambda: None

    @property
    def worlds(self) -> Mapping[str, LaneWorld]:
        return self.rig.worlds

    @property
    def now(self) -> float:
        return time.monotonic()

    @property
    def running(self) -> bool:
        return self._service is None or self._service.alive()

    def wall(self, mono: float) -> datetime:
        return self.rig.wall(mono)

    def declare(self, item: Mapping[str, Any]) -> None:
        self.rig.platform.put(dict(item))

    def drop(self, assignment: str) -> None:
        self.rig.platform.drop(assignment)

    def join(self, lane: str, guest: Guest, case: str) -> None:
        guest.vehicle.case = case
        self.rig.worlds[lane].add(guest.vehicle)
        self.rig.sent += 1

    def hand_over(self, lane: str, old: Guest, new: Guest) -> None:
        self.rig.worlds[lane].exchange(old.vehicle, new.vehicle)

    @property
    def order_giver(self) -> OrderGiver:
        if self._service is None:
            raise ValueError("who orders, orders at the console of this gate's service")
        return ConsoleOrderGiver(self._service)

    def begin_fault(self, name: str, lane: str, value: Value) -> Callable[[], None]:
        return real.begin(self.rig, self._service, name, lane, value)


class Playing:
    """A scenario's own traffic, faults and changes on a stage, step by step. `first`: the number of
    the first who comes; each number is given once on a stage."""

    def __init__(
        self, name: str, scenario: Scenario, stage: RealStage, seed: int, first: int = 1
    ) -> None:
        numbers = count(first)
        plans = {plan.name: plan.direction for plan in stage.rig.lanes}
        makes = {
            lane: Makes(
                lane, way, random.Random(f"{lane}-{seed}"), lambda: datetime.now(UTC), numbers
            )
            for lane, way in plans.items()
        }
        scenes = makes if scenario.lanes else {LANE: next(iter(makes.values()))}
        self.staging = Staging(name, scenario, scenes)
        self._pictured: set[int] = set()
        self.pictures: list[tuple[float, str, bytes]] = []
        """What each camera showed when somebody entered: seconds of the clock, lane, JPEG."""
        self._stage = stage
        self._makes = scenes
        self._name = name

    def begin(self) -> None:
        for lane, visit in self.staging.visits.items():
            visit.began = self._stage.now
            for item in visit.items:
                self._stage.declare(item)
            for guest in visit.guests:
                self._stage.join(self._makes[lane].lane, guest, self._name)

    def look(self, began: float) -> None:
        """Keeps a picture of everybody who enters."""
        for lane, world in self._stage.worlds.items():
            for v in list(world.vehicles):
                if v.entered_at is None or v.look.seed in self._pictured:
                    continue
                self._pictured.add(v.look.seed)
                at = round(self._stage.now - began, 1)
                if len(self.pictures) < MOST_PICTURES:
                    self.pictures.append((at, lane, self._stage.rig.pictures[lane]()[1]))

    def step(self) -> None:
        for beside in self._besides():
            # It asks of a day only what a stage has too.
            beside.go_on(cast("Day", self._stage))

    @property
    def over(self) -> bool:
        """Everybody has come and gone, and what began has ended."""
        gone = all(guest.vehicle.gone for guest in self.staging.guests.values())
        return gone and not any(beside.under_way for beside in self._besides())

    def _besides(self) -> list[Beside]:
        return [beside for visit in self.staging.visits.values() for beside in visit.beside]


def play(entry: Entry, seed: int) -> Played:
    """Raises NoScenario."""
    scenario, began = entry.scenario, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gate-sim-") as folder:
        rig = Rig(Path(folder), lanes_of(scenario), seed, places=Places())
        disturbs = any(fault.name in real.DISTURBED for fault in scenario.faults)
        service = Service(
            rig.gate_config, disturbance=Disturbance(Path(folder)) if disturbs else None
        )
        try:
            rig.start()
            service.add_user()
            service.start()
            service.wait_ready()
            stage = RealStage(rig, service)
            booth = RealBooth(service, rig.worlds) if asks_a_person(scenario) else None
            watch, playing = played_on(stage, entry.name, scenario, seed, booth=booth)
            figures = finish(rig, service, stage.now - watch.began)
            if booth is not None:
                booth.stop()
            playing.staging.end()
            stage.heard = heard_of(rig, list(playing.staging.guests.values()))
        finally:
            service.stop()
            rig.stop()
    watch.said(stage.heard.events, stage.wall(watch.began))
    wrong = [text for visit in playing.staging.visits.values()
             for check in visit.checks for text in check(cast("Day", stage))]  # fmt: skip
    wrong = [*failures(figures), *wrong, *wrong_figures(scenario, figures)]
    unseen: list[str] = []
    if scenario.no_sensor_tells:
        wrong, unseen = [], wrong
    return Played(
        entry.name, entry.theme, scenario.about, "real", seed, wrong, unseen, figures,
        list(watch.lanes.values()), "", time.monotonic() - began, _written(rig, watch.began),
        playing.pictures,
    )  # fmt: skip


def asks_a_person(scenario: Scenario) -> bool:
    """Whether somebody sits in the booth: where it says what he says of one."""
    return any(vehicle.person is not None for vehicle in scenario.traffic)


def played_on(
    stage: RealStage,
    name: str,
    scenario: Scenario,
    seed: int,
    first: int = 1,
    booth: RealBooth | None = None,
) -> tuple[Watch, Playing]:
    """Until everybody has come and gone."""
    playing = Playing(name, scenario, stage, seed, first)
    guests = playing.staging.guests
    if booth is not None:
        booth.start(lambda: list(guests.values()))

    def called(number: int) -> str:
        return next((who for who, guest in guests.items() if guest.number == number), "")

    watch = Watch(stage.worlds, lambda: stage.now, called)
    stage.note_fault = watch.fault
    stage.rig.flowing = flows(scenario)
    playing.begin()
    lasts = scenario.seconds if flows(scenario) else LONGEST_S + scenario.last_s
    while stage.now - watch.began < lasts:
        playing.step()
        watch.look()
        playing.look(watch.began)
        if not flows(scenario) and playing.over:
            break
        time.sleep(LOOKS_S)
    return watch, playing


def _written(rig: Rig, began: float) -> list[tuple[float, str]]:
    """What was written on the boards' wire since."""
    seen = [(at - began, address, pdu) for at, address, pdu in rig.boards.seen if at >= began]
    return [
        (at, (bytes([address]) + pdu).hex(" ").upper())
        for at, address, pdu in seen
        if pdu[0] not in READING
    ]


def heard_of(rig: Rig, guests: Sequence[Guest]) -> Heard:
    """What customs has, against the truth; whose record it is, by the plate."""
    bodies = rig.customs.events()
    events = said(bodies)
    judged = judged_of(rig, bodies)
    numbers: dict[str, set[int]] = {}
    for guest in guests:
        numbers.setdefault(guest.vehicle.look.plate or "-", set()).add(guest.number)
    of_passage = {one.passage: one.crossing.number for one in judged if one.passage}
    ways: dict[int, Counter[str]] = {}
    for event in events:
        if event.type in (COMPLETED, ABANDONED):
            way = str(event.data.get("outcome") or event.data.get("why", "admitted"))
            whose = of_passage.get(str(event.data["passage"]))
            named = (
                {whose}
                if whose is not None
                else numbers.get(str(event.data["plate"] or "-"), set())
            )
            for number in named:
                ways.setdefault(number, Counter())[way] += 1
    by_number = {one.crossing.number: one for one in judged}
    return Heard(events, by_number, ways, numbers=numbers)
