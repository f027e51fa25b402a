"""Tells people of data that is gone while the rest of the gate's is there: never a quiet new
beginning.

`data_lost` stands until a person acknowledges it, and comes again while something is still
missing. What was begun anew at the start (the journal, the gate's key) is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from edge.domain.alarm_codes import AlarmCode, Phrase
from edge.domain.events import GATE_SUBJECT, Event
from edge.gate.monitors.port import Alarms
from edge.system.causes import cause_of

CHECK_EVERY_S = 10.0
"""Files are read for it."""

HAD_USERS = "had_users"
"""State of the journal that says that this gate had users once. A new one may have none for long,
whatever it has recorded."""


class Kept(Protocol):
    """What of the journal is asked; sync.journal.SqliteJournal."""

    lost: tuple[Phrase, ...]

    def states_under(self, prefix: str) -> Mapping[str, Mapping[str, Any]]: ...


class Written(Kept, Protocol):
    def record(
        self, events: Sequence[Event], states: Mapping[str, Mapping[str, Any]] | None = None
    ) -> object: ...


class DataMonitor:
    """See port.Monitor. `users`, `issuers`: how many
    there are; each raises an exception whose text names file and cure where its file cannot be
    read. `commands`: the prefix of the journal's states that only an accepted command leaves."""

    def __init__(
        self,
        alarms: Alarms,
        journal: Written,
        users: Callable[[], int],
        issuers: Callable[[], int],
        commands: str,
    ) -> None:
        self._alarms, self._journal = alarms, journal
        self._users, self._issuers, self._commands = users, issuers, commands
        self._begun: list[str | Phrase] = list(journal.lost)
        self._noted = False

    def check(self) -> None:
        self._note_users()
        missing = [*self._begun, *self._missing()]
        self._begun.clear()
        if missing:
            params = {"missing": tuple(missing)}
            self._alarms.raise_alarm(AlarmCode.DATA_LOST, GATE_SUBJECT, params, again=True)

    def _missing(self) -> Iterable[str | Phrase]:
        if lost := users_lost(self._users, self._journal):
            yield lost
        try:
            used = not self._issuers() and self._journal.states_under(self._commands)
        except Exception as error:
            yield cause_of(error)
        else:
            if used:
                yield Phrase("data_lost.issuers")

    def _note_users(self) -> None:
        with suppress(Exception):  # what cannot be read is told as missing
            if not self._noted and (self._journal.lost or self._users()):
                if not self._journal.states_under(HAD_USERS):
                    self._journal.record((), {HAD_USERS: {}})
                self._noted = True


def users_lost(users: Callable[[], int], journal: Kept) -> str | Phrase:
    """What is wrong with the console's users, or "". A gate that never had any may have none."""
    try:
        if users() or not (journal.states_under(HAD_USERS) or journal.lost):
            return ""
    except Exception as error:
        return cause_of(error)
    return Phrase("data_lost.users")
