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
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from edge.barrier.port import GuardRunner
from edge.config import Settings
from edge.domain import events
from edge.domain.alarm_codes import AlarmCode
from edge.domain.assignment import AssignmentBook, Assignments
from edge.domain.commands import Action, Order
from edge.domain.events import Event
from edge.domain.facts import (
    ArmMoved,
    AssignmentsChanged,
    BarrierFirstSeen,
    CameraChanged,
    Fact,
    GuardAlarm,
    OperatorDecided,
    RequestHandled,
    Ticked,
    VehicleSeen,
)
from edge.gate.alarms import GateAlarms
from edge.gate.commits import Commits
from edge.gate.journeys import Journeys
from edge.lane import snapshot
from edge.lane.cues import choices
from edge.lane.failure import without_list
from edge.lane.policy import policy_of
from edge.lane.rules import react
from edge.lane.state import (
    Authorise,
    CloseArm,
    Context,
    Effect,
    Lane,
    LaneState,
    RaiseAlarm,
    Reaction,
    Record,
    Remember,
    Revoke,
    Spend,
)
from edge.sync.journal.port import Journal
from edge.system.clock import Clock, clock_trusted
from edge.vision.port import Eyes

TICK_S = 0.2
"""How often deadlines are looked at when nothing happens."""

SPENT = "spent:"
"""States under this prefix: assignments used here, committed with the passage that used them."""

log = logging.getLogger(__name__)


