"""The files of a gate: its configuration, the files that this names, and its data folder."""

from __future__ import annotations

import logging
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from edge.backup.archive import Member
from edge.config import Settings
from edge.sync.journal.journal import FILE
from edge.sync.platform.list_file import FILE as LIST
from edge.sync.platform.list_file import copy_of

CONFIG = "config/gate.toml"
JOURNAL = f"data/{FILE}"
LARGEST = 50_000_000
"""Bytes of a file beside the journal that is still taken along."""

NOT_KEPT = re.compile(
    r"^(journal|assignments\.db|ballast$|console\.json$|\.|evidence$|.*\.before-restore-)"
)
"""Files of the data folder that are no part of a backup: journal and list are copied, the others
are made anew."""

SECRET = re.compile(r"(password|secret|key)", re.IGNORECASE)
"""Settings whose files nobody else may read."""

IN_ADDRESS = re.compile(r"""(://[^/\s:@"']*:)[^\s"']+@""")
"""A password in an address, as of a camera."""

log = logging.getLogger(__name__)


def gather(config: Path, settings: Settings, secrets: bool) -> list[Member]:
    """Everything but the journal. Raises OSError."""
    text = config.read_text(encoding="utf-8-sig")
    if not secrets:
        text = IN_ADDRESS.sub(r"\1***@", text)
    named = list(_named(settings, config.resolve().parent, secrets))
    folder = settings.data_folder
    return [Member(CONFIG, text.encode(), 0o640), *named, *_list(folder), *_data(folder)]


def _list(folder: Path) -> Iterator[Member]:
    """The assignments; of a damaged list nothing: the platform sends it again."""
    try:
        copy = copy_of(folder)
    except sqlite3.Error as error:
        log.error("the assignments are not in the backup: %s", error)
        return
    if copy is not None:
        yield Member(f"data/{LIST}", copy, 0o644)


def _data(folder: Path) -> Iterator[Member]:
    for place in (folder, folder / "keys"):
        if not place.is_dir():
            continue
        for file in sorted(place.iterdir()):
            if NOT_KEPT.match(file.name) or not file.is_file():
                continue
            if file.stat().st_size <= LARGEST:
                mode = file.stat().st_mode & 0o777
                yield Member(f"data/{file.relative_to(folder)}", _read(file, folder), mode)


def _read(file: Path, folder: Path) -> bytes:
    """The service may have put a link there to what only root may read. Raises OSError."""
    with file.open("rb") as opened:
        owner = os.fstat(opened.fileno()).st_uid
        if file.is_symlink() and owner != folder.stat().st_uid:
            raise OSError(
                f"{file} is a link to {file.resolve()}, which belongs to somebody else: "
                "put the file itself there"
            )
        return opened.read()


def _named(settings: Settings, folder: Path, secrets: bool) -> Iterator[Member]:
    """The files that the configuration names, those that are secret only if asked for."""
    taken = set()
    for key, file in _files(settings, ""):
        secret = SECRET.search(key) is not None
        if file in taken or (secret and not secrets) or not file.is_file():
            continue
        if file.is_relative_to(settings.data_folder) or file.stat().st_size > LARGEST:
            continue
        taken.add(file)
        inside = file.resolve().is_relative_to(folder)
        place = str(file.resolve().relative_to(folder) if inside else file)
        mode = 0o600 if secret else 0o644
        yield Member(f"files/{len(taken)}", file.read_bytes(), mode, place)


def _files(value: object, key: str) -> Iterator[tuple[str, Path]]:
    """Each path in the settings with its key."""
    if isinstance(value, Path):
        yield key, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _files(getattr(value, name), name)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _files(item, str(name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _files(item, key)
    elif isinstance(value, str) and key == "board" and value.endswith(".toml"):
        yield key, Path(value)
