"""The file of a backup: a manifest, then the members, each with its size and hash."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from edge.backup.sealing import MAGIC, NotOpened, Opening, Sealing

FORMAT = 1
MANIFEST = "manifest.json"
MOST_MANIFEST = 4_000_000
MOST_MEMBERS = 2000
NAME = re.compile(r"^(config|files|data)(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,120}){1,3}$")
BLOCK = 1 << 20


class BadBackup(Exception):
    """No backup of a gate, or one that is damaged, cut, newer or sealed with another passphrase."""


@dataclass(frozen=True, slots=True)
class Member:
    """`name` in the archive; `source`: its bytes, or the file that has them; `mode` of the file;
    `place`: where a file that the configuration names belongs, relative to the configuration's
    folder or absolute."""

    name: str
    source: bytes | Path
    mode: int = 0o600
    place: str = ""


Progress = Callable[[int, int], None]
"""Bytes done and of how many."""


def write_archive(
    target: Path,
    about: dict[str, Any],
    members: Sequence[Member],
    passphrase: str,
    reported: Progress = lambda done, of: None,
) -> None:
    """`passphrase` "": not sealed. Raises OSError."""
    measured = [_measured(m.source) for m in members]
    listed = [
        {"name": m.name, "mode": m.mode, "place": m.place, "size": size, "sha256": digest}
        for m, (size, digest) in zip(members, measured, strict=True)
    ]
    whole = sum(size for size, _ in measured)
    manifest = json.dumps({**about, "format": FORMAT, "members": listed}).encode()
    with target.open("wb") as file:
        sealed = Sealing(file, passphrase) if passphrase else None
        under = cast(BinaryIO, sealed or file)
        with (
            gzip.GzipFile(fileobj=under, mode="wb", compresslevel=1) as packed,
            tarfile.open(fileobj=packed, mode="w|") as tar,
        ):
            _add(tar, MANIFEST, io.BytesIO(manifest), len(manifest))
            done = 0
            for member, (size, _) in zip(members, measured, strict=True):
                with _opened(member.source) as source:
                    _add(tar, member.name, _Counted(source, done, whole, reported), size)
                done += size
        if sealed is not None:
            sealed.close()


def is_sealed(source: Path) -> bool:
    """Whether a passphrase is needed. Raises OSError."""
    with source.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_first(source: Path, passphrase: str) -> tuple[dict[str, Any], bytes]:
    """The backup's manifest, its first member. Raises BadBackup, OSError."""
    with _unpacking(source, passphrase) as (tar, manifest, _):
        first: dict[str, Any] = (
            manifest["members"][0] if manifest["members"] else {"name": "", "size": 0}
        )
        if first["size"] > MOST_MANIFEST:
            raise ValueError(f"{first['name']} is too large")
        taken = tar.extractfile(_next(tar, first))
        assert taken is not None
        return manifest, taken.read()


def unpack(
    source: Path, passphrase: str, folder: Path, reported: Progress = lambda done, of: None
) -> None:
    """Every member under its name into the folder, each checked. Raises BadBackup, OSError."""
    with _unpacking(source, passphrase) as (tar, manifest, packed):
        _members(tar, manifest, folder, reported)
        while packed.read(BLOCK):
            pass  # to the end, where a file that was cut shows


@contextmanager
def _unpacking(
    source: Path, passphrase: str
) -> Iterator[tuple[tarfile.TarFile, dict[str, Any], gzip.GzipFile]]:
    """The archive behind its manifest. Errors in reading it become BadBackup."""
    try:
        with source.open("rb") as file:
            sealed = file.read(len(MAGIC)) == MAGIC
            if not sealed:
                file.seek(0)
            under = io.BufferedReader(Opening(file, passphrase), BLOCK) if sealed else file
            with gzip.open(under, "rb") as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
                yield tar, _manifest(tar), packed
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
        raise BadBackup(f"{source} is no backup of a gate, or it is damaged: {error}") from None
    except NotOpened as error:
        raise BadBackup(f"{source}: {error}") from None


def _manifest(tar: tarfile.TarFile) -> dict[str, Any]:
    info = tar.next()
    taken = tar.extractfile(info) if info is not None else None
    if info is None or info.name != MANIFEST or taken is None or info.size > MOST_MANIFEST:
        raise ValueError("it does not begin with a manifest")
    manifest = json.loads(taken.read())
    if not isinstance(manifest, dict) or not isinstance(manifest.get("members"), list):
        raise ValueError("its manifest is none")
    if manifest.get("format") != FORMAT:
        raise ValueError(f"its format {manifest.get('format')!r} is not known; update the gate")
    for member in manifest["members"]:
        if not isinstance(member, dict) or not NAME.match(str(member.get("name"))):
            raise ValueError("a member has a name that none may have")
        for key in ("size", "mode"):
            if type(member.get(key)) is not int or member[key] < 0:
                raise ValueError(f"{member['name']}: {key} is no number")
    if len(manifest["members"]) > MOST_MEMBERS:
        raise ValueError("it has too many members")
    return manifest


def _members(
    tar: tarfile.TarFile, manifest: dict[str, Any], folder: Path, reported: Progress
) -> None:
    whole, done = sum(m["size"] for m in manifest["members"]), 0
    for member in manifest["members"]:
        name = str(member["name"])
        taken = tar.extractfile(_next(tar, member))
        assert taken is not None
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with (folder / name).open("xb") as out:
            while block := taken.read(BLOCK):
                digest.update(block)
                out.write(block)
                done += len(block)
                reported(done, whole)
        if digest.hexdigest() != member.get("sha256"):
            raise ValueError(f"{name} is damaged")


def _next(tar: tarfile.TarFile, member: dict[str, Any]) -> tarfile.TarInfo:
    """The next one, which must be this plain file. Raises ValueError."""
    info = tar.next()
    if (
        info is None
        or not info.isreg()
        or (info.name, info.size) != (member["name"], member["size"])
    ):
        raise ValueError(f"{member['name']} is missing")
    return info


class _Counted(io.RawIOBase):
    """Reads from `source` and reports progress."""

    def __init__(self, source: BinaryIO, before: int, whole: int, reported: Progress) -> None:
        self._source, self._done, self._whole, self._reported = source, before, whole, reported

    def read(self, size: int = -1) -> bytes:
        block = self._source.read(size)
        self._done += len(block)
        self._reported(self._done, self._whole)
        return block


def _add(tar: tarfile.TarFile, name: str, source: Any, size: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    tar.addfile(info, source)


def _opened(source: bytes | Path) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _measured(source: bytes | Path) -> tuple[int, str]:
    """Size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    with _opened(source) as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()
