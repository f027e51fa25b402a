"""PURE. Why a broker ends this gate's connections: another client with its id, or what it writes.

A broker ends the older of two connections with one client id. MQTT 5 names this reason (0x8E); with
3.1.1 only the pattern shows it: each connection ends a little after it was made. A broker that
closes a connection because the gate may not write there behaves alike, but only after the gate has
written. So after two short connections the gate waits before it writes: a connection that ends
during this time was taken over.
"""

from __future__ import annotations

from edge.system.causes import cause

SHORT_S = 30.0
"""Seconds under which a connection counts as short."""

LISTEN_S = 3.0
"""Seconds without writing on a connection that follows short ones."""

LISTEN_AFTER, LIKELY_AFTER = 2, 3
"""Short connections, one after the other, after which the gate listens first, and after which a
second client is the likely cause although it was not caught in the act."""

CAUGHT_AFTER = 2
"""Number of connections that ended before the gate had written; a single one may be a restart of
the broker."""

PROMPT_S = 1.5
"""A broker that closes for what was written does so within this time."""

IN_VAIN = cause("customs.in_vain")
"""Mosquitto 2.0 reports success to a 3.1.1 client that writes without permission, drops the event,
and closes the connection."""


class Takeover:
    """Draws the cause from how connections have ended. `why`: the cause, or "" where none is seen;
    `caught`: a second client is certain."""

    def __init__(self, client_id: str) -> None:
        self._id = client_id
        self._short = self._silent = 0
        self.caught = False
        self.why: str = ""

    @property
    def listen_s(self) -> float:
        """How long the next connection is only listened to."""
        return LISTEN_S if self._short >= LISTEN_AFTER else 0.0

    def ended(self, stood_s: float, spoken: bool, in_vain_s: float | None, said: bool) -> None:
        """A connection was lost after it had stood. `spoken`: the gate had written to it.
        `in_vain_s`: seconds since the first event was sent, where none was acknowledged. `said`:
        the broker reported the takeover itself."""
        short = stood_s < SHORT_S
        self._short = self._short + 1 if short else 0
        self._silent = (self._silent + (not spoken)) if short else 0
        self.caught = said or (short and (self.caught or self._silent >= CAUGHT_AFTER))
        if self.caught:
            self.why = cause("customs.taken_over", id=self._id)
        elif in_vain_s is not None and in_vain_s < PROMPT_S:
            self.why = IN_VAIN
        else:
            self.why = cause("customs.likely", id=self._id) if self._short >= LIKELY_AFTER else ""

    def stands(self, stood_s: float) -> None:
        """The present connection has stood for this many seconds."""
        if stood_s >= SHORT_S:
            self.no_connection()

    def no_connection(self) -> None:
        """It is the broker or the way there."""
        self._short, self._silent, self.caught, self.why = 0, 0, False, ""
