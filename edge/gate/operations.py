"""The gate as people and other systems use it: status, orders, decisions, all of it recorded.

An order is committed before it is given to the guard, and answered by what the guard did with it.
Emergency stop is the exception: it is given first, and even when the journal cannot commit; then
its record waits until it can. What cannot be recorded as text is refused, or left out of a stop's.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from typing import Any

from edge import __version__
from edge.domain import events
from edge.domain.alarm_codes import known
from edge.domain.alarms import Alarm
from edge.domain.assignment import Assignments
from edge.domain.commands import Action, Order
from edge.domain.declaration import Declared, declared
from edge.domain.events import GATE_SUBJECT, Event
from edge.domain.facts import OperatorDecided, RequestHandled
from edge.domain.foreign_text import shown
from edge.domain.recordable import LEFT_OUT, LONGEST_REASON, fault
from edge.gate.gate import Gate
from edge.gate.port import AlarmView, GateView, LaneView, Unanswered
from edge.lane.state import Lane, LaneState, Passage
from edge.sync.journal.port import Journal, Unrecorded
from edge.sync.platform.link import PlatformLink
from edge.sync.platform.port import ParkedPassage
from edge.sync.port import LinkStatus
from edge.system.clock import Clock, clock_trusted

CHANGED_MEANWHILE = "changed meanwhile: look at the vehicle again, then decide"
"""The page that a person saw is not how things stand."""

ANSWER_WAIT_S = 3.0
"""How long a person waits for the guard's answer to an order."""


