"""Keys of those who may sign commands: issuers' Ed25519 public keys, several valid at once,
revocable."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edge.domain.moment import iso
from edge.system.atomic_file import write_atomic
from edge.system.causes import Cause, cause

FILE = "issuers.json"
VALID_AT_ONCE = 2
"""Keys of one issuer: the old and the new one of a rotation."""


class KeyringError(Exception):
    """The keyring cannot be read or changed; the cause names file and cure."""

    def __init__(self, why: Cause) -> None:
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """`public`: base64 of 32 raw bytes. `revoked` is "" or the moment it was revoked."""

    key: str
    issuer: str
    public: str
    made: str
    revoked: str = ""


class Keyring:
    """The file is read at every check, so that a revocation counts at once."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE

    def all(self) -> list[IssuerKey]:
        try:
            return [IssuerKey(**row) for row in json.loads(self._file.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            raise KeyringError(cause("unreadable", file=self._file, error=error)) from None

    def find(self, issuer: str, key: str) -> IssuerKey | None:
        """The issuer's key of that name, revoked or not."""
        return next((k for k in self.all() if k.key == key and k.issuer == issuer), None)

    def valid(self, issuer: str) -> list[IssuerKey]:
        """The issuer's keys that are not revoked."""
        return [k for k in self.all() if k.issuer == issuer and not k.revoked]

    def make(self, issuer: str) -> tuple[IssuerKey, str]:
        """A new key; the second value is the private half (base64), kept nowhere here."""
        private = Ed25519PrivateKey.generate()
        public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
        return self._put(issuer, public), base64.b64encode(private.private_bytes_raw()).decode()

    def add(self, issuer: str, public: str) -> IssuerKey:
        """Takes up a key of which only the issuer has the private half."""
        try:
            raw = base64.b64decode(public, validate=True)
            Ed25519PublicKey.from_public_bytes(raw)
        except ValueError:
            raise KeyringError(cause("keys.public")) from None
        return self._put(issuer, public)

    def revoke(self, key: str) -> bool:
        """Whether there was such a key to revoke."""
        now = iso(datetime.now(UTC))
        keys = self.all()
        changed = [replace(k, revoked=k.revoked or now) if k.key == key else k for k in keys]
        if changed != keys:
            self._save(changed)
        return any(k.key == key for k in keys)

    def _put(self, issuer: str, public: str) -> IssuerKey:
        if len(self.valid(issuer)) >= VALID_AT_ONCE:
            raise KeyringError(cause("keys.most", issuer=issuer, most=VALID_AT_ONCE))
        key = IssuerKey(uuid.uuid4().hex[:12], issuer, public, iso(datetime.now(UTC)))
        self._save([*self.all(), key])
        return key

    def _save(self, keys: list[IssuerKey]) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps([asdict(k) for k in keys], indent=1)
            write_atomic(self._file, text.encode())
        except OSError as error:
            raise KeyringError(cause("unwritable", file=self._file, error=error)) from None
