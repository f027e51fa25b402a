"""Tells people and customs of the journal: it cannot commit, had no room, keeps events for nobody.

`journal_stuck` stands while something waits for a commit. `journal_dropped` is an occurrence: which
events were never recorded, and how many, since it was raised; while they become more it is told
again, at most once in TELL_EVERY_S. `journal_shortened` says that acknowledged events had to go
before their time. `consumer_removed` names receivers that are no longer configured and for whom
events are kept all the same; when a person has let one go, that is recorded.
`journal_held` stands while some program keeps reading, so that SQLite's log can only grow.
`receiver_ahead`: a receiver holds more than the journal ever gave, so the disk must have been lost.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from edge.domain.alarm_codes import AlarmCode
from edge.domain.events import GATE_SUBJECT, OPERATOR_ACTED, Event
from edge.gate.monitors.port import Alarms, Record
from edge.sync.journal.outbox import FORGOTTEN
from edge.sync.journal.port import Journal, KeptFor, Unrecorded
from edge.system.clock import Clock

STUCK = AlarmCode.JOURNAL_STUCK
DROPPED = AlarmCode.JOURNAL_DROPPED
SHORTENED = AlarmCode.JOURNAL_SHORTENED
REMOVED = AlarmCode.CONSUMER_REMOVED
AHEAD = AlarmCode.RECEIVER_AHEAD
HELD = AlarmCode.JOURNAL_HELD
LOG_LARGE = 64_000_000
"""Bytes of SQLite's log; without a reader that never ends it stays below 16 MB."""
REPORT_EVERY_S = 60.0
SHORTENED_EVERY_S = 86_400.0
REPORTED_KEY = "journal:told"
"""The state that says how many dropped events were told of, and how many before this alarm."""


class WatchedJournal(Journal, KeptFor, Protocol):
    def log_bytes(self) -> int: ...


class JournalMonitor:
    """See port.Monitor. `waiting`: how many commits wait for the journal; `configured`: the
    receivers of the configuration; `ahead`: those that hold more than the journal ever gave, with
    how much."""

    def __init__(
        self,
        journal: WatchedJournal,
        alarms: Alarms,
        record: Record,
        waiting: Callable[[], int],
        configured: Collection[str],
        clock: Clock,
        ahead: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._journal, self._alarms, self._record = journal, alarms, record
        self._waiting, self._configured = waiting, frozenset(configured)
        self._clock, self._ahead = clock, ahead
        reported = journal.state(REPORTED_KEY) or {}
        self._reported = Counter[str](reported.get("told", {}))
        self._before = Counter[str](reported.get("before", {}))
        self._reported_at = -REPORT_EVERY_S
        self._shortened = 0
        self._shortened_at = 0.0
        self._ahead_reported: dict[str, int] = {}
        self._ahead_reported_at = -REPORT_EVERY_S

    def check(self) -> None:
        losses = self._journal.losses()
        self._stuck()
        self._dropped(Counter(losses.dropped))
        self._shorter(losses.shortened)
        self._forgotten()
        self._removed()
        self._overtaken()
        self._held()

    def _held(self) -> None:
        log = self._journal.log_bytes()
        if log >= LOG_LARGE:
            self._alarms.raise_alarm(HELD, GATE_SUBJECT, {"mb": log // 1_000_000})
        elif log < LOG_LARGE // 2:
            self._alarms.clear_alarm(HELD, GATE_SUBJECT)

    def _stuck(self) -> None:
        waiting, fault = self._waiting(), self._journal.fault
        if fault:
            self._alarms.raise_alarm(STUCK, GATE_SUBJECT, {"why": fault})
        elif not waiting:
            self._alarms.clear_alarm(STUCK, GATE_SUBJECT)

    def _dropped(self, dropped: Counter[str]) -> None:
        if dropped == self._reported:
            return
        now = self._clock.now().mono
        standing = self._alarms.stands(DROPPED, GATE_SUBJECT)
        if standing and now - self._reported_at < REPORT_EVERY_S:
            return
        before = self._before if standing else self._reported
        more = dropped - before
        self._alarms.raise_alarm(
            DROPPED,
            GATE_SUBJECT,
            {"events": more.total(), "types": _listed(more)},
            more,
            states={REPORTED_KEY: {"told": dropped, "before": before}},
            again=True,
        )
        self._reported, self._before, self._reported_at = dropped, before, now

    def _shorter(self, shortened: int) -> None:
        now = self._clock.now().mono
        first = not self._shortened
        if shortened == self._shortened or (
            not first and now - self._shortened_at < SHORTENED_EVERY_S
        ):
            return
        params = {"events": shortened}
        self._alarms.raise_alarm(SHORTENED, GATE_SUBJECT, params, again=True)
        self._shortened, self._shortened_at = shortened, now

    def _removed(self) -> None:
        """Never by itself: a receiver may be missing from the file by mistake."""
        kept_for = self._journal.consumers()
        names = sorted(kept_for.keys() - self._configured)
        if not names:
            self._alarms.clear_alarm(REMOVED, GATE_SUBJECT)
            return
        last = self._journal.last_sequence()
        counts = {name: last - kept_for[name] for name in names}
        params = {"receivers": ", ".join(names)}
        self._alarms.raise_alarm(REMOVED, GATE_SUBJECT, params, counts, again=True)

    def _overtaken(self) -> None:
        """Numbers were lost and are being given again: what they number is not acknowledged."""
        ahead, now = dict(self._ahead()), self._clock.now().mono
        # Whoever may write at the broker can claim anything, and change it every moment.
        if ahead == self._ahead_reported or now - self._ahead_reported_at < REPORT_EVERY_S:
            return
        self._ahead_reported, self._ahead_reported_at = ahead, now
        if not ahead:
            self._alarms.clear_alarm(AHEAD, GATE_SUBJECT)
            return
        params = {"receivers": _listed(ahead)}
        self._alarms.raise_alarm(AHEAD, GATE_SUBJECT, params, ahead, again=True)

    def _forgotten(self) -> None:
        for key, note in self._journal.states_under(FORGOTTEN).items():
            if note.get("told"):
                continue
            data = {
                "user": note["user"],
                "action": "forget_consumer",
                "reason": note["reason"],
                "request": "",
                "data": {"consumer": key.removeprefix(FORGOTTEN), "through": note["through"]},
            }
            event = Event(OPERATOR_ACTED, GATE_SUBJECT, self._clock.now().wall, data)
            with contextlib.suppress(Unrecorded):
                self._record([event], {key: {**note, "told": True}})


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{type} {n}" for type, n in sorted(counts.items()))
