"""Commands from customs or the platform, as the rest of the gate sees them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge.domain.commands import Seen


class Refusal(StrEnum):
    """Why a command is not taken; `why` of its answer. The guard's own refusals are plain text."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    WRONG_GATE = "wrong_gate"
    WRONG_LANE = "wrong_lane"
    UNKNOWN_ACTION = "unknown_action"
    NOT_PERMITTED = "not_permitted"
    UNKNOWN_KEY = "unknown_key"
    REVOKED_KEY = "revoked_key"
    BAD_SIGNATURE = "bad_signature"
    KEYS_UNREADABLE = "keys_unreadable"
    EXPIRED = "expired"
    POST_DATED = "post_dated"
    VALID_TOO_LONG = "valid_too_long"
    REPLAYED = "replayed"
    ID_REUSED = "id_reused"
    RETAINED = "retained"
    CHANGED_MEANWHILE = "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class RemoteCommand:
    """A command that passed every check of its envelope (signature, expiry, replay, permission)."""

    id: str
    lane: str
    action: str
    reason: str
    issuer: str
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class RefusedCommand:
    """A command that did not; one audit event each. `raw_id` as far as it could be read."""

    raw_id: str
    lane: str
    issuer: str
    why: Refusal
