"""`gate barrier trace`: a wire on record, and the guard's decisions on it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from edge.barrier.boards.trace import TraceError, entries
from edge.barrier.core.replay import decisions
from edge.barrier.guard.guard import limits_of
from edge.barrier.wires.port import BoardDriver, NoAnswer
from edge.cli.barrier_wire import Config, on_wire
from edge.cli.settings import settings_of
from edge.config.channels import effective

app = typer.Typer(no_args_is_help=True, help="Record a wire, replay it.", rich_markup_mode=None)


@app.command()
def record(
    lane: str,
    config: Config,
    file: Annotated[Path, typer.Option(help="Where to: JSON lines.")],
    seconds: Annotated[float, typer.Option(help="How long; 0 until Ctrl-C.")] = 0,
) -> None:
    """Record a lane's wire, frame by frame. The service must be stopped; to record while it runs
    put trace = "FILE" into the lane's barrier section instead.

    Example: gate barrier trace record out1 --config gate.toml --file out1.jsonl --seconds 60
    """

    def read(driver: BoardDriver) -> None:
        began = time.monotonic()
        while not seconds or time.monotonic() - began < seconds:
            try:
                driver.read_inputs()
            except NoAnswer:
                # It stands in the trace.
                time.sleep(0.1)
            time.sleep(0.02)

    on_wire(config, lane, read, file)
    typer.echo(f"recorded in {file}")


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="A recorded trace.")],
    config: Config,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show what the guard's core believes, decides and tells over a recorded wire.

    Example: gate barrier trace replay out1.jsonl --config gate.toml
    """
    settings = settings_of(config)
    try:
        recorded = list(entries(file))
        lane = str(recorded[0].get("lane", "")) if recorded else ""
        if lane not in settings.lanes:
            raise TraceError(
                f"{file}: recorded on lane {lane!r}, which {config} does not have; give the "
                "configuration it was recorded with"
            )
        barrier = effective(settings.lanes[lane].barrier, settings.wires)
        wired = frozenset(barrier.input_names)
        for line in decisions(recorded, lane, limits_of(barrier), wired):
            if as_json:
                typer.echo(json.dumps(line, ensure_ascii=False))
            else:
                words = "  ".join(f"{k} {v}" for k, v in line.items() if k != "t")
                typer.echo(f"{line['t']:9.2f} s  {words}")
    except TraceError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
