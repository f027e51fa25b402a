"""`gate doctor`: is everything there that the gate needs."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table

from edge.barrier.driver import BoardDriver
from edge.cli.settings import settings_of
from edge.config import FolderPlatformConfig, PlatformConfig, Settings
from edge.sync.folder import LISTS

LEAST_FREE_GB = 2.0
PRESENT_S = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """`cure` is "" where all is well."""

    what: str
    good: bool
    found: str
    cure: str


def doctor(
    config: Annotated[Path, typer.Option(help="The gate's configuration file.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Check cameras, wires, broker, platform, disk, clock and models.

    Example: gate doctor --config /etc/gate/gate.toml
    """
    settings = settings_of(config)
    findings = list(_examine(settings))
    if as_json:
        for finding in findings:
            typer.echo(json.dumps(asdict(finding), ensure_ascii=False))
    else:
        table = Table()
        for head in ("", "what", "found", "what to do"):
            table.add_column(head)
        for f in findings:
            table.add_row("[green]ok[/]" if f.good else "[red]!![/]", f.what, f.found, f.cure)
        Console().print(table)
    if not all(f.good for f in findings):
        raise typer.Exit(1)


def _examine(settings: Settings) -> Iterator[Finding]:
    for name, lane in settings.lanes.items():
        yield _camera(f"camera {name}", lane.camera.source, lane.camera.loop)
    for name in settings.lanes:
        yield _board(settings, name)
    for name, lane in settings.lanes.items():
        if lane.display is not None:
            yield _display(settings, name)
    if settings.customs is not None:
        customs = settings.customs
        yield _reachable("broker", customs.host, customs.port, "customs.host and customs.port")
    match settings.platform:
        case PlatformConfig(url=url):
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            yield _reachable("platform", parts.hostname or "", port, "platform.url")
        case FolderPlatformConfig(folder=folder):
            yield _drop_folder(folder)
    yield _disk(settings.data_folder)
    yield _clock()
    yield _models(settings)


def _camera(what: str, source: str, loop: bool) -> Finding:
    from edge.vision.capture import CameraError, frames, public

    try:
        picture = next(iter(frames(source, loop)))
    except (CameraError, StopIteration) as error:
        text = str(error).removeprefix(f"{public(source)}: ") or "no picture"
        return Finding(what, False, public(source), text)
    return Finding(what, True, f"{picture.shape[1]}x{picture.shape[0]}", "")


def _board(settings: Settings, lane: str) -> Finding:
    from edge.barrier.assemble import board
    from edge.barrier.board import BoardError
    from edge.barrier.driver import NoAnswer, WireGone

    what = f"barrier {lane}"
    try:
        wire, driver = board(settings, lane)
        wire.open()
    except (BoardError, WireGone) as error:
        return Finding(what, False, "", str(error))
    try:
        inputs = _read(driver)
    except (NoAnswer, WireGone) as error:
        return Finding(what, False, wire.place, str(error))
    finally:
        wire.close()
    on = ", ".join(name for name, value in inputs.items() if value) or "all inputs off"
    return Finding(what, True, on, "")


def _read(driver: BoardDriver) -> dict[str, bool]:
    """The inputs; a device behind a broker is given time to tell that it is there."""
    from edge.barrier.driver import NoAnswer

    until = time.monotonic() + PRESENT_S
    while time.monotonic() < until:
        try:
            return driver.read_inputs()
        except NoAnswer:
            time.sleep(0.2)
    return driver.read_inputs()


def _display(settings: Settings, lane: str) -> Finding:
    from edge.barrier.driver import WireGone
    from edge.displays import sign

    what = f"display {lane}"
    made = sign(settings, lane)
    try:
        made.open()
        made.show("")
    except WireGone as error:
        return Finding(what, False, "", str(error))
    finally:
        made.close()
    return Finding(what, True, "written to; it answers nothing, so look at it", "")


def _reachable(what: str, host: str, port: int, key: str) -> Finding:
    try:
        with socket.create_connection((host, port), 5):
            return Finding(what, True, f"{host}:{port}", "")
    except OSError as error:
        return Finding(what, False, f"{host}:{port}", f"no connection ({error}); check {key}")


def _drop_folder(folder: Path) -> Finding:
    """The list is there, and passages can be written."""
    lists = [name for name in LISTS if (folder / name).exists()]
    if not lists:
        cure = f"mount the share, or put {' or '.join(LISTS)} there (docs/platform.md)"
        return Finding("platform", False, str(folder), cure)
    if not os.access(folder, os.W_OK):
        return Finding("platform", False, str(folder), "the service may not write there")
    return Finding("platform", True, f"{folder}/{lists[0]}", "")


def _disk(folder: Path) -> Finding:
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    free = shutil.disk_usage(existing).free / 1e9
    cure = "" if free > LEAST_FREE_GB else "make room, or lower vision.evidence_days"
    return Finding("disk", not cure, f"{free:.1f} GB free at {existing}", cure)


def _clock() -> Finding:
    from edge.clock import clock_trusted

    if clock_trusted():
        return Finding("clock", True, "synchronised", "")
    cure = "events say so; set up NTP (systemd-timesyncd) if the network allows"
    return Finding("clock", True, "not known to be synchronised", cure)


def _models(settings: Settings) -> Finding:
    from edge.vision.weights import SHIPPED, WeightsError, checked

    try:
        if settings.vision.detector is None:
            checked(SHIPPED, "detector_openvino_model/detector.xml")
        checked(settings.vision.reader or SHIPPED, "recogniser.xml")
    except WeightsError as error:
        return Finding("models", False, "", str(error))
    return Finding("models", True, "present, checksums hold", "")
