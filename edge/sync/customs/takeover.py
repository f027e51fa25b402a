"""PURE. Why a broker ends this gate's connections: another client with its id, or what it writes.

A broker ends the older of two connections with one client id. MQTT 5 says so (reason 0x8E); of
3.1.1 only the pattern tells: each connection is ended a little after it stood. A broker that closes
a connection because the gate writes what it may not looks alike, but does so only after the gate
has written. So after two short connections the gate listens for a while before it says anything:
one that is ended meanwhile was taken over.
"""

from __future__ import annotations

SHORT_S = 30.0
"""A connection that was ended within so long counts as short."""

LISTEN_S = 3.0
"""So long nothing is said over a connection after short ones."""

LISTEN_AFTER, LIKELY_AFTER = 2, 3
"""Short connections, one after the other, after which the gate listens first, and after which a
second client is the likely cause although it was not caught in the act."""

CAUGHT_AFTER = 2
"""Connections ended while the gate had said nothing; one may be a broker's restart."""

PROMPT_S = 1.5
"""A broker that closes for what was written does so within this time."""

TAKEN_OVER = (
    "another client uses this gate's MQTT client id {id} and takes its connection over; one "
    "service alone may speak for a gate: stop the other one, or give it a gate name of its own"
)
LIKELY = (
    "the broker ends each connection soon after it stood; does another client use this gate's MQTT "
    "client id {id}, or does the broker restart again and again?"
)
IN_VAIN = "no event was acknowledged over it: may this gate write events there (the broker's ACL)?"
"""Mosquitto 2.0 says success to a 3.1.1 client that writes what it may not, drops the event, and
closes the connection."""


class Takeover:
    """What the ends of the connections so far tell. `why`: the cause, or "" where none is seen;
    `caught`: it is a second client, for sure."""

    def __init__(self, client_id: str) -> None:
        self._id = client_id
        self._short = self._silent = 0
        self.caught = False
        self.why = ""

    @property
    def listen_s(self) -> float:
        """How long the next connection is only listened to."""
        return LISTEN_S if self._short >= LISTEN_AFTER else 0.0

    def ended(self, stood_s: float, spoken: bool, in_vain_s: float | None, said: bool) -> None:
        """A connection stood and was then lost. `spoken`: the gate had written to it; `in_vain_s`:
        events were, so long before, and none was acknowledged; `said`: the broker named the
        takeover itself."""
        short = stood_s < SHORT_S
        self._short = self._short + 1 if short else 0
        self._silent = (self._silent + (not spoken)) if short else 0
        self.caught = said or (short and (self.caught or self._silent >= CAUGHT_AFTER))
        if self.caught:
            self.why = TAKEN_OVER.format(id=self._id)
        elif in_vain_s is not None and in_vain_s < PROMPT_S:
            self.why = IN_VAIN
        else:
            self.why = LIKELY.format(id=self._id) if self._short >= LIKELY_AFTER else ""

    def stands(self, stood_s: float) -> None:
        """The connection of now has stood so long."""
        if stood_s >= SHORT_S:
            self.no_connection()

    def no_connection(self) -> None:
        """It is the broker or the way there."""
        self._short, self._silent, self.caught, self.why = 0, 0, False, ""
