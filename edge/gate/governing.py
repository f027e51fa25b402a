"""How the gate is governed: its policy and its lanes' modes, tried before they count, and recorded
with who and why as they begin to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import asdict, replace
from datetime import datetime

from edge.config import ConfigError
from edge.domain import recordable
from edge.domain.assignment import Assignments
from edge.domain.commands import Action
from edge.domain.explanation import explain
from edge.domain.facts import AssignmentsChanged, Fact, PlateView
from edge.domain.foreign_text import shown
from edge.domain.guard_refusal import GuardRefusal
from edge.domain.mode import LaneMode
from edge.domain.moment import iso
from edge.domain.plate import StrangePlate, parse, plate_text
from edge.domain.policy import Policy
from edge.domain.question import Vehicle
from edge.domain.reason import Verdict
from edge.gate.audit import Audit
from edge.gate.policies import ACTIVE, MODE, Policies
from edge.gate.port import ExplanationView, HeldView, PolicyView, Unanswered
from edge.gate.refusal_texts import guard_said
from edge.system.causes import cause, together
from edge.system.clock import Clock, clock_trusted

NOTE = "gate"
"""The user of what nobody asked for now: a mode that was noted beside a journal that is lost."""

log = logging.getLogger(__name__)

OPENING = frozenset({Action.OPEN, Action.HOLD_OPEN})


class Governing:
    """Any thread. `report`: where the gate hears that it shall decide anew. `note_shadowed`: keeps
    which lanes are in shadow mode, for the guards of the next start; raises OSError."""

    def __init__(
        self,
        policies: Policies,
        audit: Audit,
        book: Callable[[], Assignments],
        clock: Clock,
        report: Callable[[Fact], None],
        note_shadowed: Callable[[Collection[str]], None] = lambda lanes: None,
    ) -> None:
        self._note_shadowed = note_shadowed
        self._policies, self._audit, self._book = policies, audit, book
        self._clock, self._report = clock, report
        self._changing = threading.Lock()

    # --- the policy ---

    def policy(self) -> PolicyView:
        about, counts = self._policies.about, self._policies.policy
        name, text, by, reason, at = (
            str(about.get(key, "")) for key in ("name", "text", "by", "reason", "at")
        )
        fault = self._policies.fault
        return PolicyView(counts.number, counts.content, name, text, by, reason, at, fault)

    def check_policy(self, text: str) -> str:
        return self._parsed(text).content

    def activate_policy(self, text: str, reason: str, user: str) -> int:
        """Committed, then counted from; every vehicle that waits is decided anew."""
        policy = self._parsed(text)
        _needs_reason(reason)
        with self._changing:
            before = self._policies.policy
            now = self._clock.now().wall
            state = self._policies.kept_policy(text, policy, user, reason, now)
            data = {
                "number": state["number"],
                "content": policy.content,
                "name": policy.name,
                "before": {"number": before.number, "content": before.content},
            }
            self._audit.acted(user, "activate_policy", data, reason, states={ACTIVE: state})
            self._policies.take_policy(state)
        self._report(AssignmentsChanged())
        return int(state["number"])

    def explain(
        self, lane: str, plate: str, kind: str = "", at: datetime | None = None, text: str = ""
    ) -> ExplanationView:
        policy = self._parsed(text) if text else self._policies.policy
        return explanation(
            self._policies, policy, self._book(), lane, plate, kind, at, self._clock
        )  # fmt: skip

    # --- the modes ---

    def set_mode(self, lane: str, mode: str, reason: str, user: str) -> None:
        _known(self._policies, lane)
        try:
            wanted = LaneMode(mode)
        except ValueError:
            known = ", ".join(LaneMode)
            raise Unanswered(cause("refused.no_mode", mode=shown(mode), known=known)) from None
        _needs_reason(reason)
        with self._changing:
            before = self._policies.mode(lane)
            if before is wanted:
                raise Unanswered(cause("refused.same_mode"))
            state = self._policies.kept_mode(wanted, user, reason, self._clock.now().wall)
            data = {"mode": wanted.value, "before": before.value}
            self._shadow(lane, wanted is LaneMode.SHADOW)
            states = {MODE + lane: state}
            try:
                self._audit.acted(user, "set_mode", data, reason, lane=lane, states=states)
            except Unanswered:
                self._shadow(lane, before is LaneMode.SHADOW)
                raise
            self._policies.take_mode(lane, state)
        self._report(AssignmentsChanged())

    def record_noted(self) -> None:
        """At a start: shadow modes that only their note has become part of the journal again."""
        for lane in sorted(self._policies.noted):
            state = self._policies.kept_mode(LaneMode.SHADOW, NOTE, "", self._clock.now().wall)
            data = {"mode": LaneMode.SHADOW.value, "before": ""}
            try:
                self._audit.acted(
                    NOTE, "set_mode", data, "", lane=lane, states={MODE + lane: state}
                )
            except Unanswered as error:
                log.error("lane %s stays in shadow mode, which is not recorded: %s", lane, error)
                return
            self._policies.take_mode(lane, state)

    def _shadow(self, lane: str, on: bool) -> None:
        """Notes it where it changes. Raises Unanswered."""
        modes = {name: self._policies.mode(name) for name in self._policies.lanes}
        noted = {name for name, mode in modes.items() if mode is LaneMode.SHADOW} - {lane}
        try:
            self._note_shadowed(noted | {lane} if on else noted)
        except OSError as error:
            raise Unanswered(cause("refused.not_recorded", why=str(error))) from None

    def allow_order(self, lane: str, action: Action) -> None:
        """Raises Unanswered for an order that the lane's mode does not allow."""
        if why := self.refuses(lane, action):
            raise Unanswered(guard_said(why))

    def refuses(self, lane: str, action: Action) -> str:
        """Why the lane's mode does not allow the order, or ""."""
        mode = self._policies.mode(lane)
        if mode is LaneMode.SHADOW:
            return GuardRefusal.LISTENS
        closed = mode is LaneMode.CLOSED and action in OPENING
        return GuardRefusal.LANE_CLOSED if closed else ""

    # ---

    def _parsed(self, text: str) -> Policy:
        try:
            return self._policies.parse(text)
        except ConfigError as error:
            raise Unanswered(cause("refused.policy", why=together(error.problems))) from None