class Requests:
    """Orders that wait for the guard's answer; `take` is called on the gate's thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Callable[[RequestHandled], None]] = {}

    def expect(self, request: str, then: Callable[[RequestHandled], None]) -> None:
        with self._lock:
            self._waiting[request] = then

    def drop(self, request: str) -> None:
        with self._lock:
            self._waiting.pop(request, None)

    def take(self, fact: RequestHandled) -> bool:
        """Hands the answer to who waits for it; False if nobody does."""
        with self._lock:
            then = self._waiting.pop(fact.request, None)
        if then is None:
            return False
        then(fact)
        return True


class Operations:
    """Implements port.GateOperations over the running gate."""

    def __init__(
        self,
        gate: Gate,
        requests: Requests,
        clock: Clock,
        links: Callable[[], tuple[LinkStatus, ...]],
        journal_health: Callable[[], Mapping[str, Any]],
        ready: Callable[[], bool],
        platform: PlatformLink | None = None,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        """`wait`: for the guard's answer, at most so many seconds."""
        self._gate = gate
        self._wait = wait
        self._requests = requests
        self._clock = clock
        self._links = links
        self._health = journal_health
        self._ready = ready
        self._platform = platform
        self._started = clock.now().wall

    def view(self) -> GateView:
        gate = self._gate
        return GateView(
            site=gate.settings.site,
            gate=gate.settings.gate,
            version=__version__,
            started=self._started,
            now=self._clock.now().wall,
            clock_trusted=clock_trusted(),
            ready=self._ready(),
            lanes=tuple(self._lane_view(lane) for lane in gate.lanes.values()),
            alarms=tuple(_alarm_view(alarm) for alarm in gate.alarms.standing),
            links=self._links(),
            journal={**self._health(), "waiting_commits": gate.stuck},
        )

    def _lane_view(self, lane: Lane) -> LaneView:
        config = self._gate.settings.lanes[lane.lane]
        passage = lane.passage
        view = passage.view if passage else None
        decision = passage.decision if passage else None
        return LaneView(
            lane=lane.lane,
            name=config.name or lane.lane,
            direction=config.direction,
            state=lane.state.value,
            passage=passage.id if passage else None,
            plate=passage.named if passage else "",
            plate_display=_display(passage) if passage else "",
            country=view.country if view else "?",
            colour=view.colour if view else "?",
            confidence=view.confidence if view else 0.0,
            kind=passage.kind if passage else "",
            verdict=decision.verdict.value if decision else "",
            reason=decision.reason.value if decision else "",
            assignment=decision.assignment if decision else "",
            waiting=lane.state is LaneState.WAITING,
            since=lane.since or self._started,
            evidence=passage.evidence if passage else (),
            barrier=self._gate.guards.guard(lane.lane).status(),
            camera=self._gate.eyes.status(lane.lane),
            declared=self._declared(lane) if passage else None,
            trailers=tuple(v.display for v in passage.trailers) if passage else (),
            version=passage.version if passage else 0,
            detail=decision.detail if decision else "",
            choices=self._gate.choices(lane.lane) if lane.state is LaneState.WAITING else (),
        )

    def _declared(self, lane: Lane) -> Declared | None:
        passage = lane.passage
        assert passage is not None
        assignment = passage.decision.assignment if passage.decision else ""
        needed = self._gate.policies[lane.lane].clearances
        about = self._gate.book().about({passage.plate}, {assignment})
        return declared(about, assignment, passage.plate, needed)

    def book(self) -> Assignments:
        return self._gate.book()

    def journal(self) -> Journal:
        return self._gate.journal

    def picture(self, lane: str) -> bytes | None:
        return self._gate.eyes.picture(lane) if lane in self._gate.lanes else None

    def evidence(self, name: str) -> bytes | None:
        return self._gate.eyes.evidence(name)

    def order(self, lane: str, action: str, reason: str, user: str) -> str:
        if lane not in self._gate.lanes:
            raise Unanswered("there is no such lane")
        try:
            wanted = Action(action)
        except ValueError:
            raise Unanswered("there is no such action") from None
        why = fault(reason, LONGEST_REASON)
        if why and wanted is not Action.STOP:
            raise Unanswered(f"the reason: {why}")
        reason = LEFT_OUT if why else reason
        request = self._gate.new_id()
        data = {"user": user, "action": action, "reason": reason, "request": request, "data": {}}
        if wanted is not Action.STOP:
            self._record_first(lane, data)
        answered = threading.Event()
        answers: list[RequestHandled] = []

        def take(fact: RequestHandled) -> None:
            answers.append(fact)
            answered.set()

        self._requests.expect(request, take)
        self._gate.guards.guard(lane).order(Order(request, wanted, f"operator:{user}", reason))
        if wanted is Action.STOP:
            # A stop waits for no disk; its record does.
            event = Event(events.OPERATOR_ACTED, lane, self._clock.now().wall, data)
            self._gate.record_when_possible(lane, [event])
        if not self._wait(answered, ANSWER_WAIT_S):
            self._requests.drop(request)
            raise Unanswered("the barrier has not answered; look at it before you try again")
        if answers[0].outcome != "done":
            raise Unanswered(answers[0].why)
        return request

    def decide(
        self,
        lane: str,
        passage: str,
        admit: bool,
        plate: str,
        reason: str,
        user: str,
        version: int | None = None,
        assignment: str = "",
    ) -> None:
        current = self._gate.lanes.get(lane)
        waits = current is not None and current.state is LaneState.WAITING and current.passage
        if not waits or current is None or current.passage is None or current.passage.id != passage:
            raise Unanswered("this vehicle no longer waits for a decision")
        if version is not None and version != current.passage.version:
            raise Unanswered(CHANGED_MEANWHILE)
        fitting = self._gate.choices(lane, plate) if admit else ()
        if admit and assignment and assignment not in fitting:
            raise Unanswered(f"the assignment {shown(assignment)} does not fit here and now")
        if admit and not assignment and len(fitting) > 1:
            raise Unanswered(f"several assignments fit: choose {' or '.join(fitting)}")
        if why := fault(reason, LONGEST_REASON):
            raise Unanswered(f"the reason: {why}")
        data = {
            "user": user,
            "action": "admit" if admit else "reject",
            "reason": reason,
            "request": passage,
            "data": {
                "plate": plate,
                "read_plate": current.passage.plate,
                "assignment": assignment or next(iter(fitting), ""),
            },
        }
        self._record_first(lane, data)
        seen = current.passage.version
        word = OperatorDecided(lane, passage, admit, plate, reason, user, seen, assignment)
        self._gate.report(word)

    def acknowledge_alarm(self, code: str, lane: str, user: str) -> None:
        if not self._gate.alarms.stands(code, lane):
            raise Unanswered("this alarm does not stand any more")
        self.audit(user, "acknowledge_alarm", {"code": code, "lane": lane})
        self._gate.alarms.acknowledge_alarm(code, lane, user)

    def parked(self) -> tuple[ParkedPassage, ...]:
        return self._platform.parked() if self._platform is not None else ()

    def hand_over_again(self, sequence: int, user: str) -> None:
        parked = self._is_parked(sequence)
        self.audit(user, "hand_over_again", {"passage": parked.passage.body.get("passage", "")})
        if self._platform is not None:
            with contextlib.suppress(KeyError):
                self._platform.try_again(sequence)

    def settle_passage(self, sequence: int, reason: str, user: str) -> None:
        parked = self._is_parked(sequence)
        if wrong := fault(reason, LONGEST_REASON):
            raise Unanswered(f"the reason: {wrong}")
        data = {"passage": parked.passage.body.get("passage", ""), "why": parked.why}
        self.audit(user, "settle_passage", data, reason)
        if self._platform is not None:
            with contextlib.suppress(KeyError):
                self._platform.settle(sequence)

    def _is_parked(self, sequence: int) -> ParkedPassage:
        """Raises Unanswered."""
        found = [a for a in self.parked() if a.passage.sequence == sequence]
        if not found:
            raise Unanswered("this passage is no longer parked")
        return found[0]

    def audit(self, user: str, action: str, data: dict[str, Any], reason: str = "") -> None:
        body = {"user": user, "action": action, "reason": reason, "request": "", "data": data}
        self._record_first(GATE_SUBJECT, body)

    def _record_first(self, lane: str, data: Mapping[str, Any]) -> None:
        """What a person does, before it is done. Raises Unanswered."""
        try:
            self._record(events.OPERATOR_ACTED, lane, data)
        except Unrecorded as error:
            raise Unanswered(f"not recorded, therefore not done: {error}") from None

    def _record(self, type: str, lane: str, data: Mapping[str, Any]) -> None:
        self._gate.record([Event(type, lane, self._clock.now().wall, data)])


def _alarm_view(alarm: Alarm) -> AlarmView:
    code = known(alarm.code)
    return AlarmView(
        code=alarm.code,
        lane=alarm.lane,
        text=alarm.text,
        since=alarm.since,
        acknowledged_by=alarm.acknowledged_by,
        variant=alarm.variant,
        params=alarm.params,
        severity=code.severity.value if code else "",
    )


def _display(passage: Passage) -> str:
    """The plate as people write it, as far as it may be named."""
    if passage.corrected or not passage.named:
        return passage.corrected
    return passage.view.display if passage.view else ""
