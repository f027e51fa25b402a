"""The lanes of the running gate: rules on facts, commits, and then what the rules wish.

On the gate's thread. Where a lane's rules fail, its vehicle waits for a person, and no other lane
is concerned.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from edge.barrier.port import BarrierGuard, BarrierStatus, Stance
from edge.config import Settings
from edge.config.ways import ARM
from edge.domain.alarm_codes import AlarmCode
from edge.domain.assignment import AssignmentBook, Assignments
from edge.domain.events import Event
from edge.domain.facts import (
    Arm,
    BarrierFirstSeen,
    CodeSeen,
    CodeShown,
    Fact,
    LinePassed,
    OperatorDecided,
    VehicleSeen,
)
from edge.domain.mode import LaneMode
from edge.gate.commits import Commits
from edge.gate.journeys import Journeys, States
from edge.gate.monitors.port import Alarms
from edge.gate.open_lanes import OpenLanes
from edge.gate.policies import Policies
from edge.gate.referrals import Noted
from edge.gate.second_keys import SecondKeys
from edge.lane import snapshot
from edge.lane.effects import Authorise, Effect, RaiseAlarm, Record, Remember, Revoke, Spend
from edge.lane.failure import without_list
from edge.lane.from_facts import choices
from edge.lane.rules import react
from edge.lane.state import Context, Lane, LaneState, Reaction
from edge.system.clock import Clock, clock_trusted
from edge.system.timings import TIMINGS, Figure

STANCES = {LaneMode.FREE_FLOW: Stance.HOLDS_OPEN, LaneMode.SHADOW: Stance.LISTENS}

OURS_ALONE = frozenset({AlarmCode.TAILGATE, AlarmCode.PASSED_UNADMITTED})
"""What is no alarm where everybody may pass, or another controller lets pass; the passages are
recorded all the same."""

SPENT = "spent:"
"""States under this prefix: assignments used here, committed with the passage that used them."""

LINE_FRESH_S = 1.0
"""Seconds after its picture until which a crossing says something of who is under the arm now."""

log = logging.getLogger(__name__)


class Guards(Protocol):
    """What of the guards is used; barrier.port.GuardRunner."""

    def guard(self, lane: str) -> BarrierGuard: ...


Referred = Callable[[Lane], Noted]
"""What a lane's state makes of the vehicle that waits in it for a person."""


