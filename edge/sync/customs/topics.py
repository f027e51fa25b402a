"""The gate's topics and client id at the broker, and its own status messages."""

from __future__ import annotations

import json

from edge import __version__
from edge.domain.moment import iso
from edge.sync.journal.journal import SqliteJournal
from edge.system.clock import Clock

OFFLINE = "offline"


def base_of(site: str, gate: str) -> str:
    """The common beginning of the gate's topics."""
    return f"bordergate/v1/{site}/{gate}"


def client_id_of(base: str) -> str:
    """The one MQTT client id of a gate: a broker disconnects the first of two clients with one
    id."""
    return f"gate-{base.replace('/', '-')}"


def birth(journal: SqliteJournal, clock: Clock) -> bytes:
    """The retained message on `.../status` while the service speaks for the gate."""
    return json.dumps(
        {
            "state": "online",
            "version": __version__,
            "protocol": "bordergate/v1",
            "last_sequence": journal.last_sequence(),
            "public_key": journal.key.public,
            "time": iso(clock.now().wall),
        }
    ).encode()


def offline() -> bytes:
    """The retained message on `.../status` while no service speaks for the gate; also its will."""
    return json.dumps({"state": OFFLINE, "version": __version__}).encode()
