"""The shell: one inbox, one thread; react, commit, then perform.

Facts of vision, guards, platform and people go into the inbox. For each, the lane's pure rules give
events and effects (lanes.py); the events and the lane's new state are committed together, and only
then are the effects performed. While the journal cannot commit, effects wait; a revocation never
waits.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.config import Settings
from edge.domain import events
from edge.domain.alarm_codes import AlarmCode, Param
from edge.domain.assignment import Assignments
from edge.domain.commands import Action, Seen
from edge.domain.events import Event
from edge.domain.facts import (
    ArmMoved,
    AssignmentsChanged,
    CameraChanged,
    CodeSeen,
    Fact,
    GuardAlarm,
    LinePassed,
    PicturesJudged,
    RequestHandled,
    Ticked,
)
from edge.gate.absence import Absence
from edge.gate.alarms import GateAlarms
from edge.gate.commits import Commits
from edge.gate.journeys import States
from edge.gate.lanes import Guards, Lanes, Referred
from edge.gate.open_lanes import OpenLanes
from edge.gate.policies import Policies
from edge.gate.second_keys import SecondKeys
from edge.lane.seen import changed_meanwhile
from edge.lane.state import Lane
from edge.system.causes import together
from edge.system.clock import Clock
from edge.vision.port import CAMERA_FAULTS, picture_state

TICK_S = 0.2
"""How often deadlines are looked at, whatever happens in between."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Noted:
    """Events that somebody else has seen happen, to be recorded."""

    lane: str
    events: tuple[Event, ...]


Inbox = queue.SimpleQueue[Fact | Noted | None]


