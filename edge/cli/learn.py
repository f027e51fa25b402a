"""`gate learn`: a gate's own pictures, for training on them."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from edge.cli.journal_file import open_journal_file
from edge.cli.moments import typed
from edge.cli.progress import Progress
from edge.cli.settings import settings_of
from edge.sync.journal import paging
from edge.sync.journal.journal import FILE
from edge.vision.evidence_files import load
from edge.vision.site_readings import How, SiteReading, gathered

TRUTH = "truth.csv"
COLUMNS = (
    "file", "text", "how", "read", "confidence", "accepted", "country", "colour", "lines",
    "sha256", "vehicle", "lane", "time", "passage",
)  # fmt: skip
MARGIN = 0.1 / 1.2
"""Share of a kept vehicle's picture, on each side, that lies outside the vehicle's box."""

app = typer.Typer(no_args_is_help=True, help="A gate's own pictures, for training.")


@app.command()
def export(
    config: Annotated[Path, typer.Option("--config", help="The gate's configuration file.")],
    folder: Annotated[Path, typer.Argument(help="A new folder for pictures and truth.csv.")],
    kinds: Annotated[
        list[How] | None, typer.Option("--only", help="Only these; may be given several times.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Only passages decided since then (the gate's clock).")
    ] = None,
    vehicles: Annotated[
        bool, typer.Option("--vehicles", help="The vehicles' pictures too, blurred around them.")
    ] = False,
    blur: Annotated[
        bool, typer.Option(help="Blur what lies around the vehicle in its picture.")
    ] = True,
) -> None:
    """Gather the plates that people corrected, confirmed or were asked about, as training pictures
    with their truth; also while the service runs. Nothing leaves this computer by itself.

    Example: gate learn export /media/usb/kim-thanh --config /etc/gate/gate.toml
    """
    settings = settings_of(config)
    target = folder.absolute()
    if (target / TRUTH).exists():
        typer.echo(f"gate learn export: {target / TRUTH} exists; choose another folder", err=True)
        raise typer.Exit(2)
    after = typed(since) if since else None
    journal = settings.data_folder / FILE
    evidence = settings.data_folder / "evidence"
    progress, count, missing = Progress(), Counter[str](), 0
    try:
        (target / "plates").mkdir(parents=True, exist_ok=True)
        if vehicles:
            (target / "vehicles").mkdir(exist_ok=True)
        with (
            closing(open_journal_file(journal)) as db,
            (target / TRUTH).open("x", encoding="utf-8", newline="") as file,
        ):
            rows = csv.DictWriter(file, COLUMNS)
            rows.writeheader()
            for reading in gathered(_events(db, progress)):
                if kinds and reading.how not in kinds:
                    continue
                if after and datetime.fromisoformat(reading.time) < after:
                    continue
                picture = load(evidence, reading.plate)
                if picture is None:
                    missing += 1
                    continue
                name = f"plates/{reading.plate}"
                (target / name).write_bytes(picture)
                whole = _vehicle(evidence, reading.vehicle, target, blur) if vehicles else ""
                rows.writerow(_row(reading, name, picture, whole))
                count[reading.how] += 1
    except OSError as error:
        progress.end()
        typer.echo(f"gate learn export: {error}", err=True)
        raise typer.Exit(1) from None
    progress.end()
    counted = ", ".join(f"{count[how]} {how}" for how in How)
    typer.echo(f"{target}: {counted}; {missing} without a kept picture of the plate were left out")
    if count[How.REFERRED]:
        typer.echo(f"fill in the text of the referred ones in {TRUTH}: they teach most")


def _events(db: Any, progress: Progress) -> Iterator[dict[str, Any]]:
    for number, _, text in paging.events(db):
        progress.at(f"event {number}")
        yield json.loads(text)


def _row(reading: SiteReading, name: str, picture: bytes, vehicle: str) -> dict[str, Any]:
    row = asdict(reading)
    row |= {"file": name, "vehicle": vehicle, "sha256": hashlib.sha256(picture).hexdigest()}
    return {column: row[column] for column in COLUMNS}


def _vehicle(evidence: Path, name: str, target: Path, blur: bool) -> str:
    """The name under the folder of the vehicle's picture; "" where there is none."""
    picture = load(evidence, name)
    if picture is None:
        return ""
    change: Callable[[bytes], bytes] = blurred_around if blur else bytes
    (target / "vehicles" / name).write_bytes(change(picture))
    return f"vehicles/{name}"


def blurred_around(picture: bytes) -> bytes:
    """A JPEG of a vehicle with what lies around the vehicle made unrecognisable."""
    import cv2
    import numpy as np

    view = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    if view is None:
        return b""
    height, width = view.shape[:2]
    x, y = round(width * MARGIN), round(height * MARGIN)
    strength = max(width, height) / 20
    result = cv2.GaussianBlur(view, (0, 0), strength)
    result[y : height - y, x : width - x] = view[y : height - y, x : width - x]
    done, data = cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return data.tobytes() if done else b""
