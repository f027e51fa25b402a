"""`gate journal set-aside`: the passages that the platform does not take."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from edge.cli.journal_file import open_journal_file
from edge.cli.service import do
from edge.cli.settings import settings_for_data
from edge.domain.moment import iso
from edge.sync.journal import sql
from edge.sync.journal.journal import FILE
from edge.sync.journal.outbox import ASKED
from edge.sync.platform.passage_queue import KEY
from edge.system.clock import SystemClock

app = typer.Typer(
    no_args_is_help=True,
    help="Passages that the platform does not take; those behind them go on.",
    rich_markup_mode=None,
)
COMMAND = "gate journal set-aside"
Config = Annotated[Path, typer.Option("--config", help="The gate's configuration file.")]


@app.command("list")
def list_(
    config: Config,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show them with their numbers and the platform's last answer.

    Example: gate journal set-aside list --config /etc/gate/gate.toml
    """
    kept = _kept(config)
    for state in kept:
        body = state["body"]
        if as_json:
            shown = {k: state[k] for k in ("sequence", "id", "why", "tries", "since")}
            typer.echo(json.dumps({**shown, "passage": body}, ensure_ascii=False))
            continue
        plate = body.get("plate") or "?"
        typer.echo(
            f"{state['sequence']}  {plate}, lane {body.get('lane', '?')}, parked since "
            f"{state['since']}, {state['tries']} tries: {state['why']}"
        )
    if not as_json and not kept:
        typer.echo("none: the platform takes every passage")


@app.command()
def retry(
    config: Config,
    numbers: Annotated[
        list[int] | None, typer.Argument(help="As `list` shows them; none: all.")
    ] = None,
) -> None:
    """Have the service hand them to the platform again now. Without a running service it does so
    when it starts.

    Example: gate journal set-aside retry 48210 --config /etc/gate/gate.toml
    """
    asked = _ask(config, numbers or [], "again", "")
    typer.echo(f"asked for {asked}; what comes of it: gate journal set-aside list")


@app.command()
def settle(
    config: Config,
    number: int,
    reason: Annotated[str, typer.Option(help="How the platform was informed; it is recorded.")],
) -> None:
    """Note that the platform was informed of one in another way; it is handed over no more.

    Example: gate journal set-aside settle 48210 --reason "by telephone" --config gate.toml
    """
    asked = _ask(config, [number], "settle", reason)
    typer.echo(f"asked for {asked}; what comes of it: gate journal set-aside list")


def _kept(config: Path) -> list[dict[str, Any]]:
    """The states of all that are parked, in order."""
    with closing(open_journal_file(settings_for_data(config).data_folder / FILE)) as db:
        rows = db.execute(sql.STATES_UNDER, (KEY, KEY + "\U0010ffff"))
        return sorted((json.loads(body) for _, body in rows), key=lambda s: s["sequence"])


def _ask(config: Path, numbers: Sequence[int], what: str, reason: str) -> str:
    """Has the service do it, which records who asked. Which, for people."""
    folder = settings_for_data(config).data_folder
    known = [state["sequence"] for state in _kept(config)]
    if unknown := [n for n in numbers if n not in known]:
        names = ", ".join(map(str, known)) or "none"
        typer.echo(f"gate journal set-aside: {unknown[0]} is not parked, but {names}", err=True)
        raise typer.Exit(1)
    chosen = numbers or known
    for number in chosen:

        def leave(user: str, number: int = number) -> dict[str, Any]:
            """Leaves it for the service's next start."""
            now = iso(SystemClock().now().wall)
            asked = {"what": what, "reason": reason, "user": user, "at": now}
            with closing(open_journal_file(folder / FILE)) as db, db:
                db.execute(sql.PUT_STATE, (f"{ASKED}{number}", json.dumps(asked)))
            return {}

        do(COMMAND, folder, {"do": what, "sequence": number, "reason": reason}, leave)
    return ", ".join(map(str, chosen)) or "none: the platform takes every passage"
