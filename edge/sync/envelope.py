"""PURE. Commands from outside: signed envelopes, checked one reason at a time.

Ed25519 over the RFC 8785 canonical JSON of the envelope without `signature`. Refused: retained
messages, another gate's or lane's, expired or post-dated ones, an issuer, key or action that is not
allowed, and a counter that is not above the issuer's last.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from edge.commands import REMOTE_ACTIONS
from edge.config import Settings
from edge.sync.keyring import IssuerKey
from edge.sync.port import RefusedCommand, RemoteCommand
from edge.sync.signing import verifies

SKEW = timedelta(seconds=30)
"""How far the issuer's clock may be ahead of ours."""

LARGEST = 8192


class Envelope(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=80)
    gate: str
    lane: str
    action: str
    reason: str = Field(max_length=500)
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    issuer: str
    counter: int = Field(ge=0)
    key: str
    signature: str


@dataclass(frozen=True, slots=True)
class Accepted:
    command: RemoteCommand
    counter: int
    expires_at: datetime


def check(
    payload: bytes,
    retained: bool,
    settings: Settings,
    find_key: Callable[[str, str], IssuerKey | None],
    last_counter: Callable[[str], int],
    now: datetime,
) -> Accepted | RefusedCommand:
    """The command, or why not."""
    try:
        raw = json.loads(payload[: LARGEST + 1])
        envelope = Envelope.model_validate(raw)
    except (ValueError, ValidationError):
        return RefusedCommand(_text(payload, "id"), _text(payload, "lane"), "", "malformed")

    def refused(why: str) -> RefusedCommand:
        return RefusedCommand(envelope.id, envelope.lane, envelope.issuer, why)

    if retained:
        return refused("retained")
    if envelope.gate != settings.gate:
        return refused("wrong_gate")
    if envelope.lane not in settings.lanes:
        return refused("wrong_lane")
    key = find_key(envelope.issuer, envelope.key)
    if key is None:
        return refused("unknown_key")
    if not verifies(key.public, signed_part(raw), envelope.signature):
        return refused("bad_signature")
    if envelope.action not in REMOTE_ACTIONS:
        return refused("unknown_action")
    rights = next((i for i in settings.issuers if i.name == envelope.issuer), None)
    if rights is None or envelope.action not in rights.actions:
        return refused("not_permitted")
    if rights.lanes and envelope.lane not in rights.lanes:
        return refused("not_permitted")
    if envelope.issued_at > now + SKEW:
        return refused("post_dated")
    if envelope.expires_at <= now or envelope.expires_at <= envelope.issued_at:
        return refused("expired")
    if envelope.counter <= last_counter(envelope.issuer):
        return refused("replayed")
    command = RemoteCommand(
        envelope.id, envelope.lane, envelope.action, envelope.reason, envelope.issuer
    )
    return Accepted(command, envelope.counter, envelope.expires_at)


def signed_part(body: dict[str, Any]) -> bytes:
    """What the signature is made over."""
    return rfc8785.dumps({k: v for k, v in body.items() if k != "signature"})


def sign(body: dict[str, Any], private: str) -> dict[str, Any]:
    """The envelope with its signature; `private` base64 as `gate keys new` printed it."""
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(private))
    return {**body, "signature": base64.b64encode(key.sign(signed_part(body))).decode()}


def _text(payload: bytes, name: str) -> str:
    """A field of a broken envelope, as far as it can be read."""
    try:
        return str(json.loads(payload)[name])[:80]
    except (ValueError, KeyError, TypeError):
        return ""
