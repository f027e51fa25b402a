"""The journal's file for a command, beside a service that may be running on it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import typer

from edge.sync.journal.log_index import room_to_open
from edge.sync.journal.occupied import is_occupied
from edge.system.database_reading import open_to_read

WAIT_S = 10


def open_journal_file(file: Path) -> sqlite3.Connection:
    """Ends the command with 2 where there is none, with 1 where it is damaged."""
    if not file.exists():
        typer.echo(f"gate journal: {file}: there is no journal", err=True)
        raise typer.Exit(2)
    try:
        db = open_to_read(file, WAIT_S, room=is_occupied(file.parent) or _has_room(file))
        db.execute("SELECT 1 FROM events LIMIT 1")
    except sqlite3.OperationalError as error:
        typer.echo(f"gate journal: {file}: cannot be opened ({error})", err=True)
        raise typer.Exit(1) from None
    except sqlite3.DatabaseError as error:
        typer.echo(f"gate journal: {file}: no journal or damaged ({error})", err=True)
        raise typer.Exit(1) from None
    return db


def _has_room(file: Path) -> bool:
    try:
        room_to_open(file)
    except sqlite3.OperationalError:
        return False
    return True
