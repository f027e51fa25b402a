"""A stream sealed with a passphrase: AES-256-GCM in chunks, the key by scrypt.

Each chunk's nonce is its number and whether it is the last, so that chunks can be neither swapped
nor cut off; the key belongs to one file, by its salt.
"""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

MAGIC = b"gate backup, sealed 1\n"
SALT = 16
CHUNK = 1 << 20
TAG = 16
SCRYPT = {"n": 2**15, "r": 8, "p": 1}


class NotOpened(Exception):
    """A sealed file that does not open: the wrong passphrase, or it was changed or cut."""


class Sealing(io.RawIOBase):
    """Writes to `out` what is written here; `close` writes the end and leaves `out` open."""

    def __init__(self, out: BinaryIO, passphrase: str) -> None:
        self._out, self._kept, self._count = out, bytearray(), 0
        self._head = MAGIC + os.urandom(SALT)
        self._cipher = _cipher(passphrase, self._head)
        out.write(self._head)

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        given = memoryview(data).tobytes()
        self._kept += given
        while len(self._kept) > CHUNK:
            self._put(bytes(self._kept[:CHUNK]), last=False)
            del self._kept[:CHUNK]
        return len(given)

    def close(self) -> None:
        if not self.closed:
            self._put(bytes(self._kept), last=True)
            super().close()

    def _put(self, chunk: bytes, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._count, last), chunk, self._head))
        self._count += 1


class Opening(io.RawIOBase):
    """Reads what was sealed into `source`, which stands behind MAGIC. Raises NotOpened."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        self._source, self._open, self._count = source, b"", 0
        head = MAGIC + source.read(SALT)
        self._head, self._cipher = head, _cipher(passphrase, head)
        self._next = source.read(CHUNK + TAG)

    def readable(self) -> bool:
        return True

    def readinto(self, into: WriteableBuffer) -> int:
        view = memoryview(into)
        if not self._open and self._next:
            chunk, self._next = self._next, self._source.read(CHUNK + TAG)
            try:
                nonce = _nonce(self._count, last=not self._next)
                self._open = self._cipher.decrypt(nonce, chunk, self._head)
            except InvalidTag:
                raise NotOpened("the passphrase is another, or the file is damaged") from None
            self._count += 1
        count = min(len(view), len(self._open))
        view[:count] = self._open[:count]
        self._open = self._open[count:]
        return count


def _cipher(passphrase: str, head: bytes) -> AESGCM:
    kdf = Scrypt(salt=head[len(MAGIC) :], length=32, **SCRYPT)
    return AESGCM(kdf.derive(passphrase.encode()))


def _nonce(count: int, last: bool) -> bytes:
    return count.to_bytes(8, "big") + bytes(3) + bytes([last])
