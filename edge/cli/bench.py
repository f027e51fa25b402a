"""`gate bench`: the contract's figures, measured here and now."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def bench(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            help="vision, barrier, opening, sync, service, start, pause, console; all by default."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Measure this computer.

    Example: gate bench vision --json
    """
    try:
        from simulator import bench as benches
    except ImportError as error:
        typer.echo(f"gate bench needs the extra 'demo' ({error}); run: make demo", err=True)
        raise typer.Exit(2) from None
    for name in what or benches.BENCHES:
        if name not in benches.BENCHES:
            typer.echo(
                f"gate bench: no {name!r}; there are: {', '.join(benches.BENCHES)}", err=True
            )
            raise typer.Exit(2)
        if not as_json:
            typer.echo(f"{name} ...", err=True)
        for figure in benches.figures(name):
            if as_json:
                typer.echo(json.dumps(figure))
            else:
                typer.echo(f"{figure['figure']:58} {figure['value']:>10} {figure['unit']}")
