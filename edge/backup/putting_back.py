"""A backup becomes the gate of this computer: all is unpacked and checked before anything is
replaced, and what was there is kept beside it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from edge.backup.archive import BadBackup, Progress, read_first, unpack
from edge.backup.contents import CONFIG, JOURNAL
from edge.config import ConfigError, load
from edge.sync.journal import occupied
from edge.sync.journal.journal import FILE
from edge.sync.journal.restoring import AFTERWARDS
from edge.sync.journal.restoring import restore as put_journal_back
from edge.system.atomic_file import write_atomic
from edge.system.owner import give_to_owner

HIGHWATER = "highwater"
"""Its number is this computer's own; the journal's restoring takes it into account."""


STAGED = ".restore-"


def put_back(
    source: Path, config: Path, passphrase: str, reported: Progress = lambda done, of: None
) -> tuple[dict[str, Any], list[str]]:
    """The manifest, and what a person must know. Raises BadBackup, Occupied, OSError."""
    manifest, text = read_first(source, passphrase)
    if not manifest["members"] or manifest["members"][0]["name"] != CONFIG:
        raise BadBackup(f"{source} holds no configuration")
    here = _of_this_gate(config, manifest) if config.exists() else text
    folder = _data_folder(here, config)
    folder.mkdir(parents=True, exist_ok=True)
    with occupied.Alone(folder):
        give_to_owner(folder / occupied.FILE, folder)
        for left in folder.glob(f"{STAGED}*"):
            # Of a restoring that was killed; nobody else works here now.
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=STAGED, dir=folder) as name:
            staged = Path(name)
            _has_room(folder, sum(m["size"] for m in manifest["members"]))
            unpack(source, passphrase, staged, reported)
            _check(staged / JOURNAL, source)
            words = [*_configuration(text, config), *_named(manifest, staged, config, folder)]
            words += _data(manifest, staged, folder)
            kept = put_journal_back(staged / JOURNAL, folder / FILE, take=True)
        words.append(AFTERWARDS)
        if kept is not None:
            words.append(f"the journal that was there is kept as {kept}")
        for file in folder.glob("journal*"):
            give_to_owner(file, folder)
    if folder.stat().st_uid == 0:
        words.append(
            f"to be done: {folder} belongs to root; give it to the service's user: "
            f"chown -R gate:gate {folder}"
        )
    try:
        load(config)
    except ConfigError as error:
        words += [f"to be done: {problem}" for problem in error.problems]
    return manifest, words


def _of_this_gate(config: Path, manifest: dict[str, Any]) -> bytes:
    """The configuration that is here, if it is that gate's. Raises BadBackup."""
    text = config.read_bytes()
    here, there = _read(text, config), (manifest.get("site"), manifest.get("gate"))
    if (here.get("site"), here.get("gate")) != there:
        raise BadBackup(
            f"the backup is of gate {there[1]!r} at {there[0]!r}, and {config} is of another; move "
            "it away, or name another --config"
        )
    return text


def _read(text: bytes, config: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text.decode("utf-8-sig"))
    except ValueError as error:
        raise BadBackup(f"{config}: not valid TOML: {error}") from None


def _data_folder(text: bytes, config: Path) -> Path:
    return config.resolve().parent / str(_read(text, config).get("data_folder", "data"))


def _has_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(
            f"{needed / 1e6:.0f} MB are needed in {folder}, and {free / 1e6:.0f} MB are free"
        )


def _check(journal: Path, source: Path) -> None:
    """Raises BadBackup."""
    if not journal.exists():
        raise BadBackup(f"{source} holds no journal")
    try:
        with closing(sqlite3.connect(journal)) as db:
            (answer,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        answer = str(error)
    if answer != "ok":
        raise BadBackup(f"{source}: its journal is damaged: {answer}")


def _configuration(text: bytes, config: Path) -> Iterator[str]:
    if not config.exists():
        config.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(config, text)
        yield f"{config} is the backup's configuration; see whether cameras and wires are the same"
    elif config.read_bytes() != text:
        beside = config.with_name(f"{config.name}.from-backup")
        write_atomic(beside, text)
        yield f"{config} stays as it is; the backup's is {beside}"


def _named(manifest: dict[str, Any], staged: Path, config: Path, folder: Path) -> Iterator[str]:
    """Files that the configuration names, where they lack. Never outside of its folder: a backup
    must not write anywhere else."""
    root = config.resolve().parent
    for member in manifest["members"]:
        if not member["name"].startswith("files/"):
            continue
        place = (root / str(member["place"])).resolve()
        if not place.is_relative_to(root):
            given = root / "from-backup" / place.name
            yield f"{place} is put as {given}: move it to its place"
            place = given
        if place.exists():
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(place, (staged / member["name"]).read_bytes(), 0o600)
        place.chmod(member["mode"] & 0o755)
        give_to_owner(place, folder)


def _data(manifest: dict[str, Any], staged: Path, folder: Path) -> Iterator[str]:
    """Users, keys, assignments and whatever else lay in the data folder."""
    for member in manifest["members"]:
        name = member["name"].removeprefix("data/")
        if member["name"] in (JOURNAL, f"data/{HIGHWATER}") or name == member["name"]:
            continue
        place, data = folder / name, (staged / member["name"]).read_bytes()
        if not place.parent.resolve().is_relative_to(folder.resolve()):
            # The folder is the service's; root must not be led out of it.
            raise OSError(f"{place.parent} is a link to {place.parent.resolve()}: move it away")
        if not place.parent.exists():
            place.parent.mkdir(parents=True)
            give_to_owner(place.parent, folder)
        if place.exists() and place.read_bytes() != data:
            kept = _kept(place)
            place.replace(kept)
            yield f"{place} that was there is kept as {kept.name}"
        for part in ("-wal", "-shm"):
            # What a database wrote aside belongs to the one that was there.
            place.with_name(place.name + part).unlink(missing_ok=True)
        write_atomic(place, data, member["mode"] & 0o755)
        give_to_owner(place, folder)


def _kept(place: Path) -> Path:
    number = 1
    while (kept := place.with_name(f"{place.name}.before-restore-{number}")).exists():
        number += 1
    return kept
