"""Plays a scenario on the virtual clock: the same seed gives the same history, to the byte."""

from __future__ import annotations

import json
import time
from dataclasses import replace

from simulator.fast.day import Day, Maker
from simulator.fast.guests import Makes, Visit
from simulator.fast.outcome import outcome
from simulator.fast.run import folder_in_memory, quiet
from simulator.scenario.expecting import wrong_figures
from simulator.scenario.library import Entry
from simulator.scenario.model import LANE, Scenario
from simulator.scenario.played import Played
from simulator.scenario.staging import Staging
from simulator.scenario.timeline import Watch

OF_THE_LIST = frozenset({"platform_restarts", "platform_refuses_passages"})
"""Faults under which that matters."""


def is_of_the_list(scenario: Scenario) -> bool:
    """Whether it matters in it how the product itself keeps the platform's list."""
    older = any(change.to == "as first said" for change in scenario.changes)
    return older or any(fault.name in OF_THE_LIST for fault in scenario.faults)


def play(entry: Entry, seed: int) -> Played:
    """Raises NoScenario."""
    return play_it(entry.scenario, entry.name, entry.theme, seed)


def policy_of(scenario: Scenario) -> str:
    """The chief's policy as its file would have it; "" where nothing is asked of it."""
    reasons = scenario.two_people_admit
    return f"[referral]\nfour_eyes = {json.dumps(reasons)}\n" if reasons else ""


def play_it(scenario: Scenario, name: str, theme: str, seed: int) -> Played:
    began = time.monotonic()
    ways = {lane: plan.direction for lane, plan in scenario.lanes.items()} or {LANE: "export"}
    staged: list[Staging] = []

    def visit_of(lane: str) -> Visit:
        if not staged:
            staged.append(Staging(name, scenario, day.makes))
        return staged[0].visits[lane]

    def maker(lane: str) -> Maker:
        def make(m: Makes) -> Visit:
            return visit_of(lane)

        return make

    with folder_in_memory() as folder, quiet():
        rears = [lane for lane, plan in scenario.lanes.items() if plan.rear_camera]
        bare = any(plan.exit_loop is False for plan in scenario.lanes.values())
        without = frozenset({"exit_loop"}) if bare else frozenset()
        day = Day(
            folder, seed, {lane: [maker(lane)] for lane in ways}, ways, without=without,
            rears=rears, policy=policy_of(scenario),
            lines=[lane for lane, plan in scenario.lanes.items() if plan.arm_line],
            cached=is_of_the_list(scenario),
        )  # fmt: skip

        def called(number: int) -> str:
            guests = staged[0].guests if staged else {}
            return next((who for who, guest in guests.items() if guest.number == number), "")

        watch = Watch(day.worlds, lambda: day.now, called)
        try:
            day.note_fault = watch.fault
            day.run(each=watch.look)
            came = outcome(day)
        finally:
            day.close()
    # The gate's clock may have jumped.
    events = [replace(e, at=day.true_wall(e.mono)) for e in day.heard.events]
    watch.said(events, day.true_wall(watch.began))
    wire = [(at - watch.began, frame.hex(" ").upper()) for at, frame in day.house.line.written]
    failures = [*came.failures, *wrong_figures(scenario, came.figures)]
    unseen: list[str] = [text for case in came.cases.values() for text in case.unseen]
    if scenario.no_sensor_tells:
        failures, unseen = [], [*unseen, *failures]
    return Played(
        name, theme, scenario.about, "fast", seed, failures, unseen, came.figures,
        list(watch.lanes.values()), came.history, time.monotonic() - began, wire,
    )  # fmt: skip