def explanation(
    policies: Policies,
    policy: Policy,
    assignments: Assignments,
    lane: str,
    plate: str,
    kind: str,
    at: datetime | None,
    clock: Clock,
) -> ExplanationView:
    """What would happen to a surely read plate; for the console and the command alike. Raises
    Unanswered."""
    try:
        asked = plate_text(plate)
    except StrangePlate as error:
        raise Unanswered(cause("refused.plate", why=error)) from None
    _known(policies, lane)
    found = parse(asked)
    view = PlateView(asked, asked, found.country if found else "?", "?", 1, 1.0, True)
    book, now = assignments.about({asked}), at or clock.now().wall
    if at is not None:
        # As if the list were fetched then: how old it will be is not the question.
        book = replace(book, as_of=at if book.as_of else None)
    vehicle = Vehicle(kind, (), clock_trusted())
    said = explain((view,), vehicle, book, policies.lane_policy(lane, policy), now)
    final = said.final
    return ExplanationView(
        lane,
        asked,
        iso(now),
        said.mode.value,
        final.verdict.value,
        final.reason.value,
        final.detail,
        final.assignment,
        final.row,
        final.rule,
        final.verdict is not Verdict.ALLOW and final.reason in policy.referral.four_eyes,
        policy.number,
        tuple(HeldView(**asdict(held)) for held in said.held),
    )


def _known(policies: Policies, lane: str) -> None:
    if lane not in policies.lanes:
        raise Unanswered(cause("refused.no_lane"))


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise Unanswered(cause("refused.reason_needed"))
    if why := recordable.fault(reason, recordable.LONGEST_REASON):
        raise Unanswered(cause("refused.reason", why=why))
