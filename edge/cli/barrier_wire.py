"""A lane's wire for a commissioning command: opened, used, closed, with clear errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from edge.barrier.boards.registry import board
from edge.barrier.wires.port import BoardDriver, NoAnswer, WireGone
from edge.cli.settings import settings_of
from edge.config.board import BoardError

Config = Annotated[Path, typer.Option("--config", help="The gate's configuration file.")]


def on_wire(
    config: Path, lane: str, act: Callable[[BoardDriver], None], record: Path | None = None
) -> None:
    """Runs `act` on the lane's board. Ends the command with 2 for a lane that is not there, with 1
    where the wire or the board fails."""
    settings = settings_of(config)
    if lane not in settings.lanes:
        typer.echo(f"no lane {lane!r}; lanes: {', '.join(settings.lanes)}", err=True)
        raise typer.Exit(2)
    try:
        wire, driver = board(settings, lane, record)
        wire.open()
        try:
            act(driver)
        finally:
            wire.close()
    except (BoardError, WireGone, NoAnswer) as error:
        typer.echo(f"lane {lane}: {error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo("ended", err=True)
