"""The command `gate-sim conformance`: any controller against the group, and a page of what came."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from simulator.conformance import controllers
from simulator.conformance.controllers import LANE, ControllerKit
from simulator.conformance.process import Process
from simulator.conformance.report import Check, played
from simulator.rig import GATE, SITE, Places, Rig
from simulator.scenario import page
from simulator.scenario.command import entries_of
from simulator.scenario.serving import SERIAL, SERVED, show, where
from simulator.service import Service

BY_HAND_S = 600.0
"""A person may need so long to start the controller."""

STARTS_S = 90.0


def conformance(
    cases: Annotated[
        list[str] | None, typer.Argument(help="Some of the group; scenarios of your own too.")
    ] = None,
    start: Annotated[
        str,
        typer.Option(
            help="The controller's command line, which may name {serial}, {address}, {camera}, "
            "{broker_host}, {broker_port}, {platform}, {site}, {gate}, {lane} (as the platform's "
            "list and the topics name them) and {config} (a gate.toml of all that). "
            "Without it you start it yourself, at the addresses of `gate-sim serve`."
        ),
    ] = "",
    ours: Annotated[bool, typer.Option("--ours", help="This gate's own service.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed gives the same vehicles.")] = 1,
    html: Annotated[Path | None, typer.Option(help="Write a page with a timeline a case.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write a JUnit XML file.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report as JSON.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the cases, and play none.")] = False,
) -> None:
    """Play the conformance group against a controller on real wires, and judge what it does.

    It is judged by what happens in the lane, and by what customs hears where it speaks to it. It
    must read the plates from the camera, drive the board, and follow the platform's list.

    Examples: gate-sim conformance --ours --html conformance.html
              gate-sim conformance --start "my-controller --port {serial} --camera {camera}"
              gate-sim conformance keeps_the_undeclared_out closes_behind_a_vehicle
    """
    if start and ours:
        typer.echo("gate-sim: name --start or --ours, not both", err=True)
        raise typer.Exit(2)
    entries = entries_of(cases) if cases else controllers.group()
    if list_:
        for entry in entries:
            typer.echo(f"{entry.name:42} {entry.scenario.about}")
        return
    by_hand = not (start or ours)
    with tempfile.TemporaryDirectory(prefix="gate-sim-") as name:
        folder = Path(name)
        serial = Path("sim-data").resolve() / SERIAL
        places = (
            Places(SERVED.cameras, SERVED.platform, SERVED.broker, SERVED.console, serial)
            if by_hand
            else Places()
        )
        try:
            rig = Rig(folder, [LANE], seed, places=places)
            rig.start()
        except (OSError, RuntimeError) as error:
            typer.echo(f"gate-sim: {error}; is another simulator running here?", err=True)
            raise typer.Exit(1) from None
        kit = ControllerKit(rig, entries, seed)
        try:
            with _controller(rig, start, ours):
                if by_hand:
                    show(list(where(rig)))
                    typer.echo(f"Start the controller now; a configuration: {rig.gate_config}")
                if not kit.asked_for(BY_HAND_S if by_hand else STARTS_S):
                    typer.echo("gate-sim: no controller asks the board for its inputs", err=True)
                    raise typer.Exit(1)
                made = played("controller", kit.steps(), lambda: True, _tell)
        finally:
            rig.stop()
    if html is not None:
        page.write(kit.played, html)
    if junit is not None:
        junit.write_bytes(made.junit())
    if report is not None:
        report.write_text(made.as_json() + "\n", encoding="utf-8")
    typer.echo(made.text())
    if not made.good:
        raise typer.Exit(1)


@contextmanager
def _controller(rig: Rig, start: str, ours: bool) -> Iterator[None]:
    """It runs, where it is the kit's to start."""
    if ours:
        service = Service(rig.gate_config)
        service.add_user()
        service.start()
        try:
            service.wait_ready()
            yield
        finally:
            service.stop()
    elif start:
        try:
            process = Process(
                start, serial=rig.boards.port, address=rig.address(LANE.name),
                camera=rig.cameras.url(LANE.name), broker_host=rig.broker.host,
                broker_port=rig.broker.port, platform=rig.platform.url, config=rig.gate_config,
                site=SITE, gate=GATE, lane=LANE.name,
            )  # fmt: skip
        except (ValueError, KeyError, IndexError) as error:
            typer.echo(f"gate-sim: --start: {error}", err=True)
            raise typer.Exit(2) from None
        process.start()
        try:
            yield
        finally:
            process.kill()
    else:
        yield


def _tell(check: Check) -> None:
    typer.echo(f"{check.state.value:12} {check.name}  {check.seconds:.0f} s", err=True)
    if check.detail:
        typer.echo(f"{'':12}   {check.detail}", err=True)
