"""Who may sign commands: issuers' Ed25519 public keys, several valid at once, revocable."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.clock import iso

FILE = "issuers.json"


class KeyringError(Exception):
    """The keyring cannot be read or changed; the text names file and cure."""


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """`public`: base64 of 32 raw bytes. `revoked` is "" or the moment it was revoked."""

    key: str
    issuer: str
    public: str
    made: str
    revoked: str = ""


class Keyring:
    """The file is read anew for each look, so that a revocation counts at once."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE

    def all(self) -> list[IssuerKey]:
        try:
            return [IssuerKey(**row) for row in json.loads(self._file.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            raise KeyringError(f"{self._file}: cannot be read ({error}); restore it") from None

    def find(self, issuer: str, key: str) -> IssuerKey | None:
        """The key if it is known, the issuer's and not revoked."""
        return next(
            (k for k in self.all() if k.key == key and k.issuer == issuer and not k.revoked), None
        )

    def make(self, issuer: str) -> tuple[IssuerKey, str]:
        """A new key; the second value is the private half (base64), kept nowhere here."""
        private = Ed25519PrivateKey.generate()
        public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
        key = IssuerKey(uuid.uuid4().hex[:12], issuer, public, iso(datetime.now(UTC)))
        self._save([*self.all(), key])
        return key, base64.b64encode(private.private_bytes_raw()).decode()

    def revoke(self, key: str) -> bool:
        """Whether there was such a key to revoke."""
        now = iso(datetime.now(UTC))
        keys = self.all()
        changed = [
            IssuerKey(k.key, k.issuer, k.public, k.made, now) if k.key == key else k for k in keys
        ]
        self._save(changed)
        return changed != keys

    def _save(self, keys: list[IssuerKey]) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(".new")
            fresh.write_text(json.dumps([asdict(k) for k in keys], indent=1), encoding="utf-8")
            fresh.replace(self._file)
        except OSError as error:
            raise KeyringError(f"{self._file}: cannot be written ({error})") from None
