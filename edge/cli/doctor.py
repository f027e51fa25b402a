"""`gate doctor`: is everything there that the gate needs, and does it really work."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge.cli import doctor_computer, doctor_config, doctor_lanes, doctor_links, doctor_partners
from edge.cli.finding import Finding
from edge.cli.running import running_service
from edge.cli.settings import settings_for_data
from edge.config import Settings

GENTLE = 10
"""It may run beside the service, which comes first on the processor."""

Check = tuple[str, Callable[[], Iterator[Finding]]]


def doctor(
    config: Annotated[Path, typer.Option(help="The gate's configuration file.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Check cameras, wires, broker, platform, journal, disk, clock and models, each for real.

    It tries all as the user that owns the data folder. It moves nothing, and may run beside the
    service.

    Example: sudo gate doctor --config /etc/gate/gate.toml
    """
    settings = settings_for_data(config)
    with contextlib.suppress(OSError):
        os.nice(GENTLE)
    findings = []
    # What is looked at now is of no use to programs.
    reported = Console(stderr=True, quiet=as_json)
    for name, check in _checks(settings):
        with reported.status(f"looking at {name}"):
            for finding in _tried(name, check):
                findings.append(finding)
                if as_json:
                    typer.echo(json.dumps(asdict(finding), ensure_ascii=False))
    if not as_json:
        _show(findings)
    if not all(f.good for f in findings):
        raise typer.Exit(1)


def _checks(settings: Settings) -> Iterator[Check]:
    yield "the configuration", partial(doctor_config.configuration, settings)
    service = running_service(settings.data_folder)
    for name, lane in settings.lanes.items():
        for camera, its in lane.all_cameras.items():
            yield f"camera {name}", partial(doctor_lanes.camera, settings, name, camera)
            if its.second_reader is not None:
                check = partial(doctor_lanes.second_reader, settings, name, camera)
                yield f"second reader {name}", check
        yield f"barrier {name}", partial(doctor_lanes.barrier, settings, name, service)
        if lane.display is not None and service is None:
            yield f"display {name}", partial(doctor_lanes.display, settings, name)
    if settings.customs is not None:
        yield "the broker", partial(doctor_links.broker, settings, service)
    if settings.platform is not None:
        yield "the platform", partial(doctor_links.platform, settings)
    if settings.partners is not None:
        yield "the partners", partial(doctor_partners.partners, settings, service)
    if settings.issuers:
        yield "the keys", partial(doctor_links.issuers, settings)
    yield "the console", partial(doctor_config.console, settings, service)
    yield "the journal", partial(doctor_links.journal, settings)
    yield "the disk", partial(doctor_computer.disk, settings.data_folder)
    yield "the clock", doctor_computer.clock
    yield "the libraries", doctor_computer.libraries
    yield "the models", partial(doctor_computer.models, settings)


def _tried(name: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of a check. A library that is missing for one check does not keep out the
    others."""
    try:
        yield from check()
    except ImportError as error:
        yield Finding(name, False, str(error), doctor_computer.MEND)


def _show(findings: list[Finding]) -> None:
    table = Table()
    for head in ("", "what", "found", "what to do"):
        table.add_column(head, overflow="fold")
    for f in findings:
        # As texts: [[issuers]] in one is no markup.
        table.add_row(
            "[green]ok[/]" if f.good else "[red]!![/]", Text(f.what), Text(f.found), Text(f.cure)
        )
    Console().print(table)