class Gate:
    """The running gate. `report` takes facts from any thread; it never blocks. `inbox`: facts that
    came before the gate was there. `handled`: whether somebody waits for the guard's answer. The
    rest: see Lanes."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        kept: States,
        commits: Commits,
        alarms: GateAlarms,
        guards: Guards,
        book: Callable[[], Assignments],
        spend: Callable[[str], None],
        handled: Callable[[RequestHandled], bool],
        inbox: Inbox | None,
        new_id: Callable[[], str],
        policies: Policies,
        referred: Referred,
        second_keys: SecondKeys,
        open_lanes: OpenLanes,
    ) -> None:
        self._name, self._clock = settings.gate, clock
        self._commits, self._alarms, self._handled = commits, alarms, handled
        self._lanes = Lanes(
            settings, clock, kept, commits, alarms, guards, book, spend, new_id, policies, referred,
            second_keys, open_lanes,
        )  # fmt: skip
        self._absence = Absence(kept, commits, clock)
        self._inbox: Inbox = inbox or queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="gate", daemon=True)
        self._stopping = False
        self._faults: dict[tuple[str, str], frozenset[AlarmCode]] = {}
        self._failed: dict[str, dict[str, str]] = {}
        self._turned_at = self._ticked_at = clock.now().mono

    def __repr__(self) -> str:
        lanes = ", ".join(f"{name} {lane.state}" for name, lane in self.lanes.items())
        return f"<Gate {self._name}: {lanes}; {len(self._alarms.standing)} alarms>"

    @property
    def lanes(self) -> Mapping[str, Lane]:
        """Each as its rules have it now."""
        return self._lanes.states

    def choices(self, lane: str, plate: str = "") -> tuple[str, ...]:
        """The assignments on which a person may let the vehicle of the lane pass; any thread."""
        return self._lanes.choices(lane, plate)

    def changed_meanwhile(self, lane: str, seen: Seen | None, action: Action) -> bool:
        """Whether the order is for another vehicle than the one that stands there; any thread."""
        return changed_meanwhile(self.lanes[lane], seen, action)

    @property
    def still_for_s(self) -> float:
        """How long the gate's thread has not come round; it does so at least every TICK_S."""
        return self._clock.now().mono - self._turned_at

    def report(self, fact: Fact) -> None:
        """A fact for the inbox."""
        self._inbox.put(fact)

    def record_when_possible(self, lane: str, reported: Sequence[Event]) -> None:
        """Commits events behind what waits already, as soon as the journal commits; any thread,
        which waits for nothing."""
        self._inbox.put(Noted(lane, tuple(reported)))

    def start(self) -> None:
        """Ends the conditions of the last run (what lasts is raised anew), then begins."""
        self._alarms.clear_conditions()
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._inbox.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    # --- the gate's thread ---

    def _run(self) -> None:
        while not self._stopping:
            self._turned_at = self._clock.now().mono
            try:
                fact = self._inbox.get(timeout=TICK_S)
                if fact is None:
                    break
                self._take_up(fact)
                self._tick()
            except queue.Empty:
                self._take_up(Ticked())
        # What has happened is recorded also at a stop.
        while not self._inbox.empty():
            if isinstance(left := self._inbox.get(), Noted):
                self._take_up(left)

    def round(self) -> None:
        """What the thread does, once: all that waits in the inbox, and the deadlines every TICK_S;
        for who has a clock of his own and no thread."""
        while not self._inbox.empty():
            self._turned_at = self._clock.now().mono
            fact = self._inbox.get()
            if fact is not None:
                self._take_up(fact)
        self._tick()

    def _tick(self) -> None:
        """Also where facts come without a pause: a lane's deadlines are not among its own."""
        now = self._clock.now().mono
        if now - self._ticked_at >= TICK_S:
            self._turned_at = self._ticked_at = now
            self._take_up(Ticked())

    def _take_up(self, fact: Fact | Noted) -> None:
        try:
            with self._commits.lock:
                self._take(fact)
        except Exception:
            log.exception("the gate could not take up %r; going on", fact)

    def _take(self, fact: Fact | Noted) -> None:
        self._commits.retry()
        match fact:
            case Noted():
                self._commits.commit(fact.lane, fact.events, {})
            case Ticked():
                self._absence.see(self._lanes.barriers(self.lanes))
                self._lanes.stand()
                self._lanes.first_readings(self._absence.arm_before)
                self._lanes.to_all(fact)
            case AssignmentsChanged():
                self._lanes.stand()
                self._lanes.to_all(fact)
            case CodeSeen():
                self._lanes.code(fact)
            case CameraChanged():
                self._camera(fact)
                self._lanes.to_one(fact.lane, fact)
            case LinePassed():
                self._lanes.line_passed(fact)
                self._lanes.to_one(fact.lane, fact)
            case PicturesJudged():
                self._pictures(fact)
            case GuardAlarm():
                self._guard_alarm(fact)
            case ArmMoved():
                data = {"arm": fact.arm.value, "cause": fact.cause}
                self._record(events.BARRIER_MOVED, fact.lane, data)
                self._lanes.to_one(fact.lane, fact)
            case RequestHandled() if self._handled(fact):
                pass
            case _:
                self._lanes.to_one(fact.lane, fact)

    def _camera(self, fact: CameraChanged) -> None:
        state = "live" if fact.ok else "failed"
        data = {"device": "camera", "state": state, "why": fact.why, "camera": fact.camera}
        self._record(events.DEVICE_STATE, fact.lane, data)
        failed = self._failed.setdefault(fact.lane, {})
        if not fact.ok:
            failed[fact.camera] = fact.why
        else:
            failed.pop(fact.camera, None)
        if not failed:
            self._alarms.clear_alarm(AlarmCode.CAMERA, fact.lane)
        else:
            why = together(list(dict.fromkeys(failed.values())))
            self._alarms.raise_alarm(AlarmCode.CAMERA, fact.lane, {"why": why}, again=True)

    def _pictures(self, fact: PicturesJudged) -> None:
        """An alarm stands while any camera of the lane has its fault."""
        mine, cameras = (fact.lane, fact.camera), self._faults
        before = cameras.get(mine, frozenset())
        cameras[mine] = fact.faults
        standing = {c for (lane, _), faults in cameras.items() if lane == fact.lane for c in faults}
        for code in sorted(fact.faults - before):
            said: dict[str, Param] = {"camera": fact.camera or fact.lane}
            if code is AlarmCode.CAMERA_CLOCK:
                said["seconds"] = fact.clock_ahead_s
            self._alarms.raise_alarm(code, fact.lane, said)
        for code in sorted(CAMERA_FAULTS - standing):
            self._alarms.clear_alarm(code, fact.lane)
        if (state := picture_state(fact.faults)) != picture_state(before):
            self._record(
                events.DEVICE_STATE,
                fact.lane,
                {"device": "camera", "state": state, "why": "", "camera": fact.camera},
            )

    def _guard_alarm(self, fact: GuardAlarm) -> None:
        if fact.active:
            self._alarms.raise_alarm(fact.code, fact.lane, fact.params, variant=fact.variant)
        else:
            self._alarms.clear_alarm(fact.code, fact.lane)

    def _record(self, type: str, lane: str, data: Mapping[str, Any]) -> None:
        self._commits.commit(lane, [Event(type, lane, self._clock.now().wall, data)], {})
