"""`gate barrier`: commissioning, on the wire, without the service."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.live import Live
from rich.table import Table

from edge.barrier.commissioning import LIMITS, Trial, snippet
from edge.barrier.core.permit import PERMIT
from edge.barrier.core.self_test import TEST
from edge.barrier.wires.port import BoardDriver, NoAnswer
from edge.cli.barrier_trace import app as trace
from edge.cli.barrier_wire import Config, on_wire
from edge.cli.settings import settings_of
from edge.config import BarrierConfig
from edge.config.board import WatchdogProfile, profile
from edge.config.board_kinds import kind_of
from edge.config.channels import effective

app = typer.Typer(no_args_is_help=True, help="Commissioning a barrier.", rich_markup_mode=None)
app.add_typer(trace, name="trace")

LAMPS = ("red", "green", "warning", "siren")
"""Outputs that move nothing."""

ACTUATE_S = 20.0
"""Seconds that a technician has to reach an input."""


@app.command()
def watch(
    lane: str,
    config: Config,
    seconds: Annotated[float, typer.Option(help="How long; 0 until Ctrl-C.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show a lane's inputs live. The service must be stopped: one owner per wire.

    Example: gate barrier watch out1 --config /etc/gate/gate.toml
    """
    live = sys.stdout.isatty() and not as_json

    def show(driver: BoardDriver) -> None:
        began = time.monotonic()
        changes: dict[str, int] = {}
        shown: dict[str, Any] = {}
        with Live(Table(), auto_refresh=False, transient=False) if live else _Quiet() as screen:
            while not seconds or time.monotonic() - began < seconds:
                at = time.monotonic() - began
                now = _looked(driver)
                if now != shown:
                    for name, on in now.items():
                        if shown and shown.get(name) != on:
                            changes[name] = changes.get(name, 0) + 1
                    shown = now
                    if not live:
                        typer.echo(_line(lane, at, now, as_json))
                screen.update(_table(lane, at, now, changes), refresh=True)
                time.sleep(0.05)

    on_wire(config, lane, show)


class _Quiet:
    """No live screen."""

    def __enter__(self) -> _Quiet:
        return self

    def __exit__(self, *error: object) -> None: ...

    def update(self, table: Table, refresh: bool) -> None: ...


def _looked(driver: BoardDriver) -> dict[str, Any]:
    try:
        return dict(driver.read_inputs())
    except NoAnswer as error:
        return {"error": str(error)}


def _line(lane: str, at: float, now: dict[str, Any], as_json: bool) -> str:
    if as_json:
        reported = now if "error" in now else {"inputs": now}
        return json.dumps({"lane": lane, "t": round(at, 3), **reported}, ensure_ascii=False)
    if "error" in now:
        return f"{at:8.2f} s  {now['error']}"
    marks = "  ".join(f"{n}={'ON ' if v else 'off'}" for n, v in now.items())
    return f"{at:8.2f} s  {marks}"


def _table(lane: str, at: float, now: dict[str, Any], changes: dict[str, int]) -> Table:
    table = Table(title=f"{lane}   {at:.1f} s")
    for head in ("input", "now", "changes"):
        table.add_column(head)
    for name, on in now.items():
        mark = str(on) if name == "error" else "[bold green]ON[/]" if on else "off"
        table.add_row(name, mark, str(changes.get(name, 0)))
    return table


@app.command("test")
def walk_through(
    lane: str,
    config: Config,
    write: Annotated[Path | None, typer.Option(help="Write what was found here, too.")] = None,
) -> None:
    """Walk through the wiring: shows the inputs, pulses each output after a yes, measures travel.
    Every question is answered "no" by Enter.

    Example: gate barrier test out1 --config /etc/gate/gate.toml --write found.toml
    """

    def walk(driver: BoardDriver) -> None:
        settings = settings_of(config)
        barrier = effective(settings.lanes[lane].barrier, settings.wires)
        trial = Trial(driver, barrier)
        typer.echo("Nobody and nothing may be under the arm. Inputs now:")
        for name, on in trial.inputs().items():
            typer.echo(f"  {name}: {'ON' if on else 'off'}")
        if typer.confirm("Check the inputs one by one?", default=False):
            _inputs(trial, [n for n in barrier.input_names if n not in LIMITS.values()])
        found: dict[str, float] = {}
        good: list[str] = []
        for output in barrier.output_names:
            _output(trial, output, found, good)
        if kind_of(barrier, settings.wires).profiled:
            _watchdog(trial, barrier, profile(barrier.board).watchdog)
        text = snippet(lane, barrier, found, good)
        typer.echo("Put this into the configuration:")
        typer.echo(text, nl=False)
        if write is not None:
            write.write_text(text, encoding="utf-8")

    on_wire(config, lane, walk)


def _inputs(trial: Trial, names: list[str]) -> None:
    for name in names:
        if not typer.confirm(f"Actuate {name} within {ACTUATE_S:.0f} s?", default=False):
            continue
        seen = trial.answers_to(name, ACTUATE_S)
        typer.echo(f"  {name}: {'seen' if seen else 'NOT seen; check its channel and wire'}")


def _permit(trial: Trial) -> None:
    question = "Send the open arm down and fall silent, as when the service is killed?"
    if not typer.confirm(question, default=False):
        return
    if why := trial.refusal("close"):
        typer.echo(f"  not done: {why}")
        return
    typer.echo(f"  {trial.cut().why}")


def _watchdog(trial: Trial, barrier: BarrierConfig, watchdog: WatchdogProfile | None) -> None:
    lamp = next((name for name in LAMPS if name in barrier.output_names), None)
    if watchdog is None or lamp is None:
        return
    seconds = watchdog.after_ms / 1000
    question = f"Light {lamp} and fall silent for {seconds:.1f} s, as when the service is killed?"
    if not typer.confirm(question, default=False):
        return
    fell = trial.drops(lamp, seconds)
    if fell is None:
        fell = typer.confirm(f"  Did {lamp} go out by itself?", default=False)
    if fell:
        typer.echo("  the board's watchdog releases its relays")
    else:
        typer.echo(
            "  NOT released: a killed service would leave a contact closed; look at [watchdog]"
        )


def _output(trial: Trial, output: str, found: dict[str, float], good: list[str]) -> None:
    if output == PERMIT:
        _permit(trial)
        return
    lamp = output in (*LAMPS, TEST)
    if not typer.confirm(f"{'Light' if lamp else 'Pulse'} {output} now?", default=False):
        return
    if why := trial.refusal(output):
        typer.echo(f"  not done: {why}")
        return
    if output == TEST:
        seen = trial.beam_test()
        typer.echo(f"  photocell: {'noticed it' if seen else 'noticed NOTHING; check its wires'}")
    elif lamp:
        trial.lamp(output)
    elif output in LIMITS:
        tried = trial.motion(output)
        typer.echo(f"  {tried.why}")
        if tried.took_s is not None:
            found[output] = tried.took_s
            good.append(output)
        return
    else:
        trial.contact(output)
    if typer.confirm(f"  Did {output} work?", default=False):
        good.append(output)
