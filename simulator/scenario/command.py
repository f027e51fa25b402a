"""`gate-sim list | check | run | faults`: the library, its checking and its playing."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Annotated

import typer

from simulator.faults import fast as faults_fast
from simulator.faults import real as faults_real
from simulator.faults.catalogue import FAULTS, Choice, Fault, Number, by_group
from simulator.scenario import junit as junit_file
from simulator.scenario.library import Entry, Unknown, found, library
from simulator.scenario.played import Played
from simulator.scenario.reading import NoScenario
from simulator.scenario.references import REAL_READS, left_to_pictures


def list_() -> None:
    """List the scenarios by theme, and the cases of a mixed day.

    Example: gate-sim list
    """
    from simulator.fast.cases import AWKWARD

    theme = ""
    for entry in library():
        if entry.theme != theme:
            theme = entry.theme
            typer.echo(f"\n{theme}")
        scenario = entry.scenario
        typer.echo(f"  {entry.name:42} {'+'.join(scenario.clocks):10} {scenario.about}")
    typer.echo("\nOnly within a mixed day (`gate-sim run --fast --vehicles 200`):")
    in_files = {entry.name for entry in library()}
    for name, make in sorted(AWKWARD.items()):
        if name not in in_files:
            typer.echo(f"  {name:42} {' '.join((make.__doc__ or '').split())}".rstrip())


def check(
    files: Annotated[list[str], typer.Argument(help="Files or folders; names of the library too.")],
) -> None:
    """Check scenarios: every mistake with its file, line and place.

    Example: gate-sim check my-scenarios/broken-loop.toml
    """
    wrong = 0
    entries = entries_of(files)
    for entry in entries:
        try:
            scenario = entry.scenario
        except (NoScenario, OSError) as error:
            wrong += 1
            typer.echo(str(error), err=True)
        else:
            typer.echo(f"{entry.file}: good ({', '.join(scenario.clocks)})")
    if wrong:
        raise typer.Exit(2)


def faults(
    name: Annotated[str, typer.Argument(help="One of them, explained; none: all.")] = "",
) -> None:
    """List the faults that the simulator can do, and explain one.

    Examples: gate-sim faults
              gate-sim faults loop_drops
    """
    if not name:
        for group, some in by_group():
            typer.echo(f"\n{group.value}")
            for fault in some:
                typer.echo(f"  {fault.name:28} {clocks_of(fault):10} {fault.happens}")
        return
    told = FAULTS.get(name)
    if told is None:
        typer.echo(f"gate-sim: no fault {name!r}; `gate-sim faults` lists them", err=True)
        raise typer.Exit(2)
    typer.echo(f"{told.name} ({clocks_of(told)}): {told.happens}")
    if told.takes is not None:
        typer.echo(f"value: {takes_of(told.takes)}")
    typer.echo(f"A good controller {told.good}.")
    more = "" if told.takes is None else f"\nvalue = {json.dumps(told.takes.usual)}"
    length = "" if told.instant else "\nfor_s = 10"
    typer.echo(f'\n[[faults]]\nname = "{told.name}"{more}\nwhen = "first waits"{length}')


def clocks_of(fault: Fault) -> str:
    names = (("fast", faults_fast.NAMES), ("real", faults_real.NAMES))
    return "+".join(clock for clock, known in names if fault.name in known)


def takes_of(takes: Number | Choice) -> str:
    if isinstance(takes, Choice):
        return f"{takes.what}, one of {', '.join(takes.of)}; else {takes.usual}"
    return f"{takes.what}, {takes.least:g} to {takes.most:g}; else {takes.usual:g}"


def run(
    wanted: Sequence[str],
    fast: bool,
    seed: int,
    jobs: int,
    junit: Path | None,
    report: Path | None,
    html: Path | None,
    history: Path | None,
    as_json: bool,
) -> None:
    """Plays scenarios by names, themes, files or folders; all that can be fast where none is named.
    Raises typer.Exit."""
    chosen = list(_chosen(entries_of(wanted) if wanted else library(), fast, not wanted))
    if not chosen:
        typer.echo("gate-sim: none of them can be played with --fast", err=True)
        raise typer.Exit(2)
    played: list[Played] = []
    for one in _played(chosen, seed, jobs):
        played.append(one)
        _tell(one, len(played), len(chosen), as_json)
    if report is not None:
        body = {one.name: {**one.figures, "failures": one.failures} for one in played}
        report.write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if junit is not None:
        junit_file.write(played, junit)
    if history is not None:
        texts = (f"# {o.name} {o.seed}\n{o.history}" for o in sorted(played, key=lambda o: o.name))
        history.write_text("".join(texts), encoding="utf-8")
    if html is not None:
        from simulator.scenario import page

        page.write(played, html)
    failed = [one for one in played if one.failures]
    if not as_json:
        typer.echo(f"{len(played) - len(failed)} of {len(played)} passed")
    if failed:
        raise typer.Exit(1)


def entries_of(wanted: Sequence[str]) -> list[Entry]:
    try:
        return found(wanted)
    except Unknown as error:
        typer.echo(f"gate-sim: {error}", err=True)
        raise typer.Exit(2) from None


def _chosen(entries: Sequence[Entry], fast: bool, all_: bool) -> Iterator[tuple[Entry, str]]:
    """Each with the clock that it is played on."""
    for entry in entries:
        try:
            clocks = entry.scenario.clocks
        except (NoScenario, OSError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from None
        if not fast:
            clock = "real" if "real" in clocks else "fast"
            if clock == "real":
                tell_what_is_left_out(entry)
            yield entry, clock
        elif "fast" in clocks:
            yield entry, "fast"
        elif not all_:
            typer.echo(f"{entry.name} is left out: it is played in real time only", err=True)


def tell_what_is_left_out(entry: Entry) -> None:
    """What a scenario says and real time cannot play."""
    if told := left_to_pictures(entry.scenario):
        typer.echo(f"{entry.name}: {', '.join(told)} is left out: {REAL_READS}", err=True)


def play(entry: Entry, clock: str, seed: int) -> Played:
    """One of them, here."""
    played = _play(entry, clock, seed)
    played.called = entry.called
    return played


def _play(entry: Entry, clock: str, seed: int) -> Played:
    if clock == "fast":
        from simulator.scenario import fast

        return fast.play(entry, seed)
    from simulator.scenario import real

    try:
        return real.play(entry, seed)
    except (RuntimeError, OSError) as error:
        scenario = entry.scenario
        return Played(entry.name, entry.theme, scenario.about, clock, seed, [str(error)])


def _played(chosen: Sequence[tuple[Entry, str]], seed: int, jobs: int) -> Iterator[Played]:
    if jobs <= 1 or len(chosen) == 1:
        for entry, clock in chosen:
            yield play(entry, clock, seed)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(chosen)), mp_context=context) as pool:
        running = [pool.submit(play, entry, clock, seed) for entry, clock in chosen]
        for done in as_completed(running):
            yield done.result()


def _tell(one: Played, number: int, of: int, as_json: bool) -> None:
    if as_json:
        body = {
            "name": one.name, "theme": one.theme, "clock": one.clock, "seed": one.seed,
            "passed": not one.failures, "failures": one.failures, "unseen": one.unseen,
            "figures": dict(one.figures), "seconds": round(one.seconds, 2), "again": one.again,
        }  # fmt: skip
        typer.echo(json.dumps(body, ensure_ascii=False))
        return
    verdict = "FAILED" if one.failures else "passed"
    typer.echo(f"[{number:{len(str(of))}}/{of}] {verdict}  {one.name}  {one.seconds:.1f} s")
    for failure in one.failures:
        typer.echo(f"    {failure}")
    for text in one.unseen:
        typer.echo(f"    no sensor tells: {text}")
    if one.failures:
        typer.echo(f"    again: {one.again}")
