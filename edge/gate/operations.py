"""The gate as people use it: status, orders, decisions, all of it recorded.

An order is committed before it is given to the guard, and answered by what the guard did with it.
Emergency stop is the exception: it is given first, and even when the journal cannot commit; then
its record waits until it can. What cannot be recorded as text is refused, or left out of a stop's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from edge.barrier.port import BarrierGuard
from edge.domain.assignment import MOST_FOUND, AssignmentBook, Assignments
from edge.domain.commands import Action, Order, Seen
from edge.domain.events import Event
from edge.domain.facts import CodeSeen, Fact, OperatorDecided, RequestHandled
from edge.domain.foreign_text import shown
from edge.domain.recordable import LEFT_OUT, LONGEST_REASON, fault
from edge.domain.second_key import LONGEST
from edge.gate.audit import Audit
from edge.gate.governing import OPENING, Governing
from edge.gate.parked_passages import ParkedPassages
from edge.gate.port import (
    MOST_PARKED,
    ExplanationView,
    GateView,
    ListPage,
    PolicyView,
    Unanswered,
)
from edge.gate.referrals import Referrals, Word
from edge.gate.refusal_texts import guard_said
from edge.gate.requests import Requests
from edge.gate.settling import CHANGED_MEANWHILE, settled
from edge.lane.seen import changed_meanwhile, stale_word
from edge.lane.state import Lane, LaneState
from edge.sync.journal.port import PastEvents, Recorded
from edge.sync.platform.port import ParkedPassage
from edge.system.causes import Cause, cause
from edge.system.timings import TIMINGS, Timing
from edge.system.unhandled import UNHANDLED
from edge.vision.port import lane_of

ANSWER_WAIT_S = 3.0
"""How long a person waits for the guard's answer to an order."""

NO_ANSWER = cause("refused.unanswered")
NOT_OPENED = cause("refused.not_opened")
SETTLING_EVERY_S = 0.05


class Lanes(Protocol):
    """What of the running gate is used; gate.Gate."""

    @property
    def lanes(self) -> Mapping[str, Lane]: ...

    def choices(self, lane: str, plate: str = "") -> tuple[str, ...]: ...

    def report(self, fact: Fact) -> None: ...

    def record_when_possible(self, lane: str, reported: Sequence[Event]) -> None: ...


class Guards(Protocol):
    """What of the guards is used; barrier.port.GuardRunner."""

    def guard(self, lane: str) -> BarrierGuard: ...


class Acknowledged(Protocol):
    """What of the alarms is used; alarms.GateAlarms."""

    def stands(self, code: str, lane: str) -> bool: ...

    def acknowledge_alarm(self, code: str, lane: str, user: str) -> None: ...


class Pictures(Protocol):
    """What of vision is used; vision.port.Eyes."""

    def picture(self, lane: str) -> bytes | None: ...

    def evidence(self, name: str) -> bytes | None: ...


