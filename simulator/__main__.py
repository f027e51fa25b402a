"""The `gate-sim` command line: scenarios against the real service, and hardware to connect to."""

from __future__ import annotations

import json
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Annotated

import typer

from simulator.scenario import SCENARIOS, Outcome, play

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
    folder: Annotated[Path, typer.Option(help="Where gate.toml is written.")] = Path("sim-data"),
) -> None:
    """Keep the simulated hardware up for any controller; prints where everything is.

    Example: gate-sim serve calm-day, then: gate run --config sim-data/gate.toml
    """
    from simulator.rig import Rig

    if scenario not in SCENARIOS:
        typer.echo(f"gate-sim: no scenario {scenario!r}; `gate-sim list` shows them", err=True)
        raise typer.Exit(2)
    rig = Rig(folder.resolve(), SCENARIOS[scenario].lanes, console_port=8080)
    rig.start()
    rig.flowing = True
    typer.echo(f"configuration: {rig.gate_config}\nserial line:   {rig.boards.port}")
    typer.echo(
        f"broker:        {rig.broker.host}:{rig.broker.port}\nplatform:      {rig.platform.url}"
    )
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
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
