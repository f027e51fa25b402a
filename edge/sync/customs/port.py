"""Commands from customs or the platform, as the rest of the gate sees them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RemoteCommand:
    """A command that passed every check of its envelope (signature, expiry, replay, permission)."""

    id: str
    lane: str
    action: str
    reason: str
    issuer: str


@dataclass(frozen=True, slots=True)
class RefusedCommand:
    """A command that did not; one audit event each. `raw_id` as far as it could be read."""

    raw_id: str
    lane: str
    issuer: str
    why: str
