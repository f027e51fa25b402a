"""`gate demo`: the whole gate against the simulator, on this computer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    seconds: Annotated[float, typer.Option(help="End by itself after so long; 0: Ctrl-C.")] = 0,
    report: Annotated[Path | None, typer.Option(help="Write the report here as JSON.")] = None,
    video: Annotated[
        Path | None, typer.Option(help="A real recording in place of lane 1's camera.")
    ] = None,
) -> None:
    """Run the whole gate against simulated hardware: nothing else is needed.

    Example: gate demo --seconds 60 --report report.json
    """
    try:
        from simulator.demo import run
        from simulator.recorded import NotAVideo
    except ModuleNotFoundError as error:
        typer.echo(f"gate demo needs the extra 'demo' ({error}); run: ./install.sh demo", err=True)
        raise typer.Exit(2) from None
    if video is not None and not video.exists():
        typer.echo(f"gate demo: {video}: no such video", err=True)
        raise typer.Exit(2)
    try:
        failures = run(seconds, report, video)
    except NotAVideo as error:
        typer.echo(f"gate demo: {error}", err=True)
        raise typer.Exit(2) from None
    for failure in failures:
        typer.echo(failure, err=True)
    if failures:
        raise typer.Exit(1)