class Lanes:
    """`kept`: the states of the last run. `book`: the platform's list; `spend`: tells the platform
    that an assignment is used. `new_id` gives passages their ids, which are unique for ever."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        kept: States,
        commits: Commits,
        alarms: Alarms,
        guards: Guards,
        book: Callable[[], Assignments],
        spend: Callable[[str], None],
        new_id: Callable[[], str],
        policies: Policies,
        referred: Referred,
        second_keys: SecondKeys,
        open_lanes: OpenLanes,
    ) -> None:
        self._second_keys = second_keys
        self._open_lanes = open_lanes
        self._referred = referred
        self._clock, self._commits, self._alarms = clock, commits, alarms
        self._guards, self._book, self._spend, self._new_id = guards, book, spend, new_id
        self._policies = policies
        self._journeys = Journeys(kept)
        self._stood = dict.fromkeys(settings.lanes, LaneMode.AUTOMATIC)
        now = clock.now()
        self.states: dict[str, Lane] = {
            name: snapshot.revive(name, kept.state(snapshot.key(name)), now, config.read_wait_s)
            for name, config in settings.lanes.items()
        }

    def stand(self) -> None:
        """The guards as the lanes' modes want them; what free flow leaves open is told."""
        for name in self.states:
            mode = self._policies.mode(name)
            if self._stood.get(name) is mode:
                continue
            try:
                self._guards.guard(name).stand(STANCES.get(mode, Stance.KEEPS))
                flows, flowed = mode is LaneMode.FREE_FLOW, self._stood.get(name)
                if flows:
                    self._alarms.raise_alarm(AlarmCode.FREE_FLOW, name, variant="mode")
                elif flowed is LaneMode.FREE_FLOW:
                    self._alarms.clear_alarm(AlarmCode.FREE_FLOW, name)
                self._stood[name] = mode
            except Exception as error:
                self._alarm(name, error)

    def to_all(self, fact: Fact) -> None:
        for name in self.states:
            self.to_one(name, fact)

    def to_one(self, name: str, fact: Fact) -> None:
        """One lane's rules on a fact. Where they fail, its vehicle waits for a person; nothing is
        raised, for other lanes wait for their turn."""
        before = self.states[name]
        try:
            reaction = react(before, fact, self._context(name, before, fact))
        except Exception as error:
            reaction = self._failed(name, before, fact, error)
        try:
            self._follow(name, before, fact, reaction)
        except Exception as error:
            self._alarm(name, error)

    def line_passed(self, fact: LinePassed) -> None:
        """Vision's line under the arm is evidence for the guard while it is fresh; without it the
        guard counts by what is wired."""
        fresh = self._clock.now().mono - fact.frame_at <= LINE_FRESH_S
        if fact.line == ARM and fact.whole and fresh:
            self._guards.guard(fact.lane).line_crossed(fact.forward, fact.sure)

    def code(self, fact: CodeSeen) -> None:
        """A code that somebody shows: checked and recorded, then the lane's rules on it."""
        if (lane := self.states.get(fact.lane)) is None:
            return
        shown, events = self._second_keys.check(fact, lane, self.states.values())
        if events:
            self._commits.commit(fact.lane, events, {})
        if shown is not None:
            self.to_one(fact.lane, shown)

    def first_readings(self, arm_before: Callable[[str], Arm | None]) -> None:
        """Tells each restored lane what its barrier shows, once that is known. `arm_before`: a
        lane's arm in the last run."""
        restored = [name for name, lane in self.states.items() if lane.restored]
        for name, status in self.barriers(restored).items():
            if status.wire_ok and status.age_s is not None:
                loops = (status.entry_loop, status.safety_loop, status.exit_loop)
                before = arm_before(name)
                self.to_one(name, BarrierFirstSeen(name, status.arm, *loops, before))

    def barriers(self, names: Iterable[str]) -> dict[str, BarrierStatus]:
        """Those that can be told."""
        known: dict[str, BarrierStatus] = {}
        for name in names:
            try:
                known[name] = self._guards.guard(name).status()
            except Exception as error:
                self._alarm(name, error)
        return known

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
        shown = fact if isinstance(fact, CodeShown) else None
        if shown is None and lane.passage is not None:
            shown = lane.passage.code
        if shown is not None and not shown.refused:
            ids.add(shown.assignment)
        book = self._book().about(texts, ids).used(self._taken(name))
        return Context(
            self._clock.now(),
            book,
            self._policies.of(name),
            self._new_id,
            self._journeys.of(texts),
            clock_trusted(),
            *self._loops(name),
            open_lanes=self._open_lanes.among(self.states),
        )

    def choices(self, name: str, plate: str = "") -> tuple[str, ...]:
        """The assignments on which a person may let the vehicle of the lane pass; any thread."""
        lane = self.states[name]
        if lane.passage is None:
            return ()
        plate = plate or lane.passage.named
        texts = {plate, *lane.passage.trailer_texts} - {""}
        elsewhere = {other.passing_on for other in self.states.values()} - {""}
        book = self._book().about(texts).used(elsewhere)
        context = Context(self._clock.now(), book, self._policies.of(name), self._new_id)
        return choices(lane.passage, context, plate)

    def _loops(self, name: str) -> tuple[bool | None, bool | None, bool | None]:
        """What the entry, the safety and the exit loop say now; None where it is not known."""
        status = self._guards.guard(name).status()
        if not status.wire_ok:
            return None, None, None
        return status.entry_loop, status.safety_loop, status.exit_loop

    def _failed(self, name: str, lane: Lane, fact: Fact, error: Exception) -> Reaction:
        self._alarm(name, error)
        context = Context(
            self._clock.now(), AssignmentBook(), self._policies.of(name), self._new_id
        )
        return without_list(lane, fact, context)

    def _alarm(self, name: str, error: Exception) -> None:
        """A fault of ours, for people; its trace is in the log."""
        log.error("lane %s failed", name, exc_info=error)
        self._alarms.raise_alarm(AlarmCode.LANE_FAILED, name, {"error": type(error).__name__})

    def _follow(self, name: str, before: Lane, fact: Fact, reaction: Reaction) -> None:
        """Revokes, commits, then performs what the rules wish."""
        lane, effects = reaction
        self.states[name] = lane
        for effect in effects:
            if isinstance(effect, Revoke):
                self._guards.guard(name).revoke(effect.passage)
        wall = self._clock.now().wall
        reported = [
            Event(e.type, name, wall, dict(e.data)) for e in effects if isinstance(e, Record)
        ]
        referred = self._referred(lane)
        if lane.state is LaneState.ADMITTED:
            used = self._second_keys.used(lane)
        else:
            used = {}
        reported += referred.events
        rest = [e for e in effects if not isinstance(e, Record | Revoke)]
        changed = (lane.state, lane.passage) != (before.state, before.passage)
        if reported or rest or changed:
            states: dict[str, Mapping[str, Any]] = {snapshot.key(name): snapshot.dump(lane)}
            states |= referred.states
            states |= used
            for effect in rest:
                if isinstance(effect, Spend):
                    states[SPENT + effect.assignment] = {"revision": self._revision(effect)}
                if isinstance(effect, Remember):
                    states |= self._journeys.remembered(effect, self._clock.now().wall)
            self._commits.commit(name, reported, states, rest, self._effect)
        authorised = any(isinstance(e, Authorise) for e in rest)
        if authorised and isinstance(fact, VehicleSeen) and fact.frame_at is not None:
            TIMINGS.note(Figure.AUTHORISATION, name, fact.frame_at, self._clock.now().mono)

    def _revision(self, spend: Spend) -> int:
        return self._book().about((), (spend.assignment,)).revision_of(spend.assignment)

    def _taken(self, name: str) -> set[str]:
        """Assignments that are no longer to be had in this lane: another lane's vehicle passes on
        them, or the commit of the passage that used them still waits."""
        spent = {e.assignment for e in self._commits.waiting() if isinstance(e, Spend)}
        others = (lane for other, lane in self.states.items() if other != name)
        return (spent | {lane.passing_on for lane in others}) - {""}

    # --- what a lane wishes ---

    def _effect(self, name: str, effect: Effect) -> None:
        """Never raises: what follows was committed, and must not be committed again."""
        try:
            self._do(name, effect)
        except Exception as error:
            self._alarm(name, error)

    def _do(self, name: str, effect: Effect) -> None:
        guard = self._guards.guard(name)
        match effect:
            case Authorise():
                lane = self.states[name]
                mine = lane.passage is not None and lane.passage.id == effect.passage
                ours = self._policies.mode(name) is not LaneMode.SHADOW
                if mine and ours and lane.state is LaneState.ADMITTED:
                    guard.authorise(effect.passage)
            case Spend():
                self._spend(effect.assignment)
            case RaiseAlarm() if self._policies.mode(name) in STANCES and effect.code in OURS_ALONE:
                pass
            case RaiseAlarm():
                self._alarms.raise_alarm(effect.code, name)
