"""PURE. Commands from outside: signed envelopes, checked one reason at a time.

Ed25519 over the RFC 8785 canonical JSON of the envelope without `signature`. Refused: retained
messages, another gate's or lane's, expired, post-dated or overlong ones, an issuer, key or action
that is not allowed, an id that was already used (for the same or for something else), and a counter
that is not above the issuer's last. Nothing that a stranger writes reaches a topic: an id is
letters, digits, `.`, `_` and `-` only.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from edge.config import Settings
from edge.domain.commands import REMOTE_ACTIONS, Seen
from edge.domain.strict_json import strict_json
from edge.sync.customs.keyring import IssuerKey
from edge.sync.customs.port import Refusal, RefusedCommand, RemoteCommand
from edge.sync.journal.chain import LARGEST_INTEGER
from edge.sync.journal.signing import verifies

SKEW = timedelta(seconds=30)
"""How far the issuer's clock may be ahead of ours."""

LONGEST = timedelta(minutes=10)
"""The most between `issued_at` and `expires_at`: a late "open" is worse than none."""

LARGEST = 8192
"""Bytes of an envelope."""

ID = r"^[A-Za-z0-9._-]{1,80}$"
UNSIGNED = frozenset(
    {
        Refusal.MALFORMED,
        Refusal.TOO_LARGE,
        Refusal.WRONG_GATE,
        Refusal.UNKNOWN_KEY,
        Refusal.REVOKED_KEY,
        Refusal.BAD_SIGNATURE,
    }
)
"""Refusals of envelopes of which nobody knows who wrote them."""


class SeenPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    passage: str = Field(max_length=80)
    version: int | None = Field(None, ge=0, le=LARGEST_INTEGER)


class Envelope(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str = Field(pattern=ID)
    gate: str = Field(max_length=80)
    lane: str = Field(max_length=80)
    action: str = Field(max_length=80)
    reason: str = Field(max_length=500, pattern=r"\S")
    seen: SeenPart | None = None
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    issuer: str = Field(max_length=80)
    counter: int = Field(ge=0, le=LARGEST_INTEGER)
    key: str = Field(max_length=80)
    signature: str = Field(max_length=200)

    @field_validator("seen", mode="before")
    @classmethod
    def _no_null(cls, given: object) -> object:
        """Whoever sends null meant to name a vehicle: that is not whoever stands there."""
        if given is None:
            raise ValueError("null")
        return given


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
    used: Callable[[str], Mapping[str, Any] | None],
    now: datetime,
) -> Accepted | RefusedCommand:
    """The command, or why not. `used`: what was accepted under an id, if anything."""
    if len(payload) > LARGEST:
        return RefusedCommand("", "", "", Refusal.TOO_LARGE)
    try:
        # What is signed is what was written, not what pydantic made of it.
        signed = signed_part(strict_json(payload, LARGEST))
        envelope = Envelope.model_validate_json(payload)
    except (ValueError, ValidationError, AttributeError, RecursionError):
        return RefusedCommand(_text(payload, "id"), _text(payload, "lane"), "", Refusal.MALFORMED)

    def refused(why: Refusal) -> RefusedCommand:
        return RefusedCommand(envelope.id, envelope.lane, envelope.issuer, why)

    if envelope.gate not in (settings.gate, f"/{settings.site}/{settings.gate}"):
        return refused(Refusal.WRONG_GATE)
    key = find_key(envelope.issuer, envelope.key)
    if key is None:
        return refused(Refusal.UNKNOWN_KEY)
    if key.revoked:
        return refused(Refusal.REVOKED_KEY)
    if not verifies(key.public, signed, envelope.signature):
        return refused(Refusal.BAD_SIGNATURE)
    if retained:
        return refused(Refusal.RETAINED)
    if (first := used(envelope.id)) is not None:
        return refused(Refusal.REPLAYED if _same(first, envelope) else Refusal.ID_REUSED)
    if envelope.lane not in settings.lanes:
        return refused(Refusal.WRONG_LANE)
    if envelope.action not in REMOTE_ACTIONS:
        return refused(Refusal.UNKNOWN_ACTION)
    named = [i for i in settings.issuers if i.name == envelope.issuer]
    # Of one that is configured twice nobody knows what it may.
    rights = named[0] if len(named) == 1 else None
    if rights is None or envelope.action not in rights.actions:
        return refused(Refusal.NOT_PERMITTED)
    if rights.lanes and envelope.lane not in rights.lanes:
        return refused(Refusal.NOT_PERMITTED)
    if envelope.issued_at > now + SKEW:
        return refused(Refusal.POST_DATED)
    if envelope.expires_at <= now or envelope.expires_at <= envelope.issued_at:
        return refused(Refusal.EXPIRED)
    if envelope.expires_at - envelope.issued_at > LONGEST:
        return refused(Refusal.VALID_TOO_LONG)
    if envelope.counter <= last_counter(envelope.issuer):
        return refused(Refusal.REPLAYED)
    part = envelope.seen
    seen = Seen(part.passage, part.version) if part else None
    command = RemoteCommand(
        envelope.id, envelope.lane, envelope.action, envelope.reason, envelope.issuer, seen
    )
    return Accepted(command, envelope.counter, envelope.expires_at)


def _same(first: Mapping[str, Any], envelope: Envelope) -> bool:
    """Whether it is the command that was accepted under its id, sent again; it may be signed anew.
    What was kept before reasons were has none."""
    names = ("issuer", "lane", "action", "reason")
    return all(
        first.get(name, getattr(envelope, name)) == getattr(envelope, name) for name in names
    )


def signed_part(body: dict[str, Any]) -> bytes:
    """The bytes over which the signature is made. Raises ValueError for values that canonical JSON
    cannot hold."""
    return rfc8785.dumps({k: v for k, v in body.items() if k != "signature"})


def sign(body: dict[str, Any], private: str) -> dict[str, Any]:
    """The envelope with its signature; `private` base64 as `gate keys new` printed it. Raises
    ValueError where that is no Ed25519 key."""
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(private))
    return {**body, "signature": base64.b64encode(key.sign(signed_part(body))).decode()}


def _text(payload: bytes, name: str) -> str:
    """A field of a broken envelope, as far as it can be read and is fit to be written down."""
    try:
        text = strict_json(payload, LARGEST)[name]
    except (ValueError, KeyError, TypeError):
        return ""
    return text if isinstance(text, str) and re.fullmatch(ID, text) else ""
