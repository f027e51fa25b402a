"""`gate-sim serve` and `gate-sim fault`: simulated hardware at fixed addresses, faults by hand."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import httpx
import typer

from edge.system.ending import ended_by_signal
from simulator.broker import Foreign
from simulator.rendered import rear_camera_of
from simulator.rig import GATE, SITE, Places, Rig
from simulator.scenario.by_hand import ByHand
from simulator.scenario.command import entries_of, tell_what_is_left_out
from simulator.scenario.control import Control
from simulator.scenario.model import Scenario
from simulator.scenario.reading import NoScenario
from simulator.scenario.real import LOOKS_S, Playing, RealStage, flows, lanes_of

SERVED = Places(cameras=8554, platform=8090, broker=1883, console=8080)
CONTROL = 8070
SERIAL = "bus"
"""Where `gate-sim serve` is found; config/gate.toml expects it there."""

Row = tuple[str, str, str]
"""What it is, where it can be reached, what it speaks."""


def serve(
    scenario: Annotated[str, typer.Argument(help="A name or a file.")] = "calm-day",
    folder: Annotated[Path, typer.Option(help="For its files.")] = Path("sim-data"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same traffic.")] = 1,
    page: Annotated[
        bool, typer.Option("--page", help="With a live page: lanes, faults, vehicles at a click.")
    ] = False,
    broker: Annotated[
        str, typer.Option(help="Your own MQTT broker, HOST:PORT, in place of the embedded one.")
    ] = "",
    client: Annotated[
        str, typer.Option(help="ID:SECRET; the platform then asks for an OAuth 2 token.")
    ] = "",
) -> None:
    """Keep the simulated hardware up, at fixed addresses, for any controller to connect to.

    Examples: gate-sim serve calm-day --page, and beside it: gate run --config config/gate.toml
              gate-sim serve my-scenarios/broken-loop.toml
              gate-sim serve calm-day --broker 10.0.0.7:1883 --client gate-1:its-secret
    """
    (entry,) = entries_of([scenario])[:1]
    try:
        played = entry.scenario
    except (NoScenario, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    places = Places(
        SERVED.cameras, SERVED.platform, SERVED.broker, SERVED.console, folder.resolve() / SERIAL
    )
    own = _broker(broker)
    secret = _two(client, "--client", "ID:SECRET") if client else None
    ended = ended_by_signal()
    try:
        rig = Rig(folder.resolve(), lanes_of(played), seed, own, places, client=secret)
        shown = (entry.name, played.about) if page else None
        control = Control(ByHand(rig, seed=seed), CONTROL, shown)
        rig.start()
        control.start()
    except (OSError, RuntimeError) as error:
        typer.echo(f"gate-sim: {error}; is another simulator or broker running here?", err=True)
        raise typer.Exit(1) from None
    rows = [*where(rig), ("by hand", control.url, "HTTP: /state, /faults, /vehicles")]
    show([*rows, ("live page", control.url, "for a browser")] if page else rows)
    tell_what_is_left_out(entry)
    typer.echo(f"A configuration that finds all of it: {rig.gate_config}")
    typer.echo("Faults by hand: gate-sim fault NAME (gate-sim faults lists them). Ctrl-C ends it.")
    _play(entry.name, played, rig, seed, ended)
    control.stop()
    rig.stop()


def _broker(told: str) -> Foreign | None:
    if not told:
        return None
    host, port = _two(told, "--broker", "HOST:PORT")
    if not port.isdigit() or not 0 < int(port) < 65536:
        typer.echo(f"gate-sim: --broker: {port!r} is no port", err=True)
        raise typer.Exit(2)
    return Foreign(host, int(port))


def _two(told: str, option: str, shape: str) -> tuple[str, str]:
    first, _, second = told.rpartition(":") if option == "--broker" else told.partition(":")
    if not first or not second:
        typer.echo(f"gate-sim: {option} is {shape}, not {told!r}", err=True)
        raise typer.Exit(2)
    return first, second


def _play(name: str, scenario: Scenario, rig: Rig, seed: int, ended: threading.Event) -> None:
    """The scenario's own traffic and faults, until a person ends it."""
    playing = Playing(name, scenario, RealStage(rig, None), seed)
    rig.flowing = flows(scenario)
    playing.begin()
    told = False
    while not ended.wait(LOOKS_S):
        try:
            playing.step()
        except ValueError as error:
            # It is of the service; the controller here is somebody else's.
            if not told:
                typer.echo(f"gate-sim: {error}", err=True)
            told = True
    playing.staging.end()


