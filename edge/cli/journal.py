"""`gate journal`: verify, export, back up and restore the event journal; let a receiver go."""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from edge.cli.journal_evidence import EvidenceCheck, EvidenceExport
from edge.cli.journal_file import open_journal_file
from edge.cli.parked import app as parked
from edge.cli.progress import Progress
from edge.cli.service import do
from edge.cli.settings import settings_for_data, settings_of
from edge.sync.customs.vouching import checkpoint, signed_checkpoint
from edge.sync.journal import paging, sql
from edge.sync.journal.copying import copy_journal
from edge.sync.journal.journal import FILE
from edge.sync.journal.occupied import FILE as LOCK
from edge.sync.journal.occupied import Alone
from edge.sync.journal.outbox import FORGOTTEN, consumers_of, forgotten
from edge.sync.journal.port import Unrecorded
from edge.sync.journal.restoring import AFTERWARDS, go_on_above
from edge.sync.journal.restoring import restore as put_back
from edge.sync.journal.signing import GateKey, UnusableKey
from edge.sync.journal.verify import verify_chain
from edge.system.clock import SystemClock
from edge.system.owner import give_to_owner

app = typer.Typer(no_args_is_help=True, help="The event journal.", rich_markup_mode=None)
app.add_typer(parked, name="set-aside")
Config = Annotated[Path, typer.Option("--config", help="The gate's configuration file.")]


@app.command()
def verify(config: Config) -> None:
    """Check every hash, the chain, the signed checkpoints, and that kept pictures are those that
    events name; also while the service runs.

    Example: gate journal verify --config /etc/gate/gate.toml
    """
    folder = settings_for_data(config).data_folder
    with closing(open_journal_file(folder / FILE)) as db:
        marks = db.execute(sql.CHECKPOINTS).fetchall()
        try:
            key = GateKey.kept(folder / "keys").public if marks else ""
        except FileNotFoundError as error:
            why = f"{error.filename} is missing: put it back from a backup (gate restore)"
            typer.echo(f"gate journal verify: {why}", err=True)
            raise typer.Exit(1) from None
        except (OSError, UnusableKey) as error:
            typer.echo(f"gate journal verify: {error}", err=True)
            raise typer.Exit(1) from None
        evidence = EvidenceCheck(folder / "evidence")
        rows = _counted(evidence.over(paging.events(db)))
        count, faults = verify_chain(rows, marks, key, lambda: paging.oldest(db))
    faults += evidence.faults()
    for fault in faults:
        typer.echo(fault)
    typer.echo(f"{count} events, {len(marks)} checkpoints: {'FAULTY' if faults else 'whole'}")
    if evidence.whole or evidence.gone:
        typer.echo(f"{evidence.whole} kept files are as named, {evidence.gone} no longer kept")
    if faults:
        raise typer.Exit(1)


@app.command()
def export(
    config: Config,
    form: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
    after: Annotated[int, typer.Option(help="Only events after this number.")] = 0,
    checkpoints: Annotated[
        Path | None, typer.Option(help="Write the signed checkpoints to this file, one a line.")
    ] = None,
    evidence: Annotated[
        Path | None, typer.Option(help="Copy the kept files that the events name into this folder.")
    ] = None,
) -> None:
    """Write the events to standard output; also while the service runs.

    Each event carries the gate's signature. The checkpoints show that none is missing at the end.

    With --evidence the pictures, clips and readings that the events name are copied too, with a
    file SHA256SUMS (`sha256sum -c SHA256SUMS`) and INDEX.csv, which says whose each is.

    Example: gate journal export --format csv --config /etc/gate/gate.toml > events.csv
    """
    if form not in ("jsonl", "csv"):
        typer.echo("gate journal export: --format is jsonl or csv", err=True)
        raise typer.Exit(2)
    folder = settings_for_data(config).data_folder
    files = _evidence_export(folder, evidence)
    with closing(open_journal_file(folder / FILE)) as db:
        if checkpoints is not None:
            _write_checkpoints(db, folder, checkpoints)
        out = csv.writer(sys.stdout)
        if form == "csv":
            out.writerow(["sequence", "time", "type", "lane", "plate", "id", "hash", "data"])
        for *_, text in paging.events(db, after):
            _copied(files, text)
            if form == "jsonl":
                typer.echo(text)
                continue
            e = json.loads(text)
            data = json.dumps(e["data"], ensure_ascii=False)
            plate = e["data"].get("plate", "")
            row = [e["sequence"], e["time"], e["type"], e["subject"], plate, e["id"], e["hash"]]
            out.writerow([*row, data])
    if files is not None:
        typer.echo(files.finish(), err=True)


def _evidence_export(folder: Path, target: Path | None) -> EvidenceExport | None:
    if target is None:
        return None
    try:
        return EvidenceExport(folder / "evidence", target)
    except OSError as error:
        typer.echo(f"gate journal export: {target}: {error.strerror}", err=True)
        raise typer.Exit(1) from None


def _copied(files: EvidenceExport | None, event: str) -> None:
    if files is None:
        return
    try:
        files.take(event)
    except OSError as error:
        typer.echo(f"gate journal export: {error}", err=True)
        raise typer.Exit(1) from None


