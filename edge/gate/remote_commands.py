"""Commands from platform and customs: checked, remembered, recorded, given to the guard, answered.

The memory of an accepted command is committed before it takes effect, so that no crash lets it
happen twice. The same id again gets the same answer, an audit event and no pulse. One that was
under way when the service died is never given again: it is told as `uncertain`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from edge.config import Settings
from edge.domain import events
from edge.domain.commands import Action, Order, Seen
from edge.domain.events import GATE_SUBJECT, Event
from edge.domain.facts import RequestHandled
from edge.domain.moment import iso
from edge.gate.monitors.port import Record
from edge.gate.operations import Guards
from edge.gate.requests import Requests
from edge.sync.customs.envelope import UNSIGNED, Accepted, check
from edge.sync.customs.keyring import Keyring, KeyringError
from edge.sync.customs.port import Refusal, RefusedCommand
from edge.sync.journal.journal import SqliteJournal
from edge.sync.journal.port import Unrecorded
from edge.system.clock import Clock

COUNTER = "command-counter:"
ANSWER = "command-answer:"
ANSWERS_KEPT = 10_000
"""Older answers are forgotten; the issuer's counter still keeps their commands from counting."""

REFUSALS_A_MINUTE = 60
"""More refused commands than that a minute are counted, not recorded one by one."""

UNCERTAIN = "the service died while it was carried out; look at the barrier"

log = logging.getLogger(__name__)


class Remote:
    """`take` is called for every message on the command topic; set `answer` before, then call
    `resume` once. `refuses`: why the lane's mode does not allow an order, or "";
    `changed`: whether another vehicle stands there than the one that an order is for."""

    def __init__(
        self,
        settings: Settings,
        keyring: Keyring,
        journal: SqliteJournal,
        guards: Guards,
        record: Record,
        requests: Requests,
        clock: Clock,
        refuses: Callable[[str, Action], str] = lambda lane, action: "",
        changed: Callable[[str, Seen | None, Action], bool] = lambda lane, seen, action: False,
    ) -> None:
        self._changed = changed
        self._refuses = refuses
        self._settings, self._keyring, self._journal = settings, keyring, journal
        self._guards, self._record, self._requests = guards, record, requests
        self._clock = clock
        self.answer: Callable[[str, Mapping[str, Any]], None] = lambda id, result: None
        self._lock = threading.Lock()
        self._refusals: list[float] = []
        self._unrecorded = 0

    def resume(self) -> None:
        """After a start: commands without an outcome are told as uncertain; old answers go."""
        with self._lock:
            kept = self._journal.states_under(ANSWER)
            for key, state in kept.items():
                if state.get("outcome") == "pending":
                    try:
                        self._report(key.removeprefix(ANSWER), state, "uncertain", UNCERTAIN)
                    except Unrecorded as error:
                        log.error("an uncertain command was not recorded: %s", error)
            oldest_first = sorted(kept, key=lambda key: str(kept[key].get("expires_at", "")))
            for key in oldest_first[:-ANSWERS_KEPT]:
                self._journal.forget(key)

    def take(self, payload: bytes, retained: bool) -> None:
        """One message. Nothing is raised."""
        with self._lock:
            try:
                self._take(payload, retained)
            except Unrecorded as error:
                log.error("a command was not carried out: %s", error)
            except Exception:
                log.exception("a command was not carried out")

    def _take(self, payload: bytes, retained: bool) -> None:
        now = self._clock.now().wall
        try:
            seen = check(
                payload,
                retained,
                self._settings,
                self._keyring.find,
                self._last_counter,
                lambda id: self._journal.state(ANSWER + id),
                now,
            )
        except KeyringError as error:
            log.error("a command was not checked: %s", error)
            seen = RefusedCommand("", "", "", Refusal.KEYS_UNREADABLE)
        if isinstance(seen, RefusedCommand):
            self._refuse(seen)
        else:
            self._carry_out(seen)

    def _carry_out(self, seen: Accepted) -> None:
        command = seen.command
        kept = {
            "lane": command.lane,
            "issuer": command.issuer,
            "action": command.action,
            "reason": command.reason,
            "outcome": "pending",
            "why": "",
            "expires_at": iso(seen.expires_at),
        }
        counter = {"counter": seen.counter}
        self._journal.record([], {COUNTER + command.issuer: counter, ANSWER + command.id: kept})

        def handled(fact: RequestHandled) -> None:
            try:
                self._report(command.id, kept, fact.outcome, fact.why)
            except Unrecorded as error:
                log.error("a command's outcome was not recorded: %s", error)

        # Of its own: an issuer's id must not meet that of a passage or of a person's order.
        request = f"remote:{command.issuer}:{command.id}"
        self._requests.expect(request, handled)
        guard = self._guards.guard(command.lane)
        issuer, action = f"remote:{command.issuer}", Action(command.action)
        stale = self._changed(command.lane, command.seen, action)
        why = Refusal.CHANGED_MEANWHILE if stale else self._refuses(command.lane, action)
        if why:
            self._requests.take(RequestHandled(command.lane, request, "refused", why))
            return
        guard.order(Order(request, action, issuer, command.reason))

    def _report(self, id: str, kept: Mapping[str, Any], outcome: str, why: str) -> None:
        """Records and answers what became of an accepted command."""
        data = {
            "command": id,
            "issuer": kept.get("issuer", ""),
            "action": kept.get("action", ""),
            "outcome": outcome,
            "why": why,
            "count": 1,
        }
        lane = str(kept.get("lane", GATE_SUBJECT))
        event = Event(events.COMMAND_HANDLED, lane, self._clock.now().wall, data)
        state = {**kept, "outcome": outcome, "why": why}
        try:
            self._record([event], {ANSWER + id: state})
        finally:
            self.answer(id, {"id": id, "outcome": outcome, "why": why})

    def _refuse(self, seen: RefusedCommand) -> None:
        """One audit event each, within reason, and an answer where it can do no harm."""
        known = self._journal.state(ANSWER + seen.raw_id) if seen.raw_id else None
        if known is None and seen.raw_id:
            self.answer(seen.raw_id, {"id": seen.raw_id, "outcome": "refused", "why": seen.why})
        elif known and seen.why not in UNSIGNED and known.get("issuer") == seen.issuer:
            reported = {"id": seen.raw_id, "outcome": known["outcome"], "why": known["why"]}
            if seen.why is Refusal.ID_REUSED:
                # Its sender must not take the first one's answer for this one's.
                reported |= {"outcome": "refused", "why": seen.why}
            self.answer(seen.raw_id, reported)
        now = time.monotonic()
        self._refusals = [t for t in self._refusals if t > now - 60]
        if len(self._refusals) >= REFUSALS_A_MINUTE:
            self._unrecorded += 1
            return
        self._refusals.append(now)
        data = {
            "command": seen.raw_id,
            "issuer": seen.issuer,
            "action": "",
            "outcome": "refused",
            "why": seen.why,
            "count": 1 + self._unrecorded,
        }
        self._unrecorded = 0
        lane = seen.lane if seen.lane in self._settings.lanes else GATE_SUBJECT
        self._record([Event(events.COMMAND_HANDLED, lane, self._clock.now().wall, data)])

    def _last_counter(self, issuer: str) -> int:
        kept = self._journal.state(COUNTER + issuer)
        return int(kept["counter"]) if kept else -1