def where(rig: Rig) -> Iterator[Row]:
    """Where each wire can be reached, a row each."""
    for number, plan in enumerate(rig.lanes, 1):
        speaks = "RTSP" if plan.rtsp else "MJPEG over HTTP"
        source = rig.rtsp if plan.rtsp else rig.cameras
        yield f"{plan.name}: camera", source.url(plan.name), speaks
        if not plan.rtsp:
            yield f"{plan.name}: camera, one picture", rig.cameras.snapshot_url(plan.name), "JPEG"
        if plan.rear_camera:
            at = rig.cameras.url(rear_camera_of(plan.name))
            yield f"{plan.name}: camera behind", at, "MJPEG over HTTP"
        yield f"{plan.name}: board", f"{rig.boards.port}, address {number}", "Modbus RTU, 8N1"
        for wire in tomllib.loads(rig.hardware[plan.name].wires).get("wires", {}).values():
            place = wire.get("url") or wire.get("port") or wire.get("chip")
            if wire.get("host"):
                place = f"{wire['host']}:{wire['port']}"
            yield f"{plan.name}: arm", str(place), str(wire["kind"])
        yield f"{plan.name}: display", str(rig.signs[plan.name].port), "Alpha, serial"
    yield "broker", f"{rig.broker.host}:{rig.broker.port}", "MQTT 3.1.1"
    yield (
        "customs",
        f"bordergate/v1/{SITE}/{GATE}/# on {rig.broker.host}:{rig.broker.port}",
        ("acknowledges on .../ack/customs"),
    )
    yield "platform", rig.platform.url, "HTTP, docs/platform.openapi.yaml"
    if rig.platform.asks_for_tokens:
        yield "platform: tokens", f"{rig.platform.url}/oauth/token", "OAuth 2 client credentials"


def show(rows: list[Row]) -> None:
    """As wide as it must be: of an address that is cut nobody has anything."""
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for what, place, speaks in [("what", "where", "speaks"), *rows]:
        typer.echo(f"{what:{widths[0]}}  {place:{widths[1]}}  {speaks}")


def fault(
    name: Annotated[str, typer.Argument(help="See `gate-sim faults`.")],
    lane: Annotated[str, typer.Option(help="Where the scenario has several.")] = "",
    value: Annotated[
        str, typer.Option(help="A number or a name, see `gate-sim faults NAME`.")
    ] = "",
    for_s: Annotated[
        float | None, typer.Option("--for", help="It ends after so many seconds.")
    ] = None,
    end: Annotated[bool, typer.Option("--end", help="End it.")] = False,
    at: Annotated[
        str, typer.Option(help="Where the simulator is.")
    ] = f"http://127.0.0.1:{CONTROL}",
) -> None:
    """Make a fault happen on hardware that is served, or end it.

    Examples: gate-sim fault camera_hangs --lane out1 --for 20
              gate-sim fault loop_dead --value safety_loop --lane out1
              gate-sim fault loop_dead --lane out1 --end
    """
    try:
        if end:
            answer = httpx.delete(f"{at}/faults/{name}", params={"lane": lane})
        else:
            body = {"lane": lane, "value": _value(value), "for_s": for_s}
            answer = httpx.post(f"{at}/faults/{name}", json=body, timeout=30)
    except httpx.HTTPError as error:
        typer.echo(
            f"gate-sim: {at} does not answer ({error}); is `gate-sim serve` there?", err=True
        )
        raise typer.Exit(1) from None
    if answer.is_error:
        typer.echo(f"gate-sim: {answer.json().get('detail')}", err=True)
        raise typer.Exit(2)
    typer.echo(f"{name} {'is over' if end else 'has begun'}")


def _value(text: str) -> float | str | None:
    try:
        return float(text) if text else None
    except ValueError:
        return text
