"""`gate read`: plates from photographs, folders, crops and videos."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge.cli.progress import Progress

if TYPE_CHECKING:
    from edge.vision.detection import Box, Detector
    from edge.vision.reading import Picture, Reading

PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"}
VIDEOS = {".mp4", ".avi", ".mkv", ".mov", ".ts", ".mjpeg", ".webm", ".m4v"}
MOST = 20
"""So many plates of one photograph are read at most."""

Row = dict[str, Any]


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
    config: Annotated[
        Path | None, typer.Option(help="A gate's configuration, for its own weights.")
    ] = None,
) -> None:
    """Read number plates. A video gives one result per vehicle.

    Examples: gate read lane.jpg --annotate out/; gate read --crop --json plates/; gate read a.mp4
    """
    from edge.vision.weights import WeightsError

    files = list(_files(paths))
    if not files:
        typer.echo("gate read: no pictures or videos found there", err=True)
        raise typer.Exit(2)
    progress, failed = Progress(), False
    try:
        work = _Work(_vision(config), crop, accept, annotate, progress)
        for number, file in enumerate(files, 1):
            progress.at(f"{number} of {len(files)}: {file}")
            for row in work.rows(file):
                failed = failed or "error" in row
                progress.end()
                print(json.dumps(row, ensure_ascii=False) if as_json else _plain(row), flush=True)
    except WeightsError as error:
        progress.end()
        typer.echo(f"gate read: {error}", err=True)
        raise typer.Exit(2) from None
    progress.end()
    if failed:
        raise typer.Exit(1)


def _vision(config: Path | None) -> Any:
    from edge.cli.settings import settings_of
    from edge.config import VisionConfig

    return VisionConfig() if config is None else settings_of(config).vision


def _files(paths: list[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named, once each."""
    seen = set()
    for path in paths:
        found = [path]
        if path.is_dir():
            kinds = PICTURES | VIDEOS
            found = sorted(f for f in path.rglob("*") if f.suffix.lower() in kinds)
        for file in found:
            if file not in seen:
                seen.add(file)
                yield file


class _Work:
    """Holds the models, each loaded when first needed."""

    def __init__(
        self,
        vision: Any,
        crop: bool,
        accept: float | None,
        annotate: Path | None,
        progress: Progress,
    ) -> None:
        from edge.vision.recogniser import OpenVinoPlateReader
        from edge.vision.weights import SHIPPED

        self._vision, self._crop, self._annotate = vision, crop, annotate
        self._progress = progress
        sure = accept if accept is not None else vision.accept
        self._reader = OpenVinoPlateReader(vision.reader or SHIPPED, sure, vision.threads)
        self._written: set[str] = set()

    @cached_property
    def _quick(self) -> Detector:
        from edge.vision.detectors import detector_of

        return detector_of(self._vision.detector)

    @cached_property
    def _careful(self) -> Detector:
        from edge.vision.detectors import detector_of

        return detector_of(self._vision.detector, careful=True)

    def rows(self, file: Path) -> Iterator[Row]:
        """The results for one file; what cannot be read is a row with an error."""
        from edge.vision.capture import CameraError

        try:
            if not file.exists():
                raise ValueError("no such file")
            if file.suffix.lower() in VIDEOS and not self._crop:
                yield from self._video(file)
            else:
                yield self._photograph(file)
        except (CameraError, OSError, ValueError) as error:
            yield {"source": str(file), "error": str(error).removeprefix(f"{file}: ")}

    def _photograph(self, file: Path) -> Row:
        from edge.vision.codec import decode
        from edge.vision.sight import look

        picture = decode(file.read_bytes())
        if picture is None:
            raise ValueError("not a whole picture (truncated or of an unknown kind); copy it again")
        height, width = picture.shape[:2]
        vehicles: list[tuple[str, float, Box]] = []
        plates: list[tuple[Reading, Box]] = []
        if self._crop:
            reading = self._reader.read(picture)
            if reading is not None:
                plates = [(reading, (0.0, 0.0, float(width), float(height)))]
        else:
            sight = look(picture, self._careful, self._reader, most=MOST, fitter=self._careful)
            vehicles = [(v.kind, v.confidence, v.box) for v in sight.vehicles]
            plates = [(p.reading, p.box) for p in sight.plates if p.reading is not None]
        self._draw(file, "", picture, [(kind, box) for kind, _, box in vehicles], plates)
        return {
            "source": str(file),
            "width": width,
            "height": height,
            "vehicles": [
                {"kind": kind, "confidence": round(sure, 4), "box": _rounded(box)}
                for kind, sure, box in vehicles
            ],
            "plates": [{**_plate(reading), "box": _rounded(box)} for reading, box in plates],
        }

    def _video(self, file: Path) -> Iterator[Row]:
        from edge.vision.recording import passings

        def progress(frame: int) -> None:
            self._progress.at(f"{file}: frame {frame}")

        for passing in passings(
            str(file),
            self._quick,
            self._reader,
            self._reader.accept,
            progress,
            keep=self._annotate is not None,
        ):
            reading, view = passing.plate(self._reader.accept), passing.view
            if view is not None:
                boxes = [] if view.plate is None else [(reading, view.plate)]
                name = f"-track{passing.track}"
                self._draw(file, name, view.picture, [(passing.kind, view.vehicle)], boxes)
            yield {
                "source": str(file),
                "track": passing.track,
                "kind": passing.kind,
                "first_frame": passing.first_frame,
                "last_frame": passing.last_frame,
                "plate": None if reading is None else _plate(reading),
                "frames_read": passing.read,
            }

    def _draw(
        self,
        file: Path,
        more: str,
        picture: Picture,
        vehicles: list[tuple[str, Box]],
        plates: list[Any],
    ) -> None:
        """Writes the annotated picture; files of one name from several folders keep apart."""
        if self._annotate is None:
            return
        from edge.vision.annotate import annotated
        from edge.vision.codec import encode

        self._annotate.mkdir(parents=True, exist_ok=True)
        stem, number = f"{file.stem}{more}", 2
        while stem in self._written:
            stem, number = f"{file.stem}{more}-{number}", number + 1
        self._written.add(stem)
        data = encode(annotated(picture, vehicles, plates))
        (self._annotate / f"{stem}.jpg").write_bytes(data)


def _rounded(box: Box) -> list[float]:
    return [round(float(c), 1) for c in box]


def _plate(reading: Reading) -> Row:
    return {
        "text": reading.text,
        "display": reading.display,
        "country": reading.country,
        "colour": reading.colour,
        "lines": reading.lines,
        "confidence": round(reading.confidence, 4),
        "accepted": reading.accepted,
    }


def _plain(row: Row) -> str:
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
