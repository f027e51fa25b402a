"""The `gate-sim` command line: scenarios against the real service, and hardware to connect to."""

from __future__ import annotations

import json
import signal
import threading
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from simulator.rig import Places
from simulator.scenario import SCENARIOS, Outcome, play

SERVED = Places(cameras=8554, platform=8090, broker=1883, console=8080)
SERIAL = "bus"
"""Where `gate-sim serve` is found; config/gate.toml expects it there."""

app = typer.Typer(
    name="gate-sim",
    help="The simulator of a border gate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command("list")
def list_() -> None:
    """List the scenarios.

    Example: gate-sim list
    """
    for name, scenario in SCENARIOS.items():
        typer.echo(f"{name:18} {scenario.about}")


@app.command()
def run(
    scenarios: Annotated[list[str], typer.Argument(help="Names, see `gate-sim list`.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same traffic.")] = 1,
    junit: Annotated[Path | None, typer.Option(help="Write a JUnit XML file.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the reports as JSON.")] = None,
) -> None:
    """Run scenarios against the real service and check what they expect.

    Example: gate-sim run calm-day broker-outage --seed 7 --report report.json
    """
    unknown = [name for name in scenarios if name not in SCENARIOS]
    if unknown:
        typer.echo(f"gate-sim: no scenario {unknown[0]!r}; `gate-sim list` shows them", err=True)
        raise typer.Exit(2)
    outcomes = []
    for name in scenarios:
        typer.echo(f"{name} ...", err=True)
        outcome = play(name, seed)
        outcomes.append(outcome)
        typer.echo(f"{name}: {'passed' if not outcome.failures else 'FAILED'}")
        for failure in outcome.failures:
            typer.echo(f"  {failure}")
    if report is not None:
        report.write_text(json.dumps({o.name: o.figures for o in outcomes}, indent=1) + "\n")
    if junit is not None:
        _junit(outcomes, junit)
    if any(o.failures for o in outcomes):
        raise typer.Exit(1)


@app.command()
def serve(
    scenario: Annotated[str, typer.Argument(help="A name, see `gate-sim list`.")] = "calm-day",
    folder: Annotated[Path, typer.Option(help="For its files.")] = Path("sim-data"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same traffic.")] = 1,
) -> None:
    """Keep the simulated hardware up, at fixed addresses, for any controller to connect to.

    Example: gate-sim serve calm-day, and beside it: gate run --config config/gate.toml
    """
    from simulator.rig import Rig

    if scenario not in SCENARIOS:
        typer.echo(f"gate-sim: no scenario {scenario!r}; `gate-sim list` shows them", err=True)
        raise typer.Exit(2)
    places = replace(SERVED, serial=folder.resolve() / SERIAL)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        rig = Rig(folder.resolve(), SCENARIOS[scenario].lanes, seed, places=places)
        rig.start()
    except (OSError, RuntimeError) as error:
        typer.echo(f"gate-sim: {error}; is another simulator or broker running here?", err=True)
        raise typer.Exit(1) from None
    rig.flowing = True
    typer.echo(f"serial line:   {rig.boards.port}")
    for plan in rig.lanes:
        typer.echo(f"camera {plan.name:8}{rig.cameras.url(plan.name)}")
    typer.echo(f"broker:        {rig.broker.host}:{rig.broker.port}")
    typer.echo(f"platform:      {rig.platform.url}")
    typer.echo(f"configuration: {rig.gate_config}")
    typer.echo("Ctrl-C ends it.")
    ended.wait()
    rig.stop()


def _junit(outcomes: list[Outcome], file: Path) -> None:
    suite = ElementTree.Element("testsuite", name="gate-sim", tests=str(len(outcomes)))
    for outcome in outcomes:
        case = ElementTree.SubElement(
            suite, "testcase", name=outcome.name, time=str(outcome.figures.get("seconds", 0))
        )
        for failure in outcome.failures:
            ElementTree.SubElement(case, "failure", message=failure)
    ElementTree.ElementTree(suite).write(file, encoding="utf-8", xml_declaration=True)


def main() -> None:
    """The entry point of the `gate-sim` script."""
    app()


if __name__ == "__main__":
    main()
