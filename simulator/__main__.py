"""The `gate-sim` command line: scenarios against the real service, and hardware to connect to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from simulator.conformance.command import check_platform, check_receiver
from simulator.conformance.controller_command import conformance
from simulator.scenario import command, recording, serving
from simulator.scenario import junit as junit_file
from simulator.scenario.played import Played

app = typer.Typer(
    name="gate-sim",
    help="The simulator of a border gate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


app.command("list")(command.list_)
app.command("check")(command.check)
app.command("faults")(command.faults)


@app.command()
def run(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(help="Names, themes, files or folders, see `gate-sim list`; none: all."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same history.")] = 1,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="So many at a time.")] = 1,
    junit: Annotated[Path | None, typer.Option(help="Write a JUnit XML file.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the figures as JSON.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with a timeline a lane.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    fast: Annotated[
        bool,
        typer.Option(
            "--fast",
            help="In virtual time: the product's lanes, guards, drivers and journal over wires in "
            "memory, readings by measured error rates.",
        ),
    ] = False,
    vehicles: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="With --fast: a mixed day of so many, with every awkward case or those named. "
            "Else the same day in both: in virtual time, then on real wires with real pictures, "
            "and whether both end alike.",
        ),
    ] = None,
    lanes: Annotated[
        int, typer.Option(min=1, max=5, help="Of a day in real time: so many of its lanes.")
    ] = 5,
    history: Annotated[
        Path | None, typer.Option(help="Write what happened, line by line; with --fast.")
    ] = None,
) -> None:
    """Run scenarios and check what they expect: in virtual time, or in real time against the real
    service.

    Examples: gate-sim run --fast --jobs 2 --html report.html
              gate-sim run tailgating my-scenarios/ --fast --junit junit.xml
              gate-sim run calm-day broker-outage --seed 7
              gate-sim run --fast --vehicles 2000 --seed 7
              gate-sim run --vehicles 60 --seed 7 --lanes 2
    """
    if fast and vehicles is not None:
        _run_day(scenarios or [], vehicles, seed, junit, report, history)
        return
    if not fast and history is not None:
        typer.echo("gate-sim: --history is for --fast", err=True)
        raise typer.Exit(2)
    if vehicles is not None:
        if scenarios or junit or html:
            text = "gate-sim: a day in real time takes no names, and writes its --report alone"
            typer.echo(text, err=True)
            raise typer.Exit(2)
        _run_real_day(vehicles, seed, lanes, report)
        return
    if not scenarios and not fast:
        typer.echo("gate-sim: no scenario is named; `gate-sim list` shows them", err=True)
        raise typer.Exit(2)
    command.run(scenarios or [], fast, seed, jobs, junit, report, html, history, as_json)


app.command("serve")(serving.serve)
app.command("fault")(serving.fault)
app.command("record")(recording.record)
app.command("conformance")(conformance)
app.command("check-receiver")(check_receiver)
app.command("check-platform")(check_platform)


def _run_day(
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
        about = [(name, case.failures) for name, case in sorted(outcome.cases.items())]
        junit_file.write(
            [
                Played(name, "day", "", "fast", seed, failures)
                for name, failures in [*about, ("figures", outcome.wrong)]
            ],
            junit,
        )
    if outcome.failures:
        raise typer.Exit(1)


def _run_real_day(vehicles: int, seed: int, lanes: int, report: Path | None) -> None:
    from simulator.scenario import real_day

    compared = real_day.play(vehicles, seed, lanes, lambda text: typer.echo(text, err=True))
    for name, value in compared.figures.items():
        typer.echo(f"{name:20} {value}   (in virtual time: {compared.fast_figures.get(name, '-')})")
    for word, pairs in (("otherwise", compared.otherwise), ("may differ", compared.may)):
        for fast, real in pairs:
            typer.echo(f"{word}: {fast.lane} {fast.case} {fast.plate or 'no plate'}: {fast.end} "
                       f"({', '.join(fast.recorded)}), in real time {real.end} "
                       f"({', '.join(real.recorded)})")  # fmt: skip
    for text in compared.unseen.values():
        typer.echo(f"no sensor tells: {text} passed untold, or was taken for another")
    for text in compared.wrong:
        typer.echo(f"wrong: {text}")
    alike = len(compared.fast) - len(compared.otherwise) - len(compared.may)
    of = f"{alike} of {len(compared.fast)} vehicles end alike"
    typer.echo(f"{of}, {len(compared.may)} more need not")
    if report is not None:
        body = {"figures": dict(compared.figures), "alike": alike, "of": len(compared.fast)}
        report.write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if compared.otherwise or compared.failures or compared.wrong:
        raise typer.Exit(1)


def main() -> None:
    """The entry point of the `gate-sim` script."""
    app()


if __name__ == "__main__":
    main()
