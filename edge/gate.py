"""The shell: one inbox, one thread; react, commit, then perform.

Facts of vision, guards, platform and people go into the inbox. For each, the lane's pure rules give
events and effects; the events and the lane's new state are committed together, and only then are
the effects performed. While the journal cannot commit, effects wait; a revocation never waits.
"""

from __future__ import annotations

import logging
import queue
import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from edge import alarms as alarm_rules
from edge import events, lane_memory
from edge.alarms import Alarms
from edge.assignment import AssignmentBook
from edge.barrier.port import GuardRunner
from edge.clock import Clock
from edge.commands import Action, Order
from edge.config import LaneConfig, Settings
from edge.events import Event
from edge.facts import (
    Arm,
    ArmMoved,
    AssignmentsChanged,
    BarrierFirstSeen,
    CameraChanged,
    Fact,
    GuardAlarm,
    RequestHandled,
    Ticked,
)
from edge.lane import (
    Authorise,
    ClearAlarm,
    CloseArm,
    Effect,
    Lane,
    LaneState,
    RaiseAlarm,
    Record,
    Revoke,
    Spend,
)
from edge.lane_turn import Context, react
from edge.passage import LanePolicy
from edge.sync.port import Journal, Unrecorded
from edge.vision.port import Eyes

TICK_S = 0.2
"""How often deadlines are looked at when nothing happens."""

ALARMS_KEY = "alarms"
SPENT = "spent:"
"""States under this prefix: assignments used here, committed with the passage that used them."""
CAMERA_ALARM = "camera"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unperformed:
    """Events that could not be committed yet, with the effects that wait for them."""

    lane: str
    events: tuple[Event, ...]
    states: Mapping[str, Mapping[str, Any]]
    effects: tuple[Effect, ...]