class Operations:
    """Implements port.GateOperations."""

    def __init__(
        self,
        view: Callable[[], GateView],
        gate: Lanes,
        guards: Guards,
        requests: Requests,
        alarms: Acknowledged,
        audit: Audit,
        past: PastEvents,
        book: Callable[[], Assignments],
        pictures: Pictures,
        platform: ParkedPassages,
        new_id: Callable[[], str],
        wait: Callable[[threading.Event, float], bool],
        governing: Governing,
        referrals: Referrals,
    ) -> None:
        """`wait`: for the guard's answer, at most so many seconds."""
        self._new_id, self._wait, self._governing = new_id, wait, governing
        self._referrals = referrals
        self._view, self._gate, self._guards, self._requests = view, gate, guards, requests
        self._alarms, self._audit, self._past, self._book = alarms, audit, past, book
        self._pictures, self._platform = pictures, platform

    def view(self) -> GateView:
        return self._view()

    # --- what has been, and what the platform says ---

    def recent(
        self,
        *,
        types: Sequence[str] = (),
        lane: str | None = None,
        plate: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[Recorded]:
        return self._past.recent(
            types=types,
            lane=lane,
            plate=plate,
            since=since,
            until=until,
            before=before,
            limit=limit,
        )

    def counts_by_hour(self, type: str, since: datetime) -> list[tuple[datetime, str, int]]:
        return self._past.counts_by_hour(type, since)

    def assignments(self, part: str = "", after: str = "", most: int = MOST_FOUND) -> ListPage:
        book = self._book()
        found = book.find(part, after, most)
        return ListPage(found.items, found.as_of, book.count)

    def assignments_near(self, text: str) -> AssignmentBook:
        return self._book().near(text)

    def assignments_not_understood(self) -> AssignmentBook:
        return self._book().not_understood()

    def picture(self, lane: str) -> bytes | None:
        return self._pictures.picture(lane) if lane_of(lane) in self._gate.lanes else None

    def evidence(self, name: str) -> bytes | None:
        return self._pictures.evidence(name)

    # --- what people do ---

    def order(
        self,
        lane: str,
        action: str,
        reason: str,
        user: str,
        seen: Seen | None = None,
        senior: bool = False,
    ) -> str:
        if lane not in self._gate.lanes:
            raise Unanswered(cause("refused.no_lane"))
        try:
            wanted = Action(action)
        except ValueError:
            raise Unanswered(cause("refused.no_action")) from None
        self._governing.allow_order(lane, wanted)
        if changed_meanwhile(self._gate.lanes[lane], seen, wanted):
            raise Unanswered(CHANGED_MEANWHILE)
        if wanted in OPENING:
            self._referrals.allow_opening(self._gate.lanes[lane], user, senior)
        why = fault(reason, LONGEST_REASON)
        if why and wanted is not Action.STOP:
            raise Unanswered(cause("refused.reason", why=why))
        reason = LEFT_OUT if why else reason
        request = self._new_id()
        about = {"passage": seen.passage, "version": seen.version} if seen else {}
        data = {"user": user, "action": action, "reason": reason, "request": request, "data": about}
        if wanted is not Action.STOP:
            self._audit.first(lane, data)
        answered = threading.Event()
        answers: list[RequestHandled] = []

        def take(fact: RequestHandled) -> None:
            answers.append(fact)
            answered.set()

        # The arm has moved, or has not: nobody waits for a disk to hear of it.
        self._requests.expect(request, take, at_once=True)
        self._guards.guard(lane).order(Order(request, wanted, f"operator:{user}", reason))
        if wanted is Action.STOP:
            # A stop waits for no disk; its record does.
            self._gate.record_when_possible(lane, [self._audit.event(lane, data)])
        if not self._wait(answered, ANSWER_WAIT_S):
            self._requests.drop(request)
            self._outcome(lane, request, user, action, "uncertain", NO_ANSWER)
            raise Unanswered(NO_ANSWER)
        handled = answers[0]
        self._outcome(lane, request, user, action, handled.outcome, handled.why)
        if handled.outcome != "done":
            raise Unanswered(guard_said(handled.why))
        return request

    def _outcome(
        self, lane: str, request: str, user: str, action: str, outcome: str, why: str
    ) -> None:
        """Recorded behind what waits already: nobody waits for a disk to hear of it."""
        event = self._audit.outcome(lane, request, user, action, outcome, why)
        self._gate.record_when_possible(lane, [event])

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
        senior: bool = False,
        who_may: Collection[str] | None = None,
    ) -> str:
        current = self._gate.lanes.get(lane)
        waits = current is not None and current.state is LaneState.WAITING and current.passage
        if not waits or current is None or current.passage is None or current.passage.id != passage:
            raise Unanswered(cause("refused.waits_no_more"))
        if stale_word(current.passage, version):
            raise Unanswered(CHANGED_MEANWHILE)
        if admit:
            self._governing.allow_order(lane, Action.OPEN)
        fitting = self._gate.choices(lane, plate) if admit else ()
        if admit and assignment and assignment not in fitting:
            raise Unanswered(cause("refused.not_fitting", assignment=shown(assignment)))
        if admit and not assignment and len(fitting) > 1:
            raise Unanswered(cause("refused.several", assignments=", ".join(fitting)))
        if why := fault(reason, LONGEST_REASON):
            raise Unanswered(cause("refused.reason", why=why))
        saw = f"{plate or current.passage.named}:{assignment or next(iter(fitting), '')}"
        word = Word(user, admit, saw, senior, who_may)
        with self._referrals.lock:
            if not self._referrals.allow(current, passage, word):
                self._referrals.first_admits(current, passage, reason, word)
                return "second"
            self._referrals.hold(current, passage, user)
        data = {
            "user": user,
            "action": "admit" if admit else "reject",
            "reason": reason,
            "request": passage,
            "data": {
                "plate": plate,
                "read_plate": current.passage.named,
                "assignment": assignment or next(iter(fitting), ""),
            },
        }
        self._audit.first(lane, data)
        seen = current.passage.version
        self._gate.report(
            OperatorDecided(lane, passage, admit, plate, reason, user, seen, assignment)
        )
        return "ordered" if admit else "rejected"

    def show_code(self, lane: str, text: str, user: str) -> None:
        self._waiting(lane)
        data = {"user": user, "action": "show_code", "reason": "", "request": "", "data": {}}
        self._audit.first(lane, data)
        self._gate.report(CodeSeen(lane, text[:LONGEST], "attendant"))

    def claim(self, lane: str, passage: str, user: str, senior: bool = False) -> None:
        self._referrals.claim(self._waiting(lane), passage, user, senior)

    def release(self, lane: str, passage: str, user: str) -> None:
        self._referrals.release(self._waiting(lane), passage, user)

    def escalate(self, lane: str, passage: str, reason: str, user: str) -> None:
        if why := fault(reason, LONGEST_REASON):
            raise Unanswered(cause("refused.reason", why=why))
        self._referrals.escalate(self._waiting(lane), passage, reason, user)

    def _waiting(self, lane: str) -> Lane:
        """Raises Unanswered."""
        current = self._gate.lanes.get(lane)
        if current is None:
            raise Unanswered(cause("refused.no_lane"))
        return current

    def settled(self, lane: str, passage: str, admit: bool, version: int, user: str) -> None:
        why = self._settling(lane, passage, admit, version)
        outcome = "uncertain" if why is NOT_OPENED else "refused" if why else "done"
        self._outcome(lane, passage, user, "admit" if admit else "reject", outcome, why)
        if why:
            raise Unanswered(why)

    def _settling(self, lane: str, passage: str, admit: bool, version: int) -> Cause:
        never = threading.Event()
        for _ in range(round(ANSWER_WAIT_S / SETTLING_EVERY_S)):
            arm = self._guards.guard(lane).status().arm
            found = settled(self._gate.lanes[lane], passage, admit, version, arm)
            if found is not None:
                return found
            self._wait(never, SETTLING_EVERY_S)
        return NOT_OPENED

    def acknowledge_alarm(self, code: str, lane: str, user: str) -> None:
        if not self._alarms.stands(code, lane):
            raise Unanswered(cause("refused.stands_no_more"))
        self.audit(user, "acknowledge_alarm", {"code": code, "lane": lane})
        self._alarms.acknowledge_alarm(code, lane, user)

    def parked(self, after: int = 0, most: int = MOST_PARKED) -> tuple[ParkedPassage, ...]:
        found = self._platform.parked()
        return tuple(one for one in found if one.passage.sequence > after)[:most]

    def hand_over_again(self, sequence: int, user: str) -> None:
        self._platform.hand_over_again(sequence, user)

    def settle_passage(self, sequence: int, reason: str, user: str) -> None:
        self._platform.settle_passage(sequence, reason, user)

    def policy(self) -> PolicyView:
        return self._governing.policy()

    def check_policy(self, text: str) -> str:
        return self._governing.check_policy(text)

    def activate_policy(self, text: str, reason: str, user: str) -> int:
        return self._governing.activate_policy(text, reason, user)

    def explain(
        self, lane: str, plate: str, kind: str = "", at: datetime | None = None, text: str = ""
    ) -> ExplanationView:
        return self._governing.explain(lane, plate, kind, at, text)

    def set_mode(self, lane: str, mode: str, reason: str, user: str) -> None:
        self._governing.set_mode(lane, mode, reason, user)

    def timings(self) -> tuple[Timing, ...]:
        return TIMINGS.all()

    def unhandled(self) -> dict[str, int]:
        return dict(UNHANDLED.counts())

    def audit(self, user: str, action: str, data: dict[str, Any]) -> None:
        self._audit.acted(user, action, data)
