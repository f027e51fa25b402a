"""The gate's own Ed25519 key: signs each event, the chain's checkpoints, and answers."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edge.system.atomic_file import write_atomic
from edge.system.owner import give_to_owner

FILE = "gate.pem"


class UnusableKey(Exception):
    """The file of the gate's key holds none; the text names it and what to do."""


@dataclass(frozen=True, slots=True)
class GateKey:
    private: Ed25519PrivateKey

    @staticmethod
    def of(folder: Path) -> GateKey:
        """The key in the folder; made, readable by the service alone, if there is none. Raises
        OSError, UnusableKey."""
        file = folder / FILE
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            give_to_owner(folder, folder.parent)
            pem = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            write_atomic(file, pem, 0o600)
        return GateKey.kept(folder)

    @staticmethod
    def kept(folder: Path) -> GateKey:
        """The key in the folder, which must be there. Raises OSError, UnusableKey."""
        file = folder / FILE
        try:
            key = serialization.load_pem_private_key(file.read_bytes(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise UnusableKey(
                f"{file} is no Ed25519 key in PEM: put it back from a copy, or move it away; then "
                "a new one is made, and what the old one signed no longer verifies"
            )
        return GateKey(key)

    def sign(self, data: bytes) -> str:
        return base64.b64encode(self.private.sign(data)).decode()

    @property
    def public(self) -> str:
        """Base64 of the 32 raw bytes, for receivers."""
        return base64.b64encode(self.private.public_key().public_bytes_raw()).decode()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the 32 raw bytes in hex, by fours, to be read aloud and compared."""
        hex = hashlib.sha256(self.private.public_key().public_bytes_raw()).hexdigest()
        return " ".join(hex[n : n + 4] for n in range(0, len(hex), 4))


def verifies(public: str, data: bytes, signature: str) -> bool:
    """Whether the signature (base64) is of this data by the key (base64)."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public))
        key.verify(base64.b64decode(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True
