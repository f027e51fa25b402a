"""Plays the second world at length:

    python -m tests.barrier.second_world.play --vehicles 20000 --closings 200 --processes 2

The same seeds give the same play, event by event. `--kind NAME --seed N --log` shows one site's
timeline. Exit 1 where the guard did something unsafe or told something wrong.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from statistics import median

from tests.barrier.second_world.counting import count, uncounted, untold
from tests.barrier.second_world.faults import KINDS
from tests.barrier.second_world.site import Site, play_beside
from tests.barrier.second_world.traffic import Traffic
from tests.barrier.second_world.verdict import LISTED, judge

VEHICLES_A_SITE = 25
BESIDE = 1_000_000
"""The seed of the lane beside lies so far away."""

CREEPS = "creeps through, the next behind"

SOUND = ("none", "intruders", "breaks through", "random orders", CREEPS)
"""Kinds whose sensors, wire and process work: every crossing must be told."""

LONGEST_S = 900.0
"""Then it ends where somebody is stuck."""


@dataclass
class Figures:
    """What is counted of one site, or of many."""

    vehicles: int = 0
    closings: int = 0
    descents: int = 0
    unsafe: int = 0
    told: int = 0
    strangers: int = 0
    tellable: int = 0
    told_strangers: int = 0
    untold: int = 0
    virtual_s: float = 0.0
    behind: list[float] = field(default_factory=list)
    excused: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Played(Figures):
    """What came of one site."""

    kind: str = ""
    seed: int = 0
    wiring: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        return f"{self.kind}, seed {self.seed} [{self.wiring}]: "


def play(kind: str, seed: int, vehicles: int = VEHICLES_A_SITE, log: bool = False) -> Played:
    """One site from its first vehicle to its last. Every fourth has a second lane on its line."""
    logging.disable(logging.CRITICAL)
    site = Site(seed, traffic_rules=Traffic(count=vehicles), kind=KINDS[kind])
    if log:
        site.monitor.keep_all()
    if seed % 4:
        site.play(LONGEST_S)
        return _judged(site, kind, seed)
    healthy = replace(KINDS["none"], slow_s=KINDS[kind].slow_s)
    rules = Traffic(count=vehicles)
    beside = Site(seed + BESIDE, traffic_rules=rules, kind=healthy, beside=site)
    play_beside([site, beside], LONGEST_S)
    got, more = _judged(site, kind, seed), _judged(beside, "intruders", seed)
    got.wiring += f" | beside it: {more.wiring}"
    got.faults += [f"the lane beside: {f}" for f in more.faults]
    return got


def _judged(site: Site, kind: str, seed: int) -> Played:
    """What came of one lane."""
    got = Played(kind=kind, seed=seed, wiring=str(site.wiring))
    monitor = site.monitor
    got.vehicles, got.closings = len(monitor.crossings), monitor.closings
    got.descents, got.virtual_s = len(monitor.descents), site.world.t - 1000
    got.behind = monitor.behind
    got.lines = list(monitor.lines)
    if not site.traffic_rules.done:
        waiting = ", ".join(f"{v.name} at {v.x:.1f}" for v in site.vehicles)
        got.wrong.append(f"after {got.virtual_s:.0f} s still there: {waiting}")
    elif _open_unexplained(site):
        got.wrong.append("the arm stands open at the end, and nothing tells why")
    for d in monitor.descents:
        verdict, why = judge(site, d)
        if verdict == "safe":
            continue
        got.unsafe += 1
        got.told += bool(d.told)
        if verdict == "excused" and why in LISTED:
            got.excused[why] += 1
        else:
            got.faults.append(f"{d.at:.2f}: {d.touched or d.under}: {why}")
    counted = count(site)
    got.strangers, got.tellable = counted.strangers, counted.tellable
    got.told_strangers = counted.told_strangers
    silent = untold(site)
    got.untold = len(silent)
    wrong = counted.wrong if kind == "none" else []
    if kind in SOUND:
        wrong = wrong + silent
    if kind == CREEPS:
        wrong = wrong + uncounted(site)
    got.wrong += [f"{at:.2f}: {what}" for at, what in wrong]
    return got


def _open_unexplained(site: Site) -> bool:
    """Whether the arm has been up for so long that something should have been told."""
    up_for = site.world.t - max(site.arm.sent_at, site.monitor.last_near)
    overdue = site.arm.p > 0.75 and up_for > site.config.close_alarm_s + 5
    return overdue and not site.lane.alarms and not site.lane.held


def _job(job: tuple[str, int]) -> Played:
    done = play(*job)
    done.lines = []
    return done


def _until(jobs: Iterator[tuple[str, int]], processes: int) -> Iterator[Played]:
    if processes == 1:
        yield from map(_job, jobs)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(_job, jobs)


@dataclass
class Sum(Figures):
    """All sites of one kind."""

    sites: int = 0

    def add(self, p: Played) -> None:
        self.sites += 1
        for figure in fields(Figures):
            more = getattr(p, figure.name)
            if figure.name in ("faults", "wrong"):
                more = [p.where + what for what in more]
            setattr(self, figure.name, getattr(self, figure.name) + more)


def tally(
    kind: str, vehicles: int, closings: int, seed: int, processes: int, progress: bool = False
) -> Sum:
    """Sites of that kind, one after the other, until there were so many vehicles and closings."""
    total, began = Sum(), time.monotonic()
    batch = processes * 4
    while total.vehicles < vehicles or total.closings < closings:
        jobs = iter([(kind, seed + total.sites + i) for i in range(batch)])
        for played in _until(jobs, processes):
            total.add(played)
            if progress and (found := played.faults + played.wrong):
                where = f"  {kind}, seed {played.seed}: "
                print(where + "; ".join(found), file=sys.stderr, flush=True)
            if processes == 1 and total.vehicles >= vehicles and total.closings >= closings:
                break
        if progress:
            print(
                f"  {kind}: {total.sites} sites, {total.vehicles} vehicles, {total.closings} "
                f"closings, {len(total.faults)} faults, {time.monotonic() - began:.0f} s",
                file=sys.stderr,
                flush=True,
            )
        if not total.closings and total.sites >= 40:
            break
    return total


HEAD = (
    "| kind of fault | vehicles | closings | descents | unsafe | the guard's | told | crossings "
    "untold | closed behind, s (median, longest) | excused |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def row(kind: str, s: Sum) -> str:
    excused = "; ".join(f"{why}: {n}" for why, n in s.excused.most_common()) or "-"
    behind = f"{median(s.behind):.0f}, {max(s.behind):.0f}" if s.behind else "never"
    return (
        f"| {kind} | {s.vehicles} | {s.closings} | {s.descents} | {s.unsafe} | {len(s.faults)} | "
        f"{s.told} | {s.untold} | {behind} | {excused} |"
    )


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--vehicles", type=int, default=20_000, help="in the part without faults")
    words.add_argument("--closings", type=int, default=200, help="of each kind of fault")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--kind", action="append", help="only these; `none` is without faults")
    words.add_argument("--processes", type=int, default=1)
    words.add_argument("--log", action="store_true", help="the timeline of --kind at --seed")
    given = words.parse_args()
    if given.log:
        for kind in given.kind or ["none"]:
            played = play(kind, given.seed, log=True)
            print("\n".join([*played.lines, played.wiring, *played.faults, *played.wrong]))
        return 0
    print(HEAD, flush=True)
    bad: list[str] = []
    for kind in given.kind or KINDS:
        vehicles, closings = (given.vehicles, 0) if kind == "none" else (0, given.closings)
        s = tally(kind, vehicles, closings, given.seed, given.processes, progress=True)
        print(row(kind, s), flush=True)
        if kind == "none":
            print(
                f"without faults: {s.strangers} passed unadmitted, {s.tellable} of them tellable, "
                f"{s.told_strangers} told; {len(s.wrong)} wrong",
                file=sys.stderr,
            )
        bad += s.faults + s.wrong
    print("\n".join(bad))
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