class Gate:
    """The running gate. `report` takes facts from any thread; it never blocks."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        journal: Journal,
        guards: GuardRunner,
        eyes: Eyes,
        book: Callable[[], AssignmentBook],
        spend: Callable[[str], None],
        committed: Callable[[], None],
        handled: Callable[[RequestHandled], bool],
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.journal = journal
        self.guards = guards
        self.eyes = eyes
        self.book = book
        self._spend = spend
        self._committed = committed
        self._handled = handled
        self._inbox: queue.SimpleQueue[Fact | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="gate", daemon=True)
        self._policies = {name: policy_of(settings, name, c) for name, c in settings.lanes.items()}
        now = clock.now()
        self.lanes: dict[str, Lane] = {
            name: lane_memory.revive(
                name, journal.state(lane_memory.key(name)), now, config.read_wait_s
            )
            for name, config in settings.lanes.items()
        }
        self.alarms: Alarms = alarm_rules.revive(journal.state(ALARMS_KEY))
        self._waiting: deque[Unperformed] = deque()
        self._lock = threading.RLock()
        self._stopping = False
        self._turned_at = clock.now().mono

    def __repr__(self) -> str:
        lanes = ", ".join(f"{name} {lane.state}" for name, lane in self.lanes.items())
        return f"<Gate {self.settings.gate}: {lanes}; {len(self.alarms.standing)} alarms>"

    @property
    def still_for_s(self) -> float:
        """How long the gate's thread has not come round; it does so at least every TICK_S."""
        return self.clock.now().mono - self._turned_at

    def report(self, fact: Fact) -> None:
        """A fact for the inbox."""
        self._inbox.put(fact)

    def start(self) -> None:
        """Ends the conditions of the last run (what lasts is raised anew), then begins."""
        for alarm in self.alarms.standing:
            if alarm.code not in alarm_rules.OCCURRENCES:
                self.clear_alarm(alarm.code, alarm.lane, "the service started anew")
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._inbox.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    # --- alarms: any thread ---

    def raise_alarm(
        self,
        code: str,
        lane: str,
        text: str,
        counts: Mapping[str, int] | None = None,
        *,
        states: Mapping[str, Mapping[str, Any]] | None = None,
        again: bool = False,
    ) -> None:
        """`counts`: its figures, for programs. `states` are committed with it. `again`: one that
        stands is told anew if the text has changed."""
        change = Alarms.retold if again else Alarms.raised
        data: dict[str, Any] = {"code": code, "text": text}
        if counts:
            data["counts"] = dict(counts)
        self._change_alarms(
            lambda a: change(a, code, lane, text, self.clock.now().wall),
            events.ALARM_RAISED,
            lane,
            data,
            states or {},
        )

    def clear_alarm(self, code: str, lane: str, text: str) -> None:
        self._change_alarms(
            lambda a: a.cleared(code, lane),
            events.ALARM_CLEARED,
            lane,
            {"code": code, "text": text},
            {},
        )

    def acknowledge_alarm(self, code: str, lane: str, user: str) -> None:
        """Records who saw it; an occurrence ends with that."""
        with self._lock:
            before = self.alarms
            self.alarms = before.acknowledged(code, lane, user)
            if self.alarms is before:
                return
            ended = len(self.alarms.standing) < len(before.standing)
            data = {"code": code, "text": f"acknowledged by {user}"}
            told = [self._event(events.ALARM_CLEARED, lane, data)] if ended else []
            self._commit(lane, told, {ALARMS_KEY: alarm_rules.dump(self.alarms)}, [])

    def _change_alarms(
        self,
        change: Callable[[Alarms], Alarms],
        type: str,
        lane: str,
        data: Mapping[str, Any],
        states: Mapping[str, Mapping[str, Any]],
    ) -> None:
        with self._lock:
            after = change(self.alarms)
            if after is self.alarms:
                return
            self.alarms = after
            if type == events.ALARM_RAISED:
                log.warning("alarm %s at %s: %s", data["code"], lane, data["text"])
            event = self._event(type, lane, data)
            self._commit(lane, [event], {**states, ALARMS_KEY: alarm_rules.dump(after)}, [])

    # --- the gate's thread ---

    def _run(self) -> None:
        while not self._stopping:
            self._turned_at = self.clock.now().mono
            try:
                fact = self._inbox.get(timeout=TICK_S)
            except queue.Empty:
                fact = Ticked()
            if fact is None:
                return
            try:
                with self._lock:
                    self._take(fact)
            except Exception:
                log.exception("the gate could not take up %r; going on", fact)

    def _take(self, fact: Fact) -> None:
        self._retry()
        match fact:
            case Ticked():
                self._first_looks()
                self._to_all(fact)
            case AssignmentsChanged():
                self._to_all(fact)
            case CameraChanged():
                self._camera(fact)
            case GuardAlarm():
                change = self.raise_alarm if fact.active else self.clear_alarm
                change(fact.code, fact.lane, fact.text)
            case ArmMoved():
                data = {"arm": fact.arm.value, "cause": fact.cause}
                self._commit(
                    fact.lane, [self._event(events.BARRIER_MOVED, fact.lane, data)], {}, []
                )
            case RequestHandled() if self._handled(fact):
                pass
            case _:
                self._to_lane(fact.lane, fact)

    def _to_all(self, fact: Fact) -> None:
        for name in self.lanes:
            self._to_lane(name, fact)

    def _to_lane(self, name: str, fact: Fact) -> None:
        before = self.lanes[name]
        book = self.book().used(self._taken(name))
        context = Context(self.clock.now(), book, self._policies[name], _new_id)
        lane, effects = react(before, fact, context)
        self.lanes[name] = lane
        for effect in effects:
            if isinstance(effect, Revoke):
                self.guards.guard(name).revoke(effect.passage)
        told = [self._event(e.type, name, e.data) for e in effects if isinstance(e, Record)]
        rest = [e for e in effects if not isinstance(e, Record | Revoke)]
        changed = (lane.state, lane.turn) != (before.state, before.turn)
        if told or rest or changed:
            states = {lane_memory.key(name): lane_memory.dump(lane)}
            for effect in rest:
                if isinstance(effect, Spend):
                    revision = context.book.revision_of(effect.assignment)
                    states[SPENT + effect.assignment] = {"revision": revision}
            self._commit(name, told, states, rest)

    def _taken(self, name: str) -> set[str]:
        """Assignments that are no longer to be had in this lane: another lane's vehicle passes on
        them, or the commit of the passage that used them still waits."""
        taken = {
            effect.assignment
            for item in self._waiting
            for effect in item.effects
            if isinstance(effect, Spend)
        }
        for other, lane in self.lanes.items():
            passing = lane.state in (LaneState.ADMITTED, LaneState.CROSSING)
            if other != name and passing and lane.turn and lane.turn.decision:
                taken.add(lane.turn.decision.assignment)
        return taken - {""}

    def _camera(self, fact: CameraChanged) -> None:
        state = "live" if fact.ok else "failed"
        data = {"device": "camera", "state": state, "why": fact.why}
        self._commit(fact.lane, [self._event(events.DEVICE_STATE, fact.lane, data)], {}, [])
        if fact.ok:
            self.clear_alarm(CAMERA_ALARM, fact.lane, "the camera gives pictures again")
        else:
            self.raise_alarm(CAMERA_ALARM, fact.lane, fact.why)

    def _first_looks(self) -> None:
        """Tells each restored lane what its barrier shows, once that is known."""
        for name, lane in self.lanes.items():
            if not lane.restored:
                continue
            status = self.guards.guard(name).status()
            known = status.arm not in (Arm.UNKNOWN, Arm.FAULT) or status.wire_ok
            if status.wire_ok and status.age_s is not None and known:
                self._to_lane(
                    name,
                    BarrierFirstSeen(name, status.arm, status.entry_loop, status.safety_loop),
                )

    # --- commit, then perform ---

    def _event(self, type: str, lane: str, data: Mapping[str, Any]) -> Event:
        return Event(type, lane, self.clock.now().wall, dict(data))

    def _commit(
        self,
        lane: str,
        told: Sequence[Event],
        states: Mapping[str, Mapping[str, Any]],
        effects: Sequence[Effect],
    ) -> None:
        item = Unperformed(lane, tuple(told), states, tuple(effects))
        if self._waiting or not self._perform(item):
            self._waiting.append(item)

    def _perform(self, item: Unperformed) -> bool:
        """Commits and then performs; False if it could not be committed."""
        try:
            self.journal.record(item.events, item.states)
        except Unrecorded as error:
            log.error("the journal cannot commit: %s", error)
            return False
        if item.events:
            self._committed()
        for effect in item.effects:
            self._effect(item.lane, effect)
        return True

    def record(
        self, told: Sequence[Event], states: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        """Commits events of the desk and wakes the relay; any thread. Raises Unrecorded."""
        self.journal.record(told, states)
        self._committed()

    def _retry(self) -> None:
        while self._waiting:
            if not self._perform(self._waiting[0]):
                return
            self._waiting.popleft()

    @property
    def stuck(self) -> int:
        """How many commits wait for the journal."""
        return len(self._waiting)

    def _effect(self, name: str, effect: Effect) -> None:
        guard = self.guards.guard(name)
        match effect:
            case Authorise():
                lane = self.lanes[name]
                mine = lane.turn is not None and lane.turn.passage == effect.passage
                if mine and lane.state is LaneState.ADMITTED:
                    guard.authorise(effect.passage)
            case CloseArm():
                why = "behind a passage during the restart"
                guard.order(Order(f"gate-{_new_id()}", Action.CLOSE, "gate", why))
            case Spend():
                self._spend(effect.assignment)
            case RaiseAlarm():
                self.raise_alarm(effect.code, name, effect.text)
            case ClearAlarm():
                self.clear_alarm(effect.code, name, "over")


def policy_of(settings: Settings, name: str, lane: LaneConfig) -> LanePolicy:
    """The lane's rules for the decision, from the settings."""
    needed = lane.clearances_needed
    return LanePolicy(
        name,
        lane.direction,
        settings.authorities if needed is None else needed,
        timedelta(seconds=lane.offline_hold_s),
        lane.read_wait_s,
        "entry_loop" in lane.barrier.inputs,
    )


def _new_id() -> str:
    return uuid.uuid4().hex
