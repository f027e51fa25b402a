"""Tells people of a receiver that acknowledges nothing although events wait for it.

`gate_id_taken`: a second client speaks as this gate, and both lose the connection again and again.
`receiver_silent` stands until each receiver acknowledges again or has everything. Its text names
the likely cause: no connection, the broker's own refusal, or, where the broker takes the events
without a word, the receiver or an access rule (Mosquitto's `acl_file` tells nobody that a receiver
may not read).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from edge.domain.alarm_codes import AlarmCode, Param, Phrase
from edge.domain.events import GATE_SUBJECT
from edge.gate.monitors.port import Alarms
from edge.sync.port import LinkStatus
from edge.system.clock import Clock

SILENT = AlarmCode.RECEIVER_SILENT
RIVAL = AlarmCode.GATE_ID_TAKEN


class Receivers(Protocol):
    """How far they are; sync.positions.Positions."""

    @property
    def ahead(self) -> Mapping[str, int]: ...

    def names(self) -> Sequence[str]: ...

    def of(self, consumer: str) -> int: ...


class WatchedRelay(Protocol):
    @property
    def positions(self) -> Receivers: ...

    @property
    def rival(self) -> str:
        """The MQTT client id that a second client uses too, or ""."""

    def status(self) -> LinkStatus: ...


class ReceiverMonitor:
    """See port.Monitor. `last`: the number of the last event; `silent_s`: how long a receiver may
    say nothing."""

    def __init__(
        self,
        alarms: Alarms,
        relay: WatchedRelay,
        last: Callable[[], int],
        clock: Clock,
        silent_s: float,
    ) -> None:
        self._alarms, self._relay, self._last, self._clock = alarms, relay, last, clock
        self._silent_s = silent_s
        self._had: dict[str, int] = {}
        self._since: dict[str, float] = {}
        self._reported: tuple[object, ...] = ()
        self._reported_at = 0.0

    def check(self) -> None:
        self._rival()
        silent = self._silent()
        if not silent:
            self._reported = ()
            self._alarms.clear_alarm(SILENT, GATE_SUBJECT)
            return
        status, now = self._relay.status(), self._clock.now().mono
        # The words of a lost connection change with each try, and it may come and go.
        news = (*sorted(silent), status.connected, bool(status.why))
        if self._reported and (news == self._reported or now - self._reported_at < self._silent_s):
            return
        self._reported, self._reported_at = news, now
        params: dict[str, Param] = {
            "receivers": ", ".join(sorted(silent)),
            "seconds": self._silent_s,
            "why": _cause(status),
        }
        self._alarms.raise_alarm(SILENT, GATE_SUBJECT, params, silent, again=True)

    def _rival(self) -> None:
        """Over once a connection has stood."""
        if rival := self._relay.rival:
            self._alarms.raise_alarm(RIVAL, GATE_SUBJECT, {"client": rival})
        else:
            self._alarms.clear_alarm(RIVAL, GATE_SUBJECT)

    def _silent(self) -> dict[str, int]:
        """Who has said nothing for too long, and how many events wait for it. One that is ahead is
        told of elsewhere."""
        now, positions = self._clock.now().mono, self._relay.positions
        last = self._last()
        silent = {}
        for name in positions.names():
            has = positions.of(name)
            if has >= last or has != self._had.get(name) or name in positions.ahead:
                self._since[name] = now
            self._had[name] = has
            if now - self._since[name] >= self._silent_s:
                silent[name] = last - has
        return silent


def _cause(status: LinkStatus) -> Param:
    if not status.connected:
        return Phrase("term.no_connection", {"why": status.why})
    return status.why or Phrase("term.without_a_word")