class Gate:
    """The running gate. `report` takes facts from any thread; it never blocks. `inbox`: facts that
    came before the gate was there. `new_id` gives passages their ids, which are unique for ever."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        journal: Journal,
        guards: GuardRunner,
        eyes: Eyes,
        book: Callable[[], Assignments],
        spend: Callable[[str], None],
        committed: Callable[[], None],
        handled: Callable[[RequestHandled], bool],
        inbox: queue.SimpleQueue[Fact | None] | None = None,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self.settings = settings
        self.new_id = new_id
        self.clock = clock
        self.journal = journal
        self.guards = guards
        self.eyes = eyes
        self.book = book
        self._spend = spend
        self._handled = handled
        self._inbox: queue.SimpleQueue[Fact | None] = inbox or queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="gate", daemon=True)
        self.policies = {name: policy_of(settings, name, c) for name, c in settings.lanes.items()}
        now = clock.now()
        self.lanes: dict[str, Lane] = {
            name: snapshot.revive(name, journal.state(snapshot.key(name)), now, config.read_wait_s)
            for name, config in settings.lanes.items()
        }
        self._lock = threading.RLock()
        self._commits = Commits(journal, committed, self._effect)
        self.alarms = GateAlarms(journal, self._commits, clock, self._lock)
        self._journeys = Journeys(journal)
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
        self.alarms.clear_conditions()
        self._thread.start()

    @property
    def stuck(self) -> int:
        """How many commits wait for the journal."""
        return self._commits.stuck

    def record(
        self, reported: Sequence[Event], states: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        """Commits events of the desk and wakes the relay; any thread. Raises Unrecorded."""
        self._commits.record(reported, states)

    def record_when_possible(self, lane: str, reported: Sequence[Event]) -> None:
        """Commits events of the desk now or, behind what waits already, as soon as the journal
        commits again; any thread."""
        with self._lock:
            self._commits.commit(lane, reported, {})

    def stop(self) -> None:
        self._stopping = True
        self._inbox.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=10)

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
            self._take_up(fact)

    def round(self) -> None:
        """What the thread does, once: all that waits in the inbox, and the deadlines where nothing
        waits for TICK_S; for who has a clock of his own and no thread."""
        while not self._inbox.empty():
            self._turned_at = self.clock.now().mono
            fact = self._inbox.get()
            if fact is not None:
                self._take_up(fact)
        if self.still_for_s >= TICK_S:
            self._turned_at = self.clock.now().mono
            self._take_up(Ticked())

    def _take_up(self, fact: Fact) -> None:
        try:
            with self._lock:
                self._take(fact)
        except Exception:
            log.exception("the gate could not take up %r; going on", fact)

    def _take(self, fact: Fact) -> None:
        self._commits.retry()
        match fact:
            case Ticked():
                self._first_looks()
                self._to_all(fact)
            case AssignmentsChanged():
                self._to_all(fact)
            case CameraChanged():
                self._camera(fact)
            case GuardAlarm():
                self._guard_alarm(fact)
            case ArmMoved():
                data = {"arm": fact.arm.value, "cause": fact.cause}
                reported = self._event(events.BARRIER_MOVED, fact.lane, data)
                self._commits.commit(fact.lane, [reported], {})
                self._to_lane(fact.lane, fact)
            case RequestHandled() if self._handled(fact):
                pass
            case _:
                self._to_lane(fact.lane, fact)

    def _to_all(self, fact: Fact) -> None:
        for name in self.lanes:
            self._to_lane(name, fact)

    def _to_lane(self, name: str, fact: Fact) -> None:
        """One lane's rules on a fact. Where they fail, its vehicle waits for a person; nothing is
        raised, for other lanes wait for their turn."""
        before = self.lanes[name]
        try:
            reaction = react(before, fact, self._context(name, before, fact))
        except Exception as error:
            reaction = self._failed(name, before, fact, error)
        try:
            self._follow(name, before, fact, reaction)
        except Exception as error:
            self._alarm(name, error)

    def _context(self, name: str, lane: Lane, fact: Fact) -> Context:
        """What the lane's rules may know: of the list only what is about its vehicles."""
        texts, ids = set(lane.texts), set()
        match fact:
            case VehicleSeen(plate=view) if view is not None:
                texts.add(view.text)
            case OperatorDecided(plate=plate) if plate:
                texts.add(plate)
        if lane.passage is not None and lane.passage.decision is not None:
            ids.add(lane.passage.decision.assignment)
        book = self.book().about(texts, ids).used(self._taken(name))
        return Context(
            self.clock.now(),
            book,
            self.policies[name],
            self.new_id,
            self._journeys.of(texts),
            clock_trusted(),
            self._entry_loop(name),
        )

    def choices(self, name: str, plate: str = "") -> tuple[str, ...]:
        """The assignments on which a person may let the vehicle of the lane pass; any thread."""
        lane = self.lanes[name]
        if lane.passage is None:
            return ()
        plate = plate or lane.passage.plate
        texts = {plate, *lane.passage.trailer_texts} - {""}
        elsewhere = {other.passing_on for other in self.lanes.values()} - {""}
        book = self.book().about(texts).used(elsewhere)
        context = Context(self.clock.now(), book, self.policies[name], self.new_id)
        return choices(lane.passage, context, plate)

    def _entry_loop(self, name: str) -> bool | None:
        """What the entry loop says now; None where it is not known."""
        status = self.guards.guard(name).status()
        return status.entry_loop if status.wire_ok else None

    def _failed(self, name: str, lane: Lane, fact: Fact, error: Exception) -> Reaction:
        self._alarm(name, error)
        context = Context(self.clock.now(), AssignmentBook(), self.policies[name], self.new_id)
        return without_list(lane, fact, context)

    def _alarm(self, name: str, error: Exception) -> None:
        """A fault of ours, for people; its trace is in the log."""
        log.error("lane %s failed", name, exc_info=error)
        self.alarms.raise_alarm(AlarmCode.LANE_FAILED, name, {"error": type(error).__name__})

    def _guard_alarm(self, fact: GuardAlarm) -> None:
        if fact.active:
            self.alarms.raise_alarm(fact.code, fact.lane, fact.params, variant=fact.variant)
        else:
            self.alarms.clear_alarm(fact.code, fact.lane)

    def _follow(self, name: str, before: Lane, fact: Fact, reaction: Reaction) -> None:
        """Revokes, commits, then performs what the rules wish."""
        lane, effects = reaction
        self.lanes[name] = lane
        for effect in effects:
            if isinstance(effect, Revoke):
                self.guards.guard(name).revoke(effect.passage)
        reported = [self._event(e.type, name, e.data) for e in effects if isinstance(e, Record)]
        rest = [e for e in effects if not isinstance(e, Record | Revoke)]
        changed = (lane.state, lane.passage) != (before.state, before.passage)
        if reported or rest or changed:
            states = {snapshot.key(name): snapshot.dump(lane)}
            for effect in rest:
                if isinstance(effect, Spend):
                    states[SPENT + effect.assignment] = {"revision": self._revision(effect)}
                if isinstance(effect, Remember):
                    states |= self._journeys.remembered(effect, self.clock.now().wall)
            self._commits.commit(name, reported, states, rest)
        if isinstance(fact, VehicleSeen) and any(isinstance(e, Authorise) for e in rest):
            _log_age(fact, self.clock.now().mono)

    def _revision(self, spend: Spend) -> int:
        return self.book().about((), (spend.assignment,)).revision_of(spend.assignment)

    def _taken(self, name: str) -> set[str]:
        """Assignments that are no longer to be had in this lane: another lane's vehicle passes on
        them, or the commit of the passage that used them still waits."""
        spent = {e.assignment for e in self._commits.waiting() if isinstance(e, Spend)}
        others = (lane for other, lane in self.lanes.items() if other != name)
        return (spent | {lane.passing_on for lane in others}) - {""}

    def _camera(self, fact: CameraChanged) -> None:
        state = "live" if fact.ok else "failed"
        data = {"device": "camera", "state": state, "why": fact.why}
        self._commits.commit(fact.lane, [self._event(events.DEVICE_STATE, fact.lane, data)], {})
        if fact.ok:
            self.alarms.clear_alarm(AlarmCode.CAMERA, fact.lane)
        else:
            self.alarms.raise_alarm(AlarmCode.CAMERA, fact.lane, {"why": fact.why})

    def _first_looks(self) -> None:
        """Tells each restored lane what its barrier shows, once that is known."""
        for name, lane in self.lanes.items():
            if not lane.restored:
                continue
            try:
                status = self.guards.guard(name).status()
            except Exception as error:
                self._alarm(name, error)
                continue
            if status.wire_ok and status.age_s is not None:
                seen = BarrierFirstSeen(name, status.arm, status.entry_loop, status.safety_loop)
                self._to_lane(name, seen)

    # --- what a lane wishes ---

    def _event(self, type: str, lane: str, data: Mapping[str, Any]) -> Event:
        return Event(type, lane, self.clock.now().wall, dict(data))

    def _effect(self, name: str, effect: Effect) -> None:
        """Never raises: what follows was committed, and must not be committed again."""
        try:
            self._do(name, effect)
        except Exception as error:
            self._alarm(name, error)

    def _do(self, name: str, effect: Effect) -> None:
        guard = self.guards.guard(name)
        match effect:
            case Authorise():
                lane = self.lanes[name]
                mine = lane.passage is not None and lane.passage.id == effect.passage
                if mine and lane.state is LaneState.ADMITTED:
                    guard.authorise(effect.passage)
            case CloseArm():
                why = "behind a passage during the restart"
                guard.order(Order(f"gate-{self.new_id()}", Action.CLOSE, "gate", why))
            case Spend():
                self._spend(effect.assignment)
            case RaiseAlarm():
                self.alarms.raise_alarm(effect.code, name)


def _log_age(fact: VehicleSeen, now: float) -> None:
    """How long after its last needed picture a vehicle was authorised; `gate bench opening` reads
    it."""
    at = fact.frame_at
    if at is not None:
        log.info("%s: authorised %.1f ms after picture %.4f", fact.lane, 1000 * (now - at), at)
