"""Until when each lane was watched; what a start says of the time in which nobody watched it.

While a lane's barrier is read, the moment is kept in the journal. After a start, as soon as the
barrier is read again, one event tells how long the service was away from the lane and what is found
there: who passes in that time, no record need name. On the gate's thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from edge.barrier.port import BarrierStatus
from edge.domain import events
from edge.domain.events import Event
from edge.domain.facts import Arm
from edge.domain.moment import iso
from edge.gate.commits import Commits
from edge.gate.journeys import States
from edge.system.clock import Clock

KEY = "watched"
"""The state in the journal: lane -> until when, and the arm as it was then."""

KEPT_EVERY_S = 10.0
"""Seconds between two records of the moment; the span that is told may be too long by one."""


class Absence:
    """`kept`: the states of the last run."""

    def __init__(self, kept: States, commits: Commits, clock: Clock) -> None:
        self._commits, self._clock = commits, clock
        self._kept = _understood(kept.state(KEY))
        self._before = dict(self._kept)
        self._watched: set[str] = set()
        self._kept_at = clock.now().mono

    def arm_before(self, lane: str) -> Arm | None:
        """As it was when the last run read it last; None where that is not known."""
        said = self._before.get(lane, {}).get("arm")
        return Arm(said) if said in set(Arm) else None

    def see(self, statuses: Mapping[str, BarrierStatus]) -> None:
        """The lanes' barriers as they are; those that are read now are watched."""
        now = self._clock.now()
        read = {n: s for n, s in statuses.items() if s.wire_ok and s.age_s is not None}
        new = [name for name in read if name not in self._watched]
        self._watched.update(read)
        for name in new:
            before = self._kept.get(name)
            self._kept[name] = _kept(now.wall, read[name].arm)
            if before is not None:
                data = _back(before, now.wall, read[name])
                back = Event(events.DEVICE_STATE, name, now.wall, data)
                self._commits.commit(name, [back], {KEY: dict(self._kept)})
        moved = any(self._kept[name]["arm"] != status.arm.value for name, status in read.items())
        if new or moved or now.mono - self._kept_at >= KEPT_EVERY_S:
            self._kept_at = now.mono
            self._kept |= {name: _kept(now.wall, status.arm) for name, status in read.items()}
            self._commits.keep({KEY: dict(self._kept)})


def _kept(until: datetime, arm: Arm) -> dict[str, str]:
    return {"until": iso(until), "arm": arm.value}


def _back(before: Mapping[str, str], now: datetime, found: BarrierStatus) -> dict[str, Any]:
    """The data of the event; loops that are not wired or not known are null."""
    return {
        "device": "service",
        "state": "live",
        "why": "",
        "camera": "",
        "away_since": before["until"],
        "away_until": iso(now),
        "arm_before": before["arm"],
        "arm": found.arm.value,
        "entry_loop": found.entry_loop,
        "safety_loop": found.safety_loop,
        "exit_loop": found.exit_loop,
    }


def _understood(state: Mapping[str, Any] | None) -> dict[str, dict[str, str]]:
    """What of the kept state has its form."""
    lanes = state.items() if isinstance(state, Mapping) else ()
    return {
        str(name): {"until": kept["until"], "arm": str(kept.get("arm", ""))}
        for name, kept in lanes
        if isinstance(kept, Mapping) and _is_moment(kept.get("until"))
    }


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value) is not None
    except ValueError:
        return False
