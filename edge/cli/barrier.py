"""`gate barrier`: commissioning, on the wire, without the service."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from edge.barrier.assemble import board
from edge.barrier.board import BoardError
from edge.barrier.driver import BoardDriver, NoAnswer, Wire, WireGone
from edge.cli.settings import settings_of

app = typer.Typer(no_args_is_help=True, help="Commissioning a barrier.", rich_markup_mode=None)
Config = Annotated[Path, typer.Option("--config", help="The gate's configuration file.")]

LONGEST_S = 20.0


@app.command()
def watch(
    lane: str,
    config: Config,
    seconds: Annotated[float, typer.Option(help="How long; 0 until Ctrl-C.")] = 0,
) -> None:
    """Show a lane's inputs as they change. The service must be stopped: one owner per wire.

    Example: gate barrier watch out1 --config /etc/gate/gate.toml
    """

    def show(driver: BoardDriver) -> None:
        shown: dict[str, bool] = {}
        began = time.monotonic()
        while not seconds or time.monotonic() - began < seconds:
            inputs = driver.read_inputs()
            if inputs != shown:
                marks = "  ".join(f"{n}={'ON ' if v else 'off'}" for n, v in inputs.items())
                typer.echo(f"{time.monotonic() - began:8.2f} s  {marks}")
                shown = inputs
            time.sleep(0.05)

    _with_board(config, lane, show)


@app.command()
def test(lane: str, config: Config) -> None:
    """Walk through the wiring: shows the inputs, pulses each output after a yes, measures travel.

    Example: gate barrier test out1 --config /etc/gate/gate.toml
    """

    def walk(driver: BoardDriver) -> None:
        typer.echo("Nobody and nothing may be under the arm.")
        found: dict[str, float] = {}
        for output, limit in (("open", "limit_open"), ("close", "limit_closed")):
            for name, on in driver.read_inputs().items():
                typer.echo(f"  {name}: {'ON' if on else 'off'}")
            if not typer.confirm(f"Pulse {output} now?", default=False):
                continue
            before = driver.read_inputs()
            if output == "close" and (before.get("safety_loop") or before.get("photocell")):
                typer.echo("not done: something is under the arm")
                continue
            driver.pulse(output, 0.5)
            took = _until(driver, limit)
            if took is None:
                typer.echo(f"  {limit} did not come within {LONGEST_S:.0f} s; check its wiring")
            else:
                typer.echo(f"  {limit} after {took:.1f} s")
                found[output] = took
        if found:
            typer.echo("Put this into the configuration:")
            typer.echo(f"travel_s = {max(found.values()) * 1.1:.1f}")

    _with_board(config, lane, walk)


def _until(driver: BoardDriver, name: str) -> float | None:
    """Seconds until the input comes."""
    began = time.monotonic()
    while time.monotonic() - began < LONGEST_S:
        driver.tend(time.monotonic())
        if driver.read_inputs().get(name):
            return time.monotonic() - began
        time.sleep(0.02)
    return None


def _with_board(config: Path, lane: str, act: Callable[[BoardDriver], None]) -> None:
    settings = settings_of(config)
    if lane not in settings.lanes:
        typer.echo(f"no lane {lane!r}; lanes: {', '.join(settings.lanes)}", err=True)
        raise typer.Exit(2)
    try:
        wire, driver = board(settings, lane)
        _run(wire, lambda: act(driver))
    except (BoardError, WireGone, NoAnswer) as error:
        typer.echo(f"lane {lane}: {error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo("ended")


def _run(wire: Wire, act: Callable[[], None]) -> None:
    wire.open()
    try:
        act()
    finally:
        wire.close()
