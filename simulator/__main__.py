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

from simulator.conformance.command import check_platform, check_receiver
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
    from simulator.fast.cases import AWKWARD

    for name, scenario in SCENARIOS.items():
        typer.echo(f"{name:18} {scenario.about}")
    typer.echo("\nCases of a fast run (`gate-sim run --fast`):")
    for name, make in sorted(AWKWARD.items()):
        typer.echo(f"{name:42} {' '.join((make.__doc__ or '').split())}".rstrip())


@app.command()
def run(
    scenarios: Annotated[
        list[str] | None, typer.Argument(help="Names, see `gate-sim list`.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same traffic.")] = 1,
    junit: Annotated[Path | None, typer.Option(help="Write a JUnit XML file.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the reports as JSON.")] = None,
    fast: Annotated[
        bool,
        typer.Option(
            "--fast",
            help="A day of awkward cases on a virtual clock: lanes, guards, drivers and journal "
            "over wires in memory, readings by measured error rates. Names are cases then, "
            "none: all of them.",
        ),
    ] = False,
    vehicles: Annotated[int, typer.Option(min=1, help="So many come; with --fast.")] = 200,
    history: Annotated[
        Path | None, typer.Option(help="Write what happened, line by line; with --fast.")
    ] = None,
) -> None:
    """Run scenarios against the real service and check what they expect.

    Examples: gate-sim run calm-day broker-outage --seed 7 --report report.json
              gate-sim run --fast --vehicles 2000 --seed 7
    """
    if fast:
        _run_fast(scenarios or [], vehicles, seed, junit, report, history)
        return
    if not scenarios:
        typer.echo("gate-sim: no scenario is named; `gate-sim list` shows them", err=True)
        raise typer.Exit(2)
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


app.command("check-receiver")(check_receiver)
app.command("check-platform")(check_platform)


def _run_fast(
    only: list[str],
    vehicles: int,
    seed: int,
    junit: Path | None,
    report: Path | None,
    history: Path | None,
) -> None:
    from simulator.fast.cases import AWKWARD
    from simulator.fast.run import run as run_fast
    from simulator.fast.run import shown

    unknown = [name for name in only if name not in AWKWARD]
    if unknown:
        known = ", ".join(sorted(AWKWARD))
        typer.echo(f"gate-sim: no case {unknown[0]!r}; known: {known}", err=True)
        raise typer.Exit(2)
    outcome = run_fast(vehicles, seed, only, lambda text: typer.echo(text, err=True))
    for line in shown(outcome):
        typer.echo(line)
    if report is not None:
        cases = {
            name: {
                "visits": c.visits,
                "became": dict(c.became),
                "recorded": dict(c.recorded),
                "failures": c.failures,
            }
            for name, c in sorted(outcome.cases.items())
        }
        body = {**outcome.figures, "seed": seed, "cases": cases}
        report.write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if history is not None:
        history.write_text(outcome.history, encoding="utf-8")
    if junit is not None:
        played = [Outcome(name, {}, c.failures) for name, c in sorted(outcome.cases.items())]
        _junit([*played, Outcome("figures", outcome.figures, outcome.wrong)], junit)
    if outcome.failures:
        raise typer.Exit(1)


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
