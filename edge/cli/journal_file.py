"""The journal's file for a command, beside a service that may be running on it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import typer

from edge.sync.journal.log_index import room_to_open
from edge.sync.journal.occupied import is_occupied


def open_journal_file(file: Path) -> sqlite3.Connection:
    """Ends the command with 2 where there is none, with 1 where it is damaged."""
    if not file.exists():
        typer.echo(f"gate journal: {file}: there is no journal", err=True)
        raise typer.Exit(2)
    db = sqlite3.connect(file, timeout=10)
    try:
        if not is_occupied(file.parent):
            room_to_open(file)
        db.execute("SELECT 1 FROM events LIMIT 1")
    except sqlite3.OperationalError as error:
        db.close()
        typer.echo(f"gate journal: {file}: cannot be opened ({error})", err=True)
        raise typer.Exit(1) from None
    except sqlite3.DatabaseError as error:
        db.close()
        typer.echo(f"gate journal: {file}: no journal or damaged ({error})", err=True)
        raise typer.Exit(1) from None
    return db
