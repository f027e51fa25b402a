"""`gate backup` and `gate restore`: the whole gate in one file."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from edge import __version__
from edge.cli.journal_file import open_journal_file
from edge.cli.progress import Progress, amount
from edge.cli.settings import settings_of
from edge.domain.moment import iso
from edge.sync.journal import sql
from edge.sync.journal.copying import copy_journal
from edge.sync.journal.journal import FILE
from edge.sync.journal.port import Unrecorded
from edge.system.atomic_file import sync_folder
from edge.system.clock import SystemClock

Config = Annotated[Path, typer.Option("--config", help="The gate's configuration file.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
PassphraseFile = Annotated[
    Path | None, typer.Option(help="File with the passphrase, for a backup that no person makes.")
]

COPY = ".gate-backup-"
LEFT_AFTER_S = 86_400.0

ROOM_LEFT = 500_000_000
"""Bytes that a copy beside the journal leaves for what the gate records meanwhile."""


def backup(
    target: Path,
    config: Config,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="Passwords and private keys too.")
    ] = False,
    encrypt: Annotated[bool, typer.Option("--encrypt", help="Ask for a passphrase.")] = False,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Put the whole gate into one file, also while the service runs: journal, keys, users,
    assignments, configuration. The file is for you alone (0600): it holds the gate's own key and
    the users' hashed passwords. Pictures are no part of it.

    Example: gate backup /mnt/usb/gate.backup --secrets --encrypt --config /etc/gate/gate.toml
    """
    from edge.backup.archive import Member, write_archive
    from edge.backup.contents import JOURNAL, gather

    settings = settings_of(config)
    if target.exists():
        _end("backup", f"{target} exists; choose another name", 2)
    passphrase = _passphrase(passphrase_file, encrypt, "backup", confirm=True)
    place = _copied_at(target.parent, settings.data_folder, sealed=bool(passphrase))
    for folder in {target.parent, settings.data_folder}:
        _remove_left_over(folder)
    progress = Progress()
    part = target.with_name(f".{target.name}.part")
    try:
        with (
            closing(open_journal_file(settings.data_folder / FILE)) as db,
            tempfile.TemporaryDirectory(prefix=COPY, dir=place) as name,
        ):
            copy = Path(name) / FILE
            copy_journal(db, copy, lambda at, last: progress.at(f"{at} of {last} events"))
            with closing(sqlite3.connect(copy)) as copied:
                (last,) = copied.execute(sql.LAST_SEQ).fetchone()
            about = {
                "site": settings.site,
                "gate": settings.gate,
                "made": iso(SystemClock().now().wall),
                "version": __version__,
                "last_sequence": last,
                "secrets": secrets,
            }
            members = [*gather(config, settings, secrets), Member(JOURNAL, copy)]
            with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)):
                pass
            write_archive(
                part, about, members, passphrase,
                lambda done, of: progress.at(f"{amount(done)} of {amount(of)} written"),
            )  # fmt: skip
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
        sync_folder(target.parent)
    except (OSError, Unrecorded, sqlite3.Error, ValueError) as error:
        progress.end()
        _end("backup", f"{target}: {error}", 1)
    finally:
        part.unlink(missing_ok=True)
    progress.end()
    size = target.stat().st_size
    if as_json:
        reported = {**about, "file": str(target), "bytes": size, "sealed": bool(passphrase)}
        typer.echo(json.dumps(reported))
    else:
        how = "sealed with the passphrase" if passphrase else "not encrypted: keep it locked away"
        typer.echo(f"{target}: {amount(size)}, up to event {last}, {how}")
        if not secrets:
            typer.echo("without passwords and private keys of other systems (--secrets)")


def restore(
    source: Path,
    config: Config,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Make this computer the gate of a backup; its service must be stopped. A configuration that
    is here stays; without one the backup's is put there. What is replaced is kept.

    At its next start the service asks the receivers how far they are before it gives a number.

    Example: gate restore /mnt/usb/gate.backup --config /etc/gate/gate.toml
    """
    from edge.backup.archive import BadBackup, is_sealed
    from edge.backup.putting_back import put_back

    if source.exists() and not source.is_file():
        # A pipe that nobody writes to would be waited for without end.
        _end("restore", f"{source} is no file; give the file of a backup", 2)
    progress = Progress()
    try:
        passphrase = _passphrase(passphrase_file, is_sealed(source), "restore", confirm=False)
        manifest, words = put_back(
            source, config, passphrase,
            lambda done, of: progress.at(f"{amount(done)} of {amount(of)} read"),
        )  # fmt: skip
    except (BadBackup, OSError, Unrecorded, sqlite3.Error) as error:
        progress.end()
        _end("restore", str(error), 1)
    progress.end()
    if as_json:
        about = {k: v for k, v in manifest.items() if k != "members"}
        typer.echo(json.dumps({**about, "told": words}, ensure_ascii=False))
        return
    for word in words:
        typer.echo(word)
    typer.echo(
        f"restored: gate {manifest['gate']} at {manifest['site']}, as it was on "
        f"{manifest['made']}, up to event {manifest['last_sequence']}"
    )
    typer.echo("next: gate doctor, then start the service")


def _copied_at(target: Path, data: Path, *, sealed: bool) -> Path:
    """The folder of the journal's copy while it is packed. A backup that is to be sealed leaves
    nothing unsealed on the disk it goes to, even where it is killed: its copy lies beside the
    journal itself, if there is room for it."""
    with contextlib.suppress(OSError):
        needed = sum(f.stat().st_size for f in data.glob(f"{FILE}*"))
        if sealed and shutil.disk_usage(data).free > needed + ROOM_LEFT:
            with tempfile.TemporaryDirectory(prefix=COPY, dir=data):
                return data
    return target


def _remove_left_over(folder: Path) -> None:
    """Copies of the journal, not sealed, that a backup left that was killed. A younger one may be
    another's that works."""
    for left in folder.glob(f"{COPY}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > LEFT_AFTER_S:
                shutil.rmtree(left)


def _passphrase(file: Path | None, asked: bool, command: str, *, confirm: bool) -> str:
    """ "" where none is wanted."""
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            _end(command, f"{file}: cannot be read: {error}", 2)
        if not text:
            _end(command, f"{file} is empty; it must hold the passphrase", 2)
        return text
    if not asked:
        return ""
    if not sys.stdin.isatty():
        _end(command, "a passphrase is needed: --passphrase-file FILE", 2)
    return str(typer.prompt("passphrase", hide_input=True, confirmation_prompt=confirm))


def _end(command: str, why: str, status: int) -> NoReturn:
    typer.echo(f"gate {command}: {why}", err=True)
    raise typer.Exit(status) from None