def _write_checkpoints(db: sqlite3.Connection, folder: Path, target: Path) -> None:
    """Those that the journal keeps, and one of its end now."""
    try:
        key = GateKey.kept(folder / "keys")
        kept = [checkpoint(key.public, *row) for row in db.execute(sql.CHECKPOINTS)]
        if (head := db.execute(sql.LAST_ROW).fetchone()) is not None:
            kept.append(
                signed_checkpoint(key, int(head[0]), str(head[1]), SystemClock().now().wall)
            )
        target.write_bytes(b"".join(line + b"\n" for line in kept))
    except (OSError, UnusableKey) as error:
        typer.echo(f"gate journal export: {error}", err=True)
        raise typer.Exit(1) from None


@app.command()
def backup(config: Config, target: Path) -> None:
    """Copy the journal safely, also while the service runs, and check the copy. The whole gate:
    `gate backup`.

    Example: gate journal backup --config /etc/gate/gate.toml /media/usb/journal.db
    """
    folder = settings_of(config).data_folder
    if target.exists():
        typer.echo(f"gate journal: {target} exists; choose another name", err=True)
        raise typer.Exit(2)
    progress = Progress()
    with closing(open_journal_file(folder / FILE)) as db:
        try:
            copy_journal(db, target, lambda at, last: progress.at(f"{at} of {last} events"))
        except (Unrecorded, OSError, sqlite3.Error) as error:
            progress.end()
            typer.echo(f"gate journal backup: {target}: {error}", err=True)
            raise typer.Exit(1) from None
    progress.end()
    typer.echo(f"copied to {target}, checked")


@app.command()
def restore(config: Config, source: Path) -> None:
    """Put a copy back in place of the journal; the service must be stopped. The old one is kept.

    Example: gate journal restore --config /etc/gate/gate.toml /media/usb/journal.db
    """
    folder = settings_of(config).data_folder
    with closing(open_journal_file(source)) as db:
        (answer,) = db.execute("PRAGMA integrity_check").fetchone()
    if answer != "ok":
        typer.echo(f"gate journal: {source} is damaged: {answer}", err=True)
        raise typer.Exit(1)
    try:
        with Alone(folder):
            give_to_owner(folder / LOCK, folder)
            kept = put_back(source, folder / FILE)
    except (Unrecorded, OSError, sqlite3.Error) as error:
        typer.echo(f"gate journal restore: {error}", err=True)
        raise typer.Exit(1) from None
    for file in folder.glob("journal*"):
        give_to_owner(file, folder)
    if kept is not None:
        typer.echo(f"the journal that was there is kept as {kept}")
    typer.echo(f"restored from {source}; {AFTERWARDS}")


@app.command()
def forget(
    config: Config,
    consumer: str,
    reason: Annotated[str, typer.Option(help="Why; it is recorded and sent to customs.")],
) -> None:
    """Keep events no longer for a receiver that was taken out of the configuration.

    Example: gate journal forget port --reason "contract ended" --config /etc/gate/gate.toml
    """
    settings = settings_for_data(config)
    if consumer in consumers_of(settings):
        typer.echo(
            f"gate journal forget: {consumer} is still in {config}; take it out and restart the "
            "service first",
            err=True,
        )
        raise typer.Exit(2)
    folder = settings.data_folder
    with closing(open_journal_file(folder / FILE)) as db:
        known = dict(db.execute(sql.CONSUMERS))
        (last,) = db.execute(sql.LAST_SEQ).fetchone()
    if consumer not in known:
        names = ", ".join(known) or "nobody"
        typer.echo(f"gate journal forget: no events are kept for {consumer}, but for {names}")
        raise typer.Exit(1)

    def let_go(user: str) -> dict[str, Any]:
        note = forgotten(user, reason, known[consumer], SystemClock().now().wall)
        with closing(open_journal_file(folder / FILE)) as db, db:
            db.execute("BEGIN IMMEDIATE")
            db.execute(sql.FORGET_CONSUMER, (consumer,))
            db.execute(sql.PUT_STATE, (FORGOTTEN + consumer, json.dumps(note)))
        return {}

    question = {"do": "forget", "consumer": consumer, "reason": reason}
    _, said = do("gate journal forget", folder, question, let_go)
    through = said.get("through", known[consumer])
    typer.echo(f"{consumer} had acknowledged {through} of {last}; nothing is kept for it now")


@app.command()
def above(config: Config, number: int) -> None:
    """After the loss of a disk: go on above the last number that customs holds, and above all that
    this journal gave meanwhile. The service must be stopped.

    Example: gate journal above 48210 --config /etc/gate/gate.toml
    """
    folder = settings_for_data(config).data_folder
    try:
        with Alone(folder):
            last = go_on_above(folder / FILE, number)
    except ValueError as error:
        typer.echo(f"gate journal above: {error}; ask customs for the last that it holds", err=True)
        raise typer.Exit(2) from None
    except Unrecorded as error:
        typer.echo(f"gate journal above: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"the next event is {last + 1} and begins a new series")


def _counted(rows: Iterator[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
    """The rows, with a sign of life for people."""
    for n, row in enumerate(rows, 1):
        if n % 50_000 == 0 and sys.stderr.isatty():
            print(f"\r{n} events", end="", file=sys.stderr, flush=True)
        yield row
