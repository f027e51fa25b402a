"""`gate read`: plates from photographs, folders, crops and videos."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}
VIDEOS = {".mp4", ".avi", ".mkv", ".mov", ".ts", ".mjpeg", ".webm"}


def read(
    paths: Annotated[list[Path], typer.Argument(help="Photographs, folders or videos.")],
    crop: Annotated[bool, typer.Option("--crop", help="Each picture is one tight plate.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    annotate: Annotated[
        Path | None, typer.Option(help="Write the pictures with boxes and readings here.")
    ] = None,
    accept: Annotated[
        float | None, typer.Option(help="The probability from which a reading is sure.")
    ] = None,
) -> None:
    """Read number plates.

    Examples: gate read lane.jpg --annotate out/; gate read --crop --json plates/; gate read a.mp4
    """
    from edge.vision.recogniser import OpenVinoPlateReader
    from edge.vision.weights import WeightsError
    from edge.vision.yolo import YoloDetector

    try:
        reader = OpenVinoPlateReader(accept=accept, threads=2)
        detector = None if crop else YoloDetector()
    except WeightsError as error:
        typer.echo(f"gate read: {error}", err=True)
        raise typer.Exit(2) from None
    if annotate is not None:
        annotate.mkdir(parents=True, exist_ok=True)
    failed = False
    files = list(_files(paths))
    for number, file in enumerate(files, 1):
        if len(files) > 10 and sys.stderr.isatty():
            print(f"\r{number} of {len(files)} ", end="", file=sys.stderr, flush=True)
        rows = list(_rows(file, crop, detector, reader, annotate))
        failed = failed or any("error" in row for row in rows)
        for row in rows:
            print(json.dumps(row, ensure_ascii=False) if as_json else _plain(row), flush=True)
    if not files:
        typer.echo("gate read: no pictures or videos found there", err=True)
        raise typer.Exit(2)
    if failed:
        raise typer.Exit(1)


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            kinds = PICTURES | VIDEOS
            yield from sorted(f for f in path.rglob("*") if f.suffix.lower() in kinds)
        else:
            yield path


def _rows(
    file: Path, crop: bool, detector: Any, reader: Any, annotate: Path | None
) -> Iterator[dict[str, Any]]:
    from edge.vision.capture import CameraError

    try:
        if file.suffix.lower() in VIDEOS and not crop:
            yield from _video(file, detector, reader)
        else:
            yield _picture(file, crop, detector, reader, annotate)
    except (CameraError, OSError, ValueError) as error:
        text = str(error)
        yield {"source": str(file), "error": text.removeprefix(f"{file}: ")}


def _picture(
    file: Path, crop: bool, detector: Any, reader: Any, annotate: Path | None
) -> dict[str, Any]:
    import cv2
    import numpy as np

    from edge.vision.capture import decode
    from edge.vision.sight import look

    data = file.read_bytes()
    if file.suffix.lower() in (".jpg", ".jpeg"):
        picture = decode(data)
    else:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError("not a whole picture (truncated or of an unknown kind); copy it again")
    height, width = picture.shape[:2]
    if crop:
        reading = reader.read(picture)
        plates = [] if reading is None else [_plate(reading, (0, 0, width, height))]
        vehicles = []
    else:
        sight = look(picture, detector, reader, most=20)
        plates = [_plate(p.reading, p.box) for p in sight.plates if p.reading is not None]
        vehicles = [
            {
                "kind": v.kind,
                "confidence": round(v.confidence, 4),
                "box": [round(c, 1) for c in v.box],
            }
            for v in sight.vehicles
        ]
    if annotate is not None:
        _draw(picture, vehicles, plates, annotate / f"{file.stem}.jpg")
    return {
        "source": str(file),
        "width": width,
        "height": height,
        "vehicles": vehicles,
        "plates": plates,
    }


def _video(file: Path, detector: Any, reader: Any) -> Iterator[dict[str, Any]]:
    from edge.vision.recording import passings

    def progress(frame: int) -> None:
        if frame % 20 == 0 and sys.stderr.isatty():
            print(f"\rframe {frame} ", end="", file=sys.stderr, flush=True)

    for passing in passings(str(file), detector, reader, reader.accept, progress):
        reading = passing.plate(reader.accept)
        yield {
            "source": str(file),
            "track": passing.track,
            "kind": passing.kind,
            "first_frame": passing.first_frame,
            "last_frame": passing.last_frame,
            "plate": None if reading is None else _plate(reading, None),
            "frames_read": passing.read,
        }


def _plate(reading: Any, box: Any) -> dict[str, Any]:
    plate = {
        "text": reading.text,
        "display": reading.display,
        "country": reading.country,
        "colour": reading.colour,
        "lines": reading.lines,
        "confidence": round(reading.confidence, 4),
        "accepted": reading.accepted,
    }
    if box is not None:
        plate["box"] = [round(float(c), 1) for c in box]
    return plate


def _plain(row: dict[str, Any]) -> str:
    if "error" in row:
        return f"{row['source']}: {row['error']}"
    plates = [row["plate"]] if "track" in row else row["plates"]
    told = [
        f"{p['display']} ({p['confidence']:.1%}{'' if p['accepted'] else ', not sure'})"
        for p in plates
        if p
    ]
    who = (
        f" {row['kind']}, frames {row['first_frame']}-{row['last_frame']}" if "track" in row else ""
    )
    return f"{row['source']}:{who} {', '.join(told) or 'no plate'}"


def _draw(picture: Any, vehicles: Any, plates: Any, file: Path) -> None:
    import cv2

    for vehicle in vehicles:
        x1, y1, x2, y2 = (round(c) for c in vehicle["box"])
        cv2.rectangle(picture, (x1, y1), (x2, y2), (200, 160, 60), 2)
        cv2.putText(picture, vehicle["kind"], (x1, max(14, y1 - 4)), 0, 0.6, (200, 160, 60), 2)
    for plate in plates:
        colour = (60, 200, 60) if plate["accepted"] else (40, 160, 240)
        x1, y1, x2, y2 = (round(c) for c in plate["box"])
        cv2.rectangle(picture, (x1, y1), (x2, y2), colour, 2)
        text = "".join(c if ord(c) < 128 else "*" for c in plate["text"])
        cv2.putText(picture, text, (x1, y2 + 20), 0, 0.7, colour, 2)
    cv2.imwrite(str(file), picture)
