"""A command that changes the journal: the running service does it; without one the command does."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import typer

from edge.sync.journal.occupied import FILE as LOCK
from edge.sync.journal.occupied import Alone
from edge.sync.journal.port import Unrecorded
from edge.system.local_socket import NoLocalAnswer, ask
from edge.system.owner import give_to_owner


def do(
    command: str,
    folder: Path,
    question: Mapping[str, Any],
    alone: Callable[[str], Mapping[str, Any]],
) -> tuple[bool, Mapping[str, Any]]:
    """Whether a service has done it, and its answer. Without a service `alone` is called with the
    user's name, while the journal's lock is held, so that no service starts. Ends the command with
    1 where neither can be done."""
    user = getpass.getuser()
    try:
        said = ask(folder, {**question, "user": user})
        if said is None:
            with Alone(folder):
                give_to_owner(folder / LOCK, folder)
                return False, alone(user)
    except (NoLocalAnswer, Unrecorded) as error:
        said = {"error": str(error)}
    if "error" in said:
        typer.echo(f"{command}: {said['error']}", err=True)
        raise typer.Exit(1)
    return True, said
