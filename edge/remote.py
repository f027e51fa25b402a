"""Commands from platform and customs: checked, remembered, recorded, given to the guard, answered.

The memory of an accepted command is committed before it takes effect, so that no crash lets it
happen twice. The same id again gets the same answer and no pulse.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from edge import events
from edge.clock import iso
from edge.commands import Action, Order
from edge.config import Settings
from edge.desk import Requests
from edge.events import GATE_SUBJECT, Event
from edge.facts import RequestHandled
from edge.gate import Gate
from edge.sync.envelope import Accepted, check
from edge.sync.journal import SqliteJournal
from edge.sync.keyring import Keyring, KeyringError
from edge.sync.port import RefusedCommand, Unrecorded

COUNTER = "command-counter:"
ANSWER = "command-answer:"
REFUSALS_A_MINUTE = 20
"""More refused commands than that a minute are counted, not recorded one by one."""

log = logging.getLogger(__name__)


class Remote:
    """`take` is called for every message on the command topic; set `answer` before."""

    def __init__(
        self,
        settings: Settings,
        keyring: Keyring,
        journal: SqliteJournal,
        gate: Gate,
        requests: Requests,
    ) -> None:
        self._settings, self._keyring = settings, keyring
        self._journal, self._gate, self._requests = journal, gate, requests
        self.answer: Callable[[str, Mapping[str, Any]], None] = lambda id, result: None
        self._lock = threading.Lock()
        self._refusals: list[float] = []
        self._unrecorded = 0

    def take(self, payload: bytes, retained: bool) -> None:
        """One message. Nothing is raised."""
        with self._lock:
            try:
                self._take(payload, retained)
            except (Unrecorded, KeyringError) as error:
                log.error("a command was not carried out: %s", error)

    def _take(self, payload: bytes, retained: bool) -> None:
        now = self._gate.clock.now().wall
        seen = check(payload, retained, self._settings, self._keyring.find, self._last_counter, now)
        if isinstance(seen, RefusedCommand):
            known = self._journal.state(ANSWER + seen.raw_id) if seen.why == "replayed" else None
            if known is not None:
                self.answer(seen.raw_id, known)
                return
            self._refuse(seen)
            return
        self._carry_out(seen)

    def _carry_out(self, seen: Accepted) -> None:
        command = seen.command
        pending = {"id": command.id, "outcome": "pending", "why": ""}
        self._journal.record(
            [],
            {
                COUNTER + command.issuer: {"counter": seen.counter},
                ANSWER + command.id: {**pending, "expires_at": iso(seen.expires_at)},
            },
        )

        def handled(fact: RequestHandled) -> None:
            result = {"id": command.id, "outcome": fact.outcome, "why": fact.why}
            data = {
                "command": command.id,
                "issuer": command.issuer,
                "action": command.action,
                "outcome": fact.outcome,
                "why": fact.why,
                "count": 1,
            }
            event = Event(events.COMMAND_HANDLED, command.lane, self._gate.clock.now().wall, data)
            kept = {ANSWER + command.id: {**result, "expires_at": iso(seen.expires_at)}}
            try:
                self._gate.record([event], kept)
            except Unrecorded as error:
                log.error("a command's outcome was not recorded: %s", error)
            self.answer(command.id, result)

        self._requests.expect(command.id, handled)
        guard = self._gate.guards.guard(command.lane)
        issuer = f"remote:{command.issuer}"
        guard.order(Order(command.id, Action(command.action), issuer, command.reason))

    def _refuse(self, seen: RefusedCommand) -> None:
        """One audit event each, within reason."""
        now = time.monotonic()
        self._refusals = [t for t in self._refusals if t > now - 60]
        self.answer(seen.raw_id, {"id": seen.raw_id, "outcome": "refused", "why": seen.why})
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
        self._gate.record([Event(events.COMMAND_HANDLED, lane, self._gate.clock.now().wall, data)])

    def _last_counter(self, issuer: str) -> int:
        kept = self._journal.state(COUNTER + issuer)
        return int(kept["counter"]) if kept else -1
