"""`gate read`: plates from photographs, folders, crops and videos."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge.cli.pictures_found import PICTURES, UNREADABLE, VIDEOS, Finding
from edge.cli.progress import Progress
from edge.cli.row_output import json_line, print_line, printable, speak_as_it_can

if TYPE_CHECKING:
    from edge.vision.detection import Box, Detector
    from edge.vision.reading import Picture, Reading

MOST = 20
"""Maximum plates of one photograph that are read."""

LARGEST_PHOTOGRAPH = 500_000_000
"""Bytes of a file that is read as one picture."""

HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
MARKS = (b"\xff\xd8", b"\x89PNG", b"BM", b"RIFF", b"II*\0", b"MM\0*")
"""First bytes of the picture formats that are read, for files without a known ending."""

Row = dict[str, Any]


def read(
    paths: Annotated[list[str], typer.Argument(help="Photographs, folders or videos.")],
    crop: Annotated[bool, typer.Option("--crop", help="Each picture is one tight plate.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    annotate: Annotated[
        Path | None, typer.Option(help="Write the pictures with boxes and readings here.")
    ] = None,
    accept: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="The probability from which a reading is sure."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="A gate's configuration, for its own weights.")
    ] = None,
) -> None:
    """Read number plates. A video gives one result per vehicle.

    Examples: gate read lane.jpg --annotate out/; gate read --crop --json plates/; gate read a.mp4
    """
    from edge.vision.weights import WeightsError

    speak_as_it_can()
    if "" in paths:
        # An unset variable of a script; as a path it would be the folder of now.
        typer.echo('gate read: an empty name; this folder is "."', err=True)
        raise typer.Exit(2)
    finding = Finding(map(Path, paths))
    files = list(finding)
    progress, failed = Progress(), False
    if finding.skipped:
        kinds = ", ".join(f"{count} {ending}" for ending, count in finding.skipped.most_common(20))
        typer.echo(f"gate read: passed over, no pictures or videos: {printable(kinds)}", err=True)
    if not files:
        typer.echo("gate read: no pictures or videos found there", err=True)
        raise typer.Exit(2)
    _make_folder(annotate)
    try:
        work = _Work(_vision(config), crop, accept, annotate, progress)
        for number, (file, error) in enumerate(files, 1):
            progress.at(f"{number} of {len(files)}: {printable(str(file))}")
            for row in [_failed(file, error)] if error else work.rows(file):
                failed = failed or "error" in row
                progress.end()
                print_line(json_line(row) if as_json else printable(_plain(row)))
    except WeightsError as error:
        progress.end()
        typer.echo(f"gate read: {error}", err=True)
        raise typer.Exit(2) from None
    progress.end()
    if failed:
        raise typer.Exit(1)


def _make_folder(annotate: Path | None) -> None:
    """Before anything is read: no result is lost to a folder that cannot be."""
    if annotate is None:
        return
    try:
        annotate.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        where = printable(str(annotate))
        typer.echo(f"gate read: {where}: {error.strerror}; choose another folder", err=True)
        raise typer.Exit(2) from None


def _failed(file: Path, why: str) -> Row:
    return {"source": str(file), "error": why}


def _vision(config: Path | None) -> Any:
    from edge.cli.settings import settings_of
    from edge.config import VisionConfig

    return VisionConfig() if config is None else settings_of(config).vision


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
        from edge.vision import fusion

        sure = accept if accept is not None else vision.accept
        self._accept_fused = fusion.ACCEPT if sure is None else sure
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
        """The results for one file; what cannot be read is a row with an error, and never ends the
        others."""
        from edge.vision.capture import CameraError
        from edge.vision.weights import WeightsError

        try:
            if file.suffix.lower() in VIDEOS and not self._crop:
                yield from self._video(file)
            else:
                yield self._photograph(file)
        except WeightsError:
            raise
        except OSError as error:
            yield _failed(file, f"cannot be read: {error.strerror or error}")
        except (CameraError, ValueError) as error:
            yield _failed(file, str(error).removeprefix(f"{file}: "))
        except MemoryError:
            yield _failed(file, "too large for this computer's memory")
        except Exception as error:  # the libraries raise kinds of their own
            yield _failed(file, f"cannot be read ({type(error).__name__})")

    def _photograph(self, file: Path) -> Row:
        from edge.vision.codec import picture_of
        from edge.vision.frame_result import detect

        if file.stat().st_size > LARGEST_PHOTOGRAPH:
            raise ValueError(f"more than {LARGEST_PHOTOGRAPH / 1e6:.0f} MB; no photograph")
        data = file.read_bytes()
        if data[4:8] == b"ftyp" and data[8:12] in HEIC:
            raise ValueError(UNREADABLE[".heic"])
        if file.suffix.lower() not in PICTURES and not data.startswith(MARKS):
            raise ValueError("no picture or recording of a known kind; its ending says which it is")
        picture = picture_of(data)
        height, width = picture.shape[:2]
        vehicles: list[tuple[str, float, Box]] = []
        plates: list[tuple[Reading, Box]] = []
        if self._crop:
            reading = self._reader.read(picture)
            if reading is not None:
                plates = [(reading, (0.0, 0.0, float(width), float(height)))]
        else:
            frame_result = detect(
                picture, self._careful, self._reader, most=MOST, fitter=self._careful
            )
            vehicles = [(v.kind, v.confidence, v.box) for v in frame_result.vehicles]
            plates = [(p.reading, p.box) for p in frame_result.plates if p.reading is not None]
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
            self._progress.at(f"{printable(str(file))}: frame {frame}")

        for passing in passings(
            file,
            self._quick,
            self._reader,
            self._accept_fused,
            progress,
            keep=self._annotate is not None,
        ):
            reading, view = passing.plate(self._accept_fused), passing.view
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
    reported = [
        f"{p['display']} ({p['confidence']:.1%}{'' if p['accepted'] else ', not sure'})"
        for p in plates
        if p
    ]
    who = (
        f" {row['kind']}, frames {row['first_frame']}-{row['last_frame']}" if "track" in row else ""
    )
    return f"{row['source']}:{who} {', '.join(reported) or 'no plate'}"
