"""Writes docs/accuracy.md: how well the shipped weights read real plates, per set and condition,
and other readers beside them.

Each part is kept in `--work` as soon as it is measured, so that a run that was broken off goes on;
other weights begin anew, changed code needs an empty folder. Half an hour on two quiet cores.

Example: python -m training.accuracy --data ../shared/data --work /tmp/accuracy
  --out docs/accuracy.md
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np

from edge.domain.plate import canonical
from edge.vision.detectors import detector_of
from edge.vision.frame_result import detect
from edge.vision.reading import Reading
from edge.vision.recogniser import COLOURS, OpenVinoPlateReader
from edge.vision.weights import LIST, SHIPPED
from training import accuracy_when, peer_readers
from training.accuracy_frames import Frames, sequences, toll_lane
from training.accuracy_hidden import Hidden, hidden
from training.accuracy_page import Result, Strangers, page
from training.part import part_of
from training.prepare_detector import _truth
from training.recogniser_real import SCENES, real, rows_of
from training.reliability import drawn

CROPS = {
    "vn": "vn crops",
    "vn_new": "vn crops new",
    "cn": "cn crops",
    "cn_provinces": "cn crops provinces",
}
"""Name on the page by source; what training alone takes is not scored."""

BY_HAND = "<!-- What follows is written by hand. -->\n"

DARK = 70
"""Mean grey of the plate below which a picture counts as night."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="where measured parts are kept")
    parser.add_argument(
        "--peer-plates", type=int, default=peer_readers.MOST, help="plates of a set for each peer"
    )
    args = parser.parse_args()
    data, reader = args.data, OpenVinoPlateReader(threads=2)
    work = args.work / hashlib.sha256((SHIPPED / LIST).read_bytes()).hexdigest()[:12]
    work.mkdir(parents=True, exist_ok=True)
    results = _kept(work / "crops.json", Result, lambda: _crops(data, reader))
    for name in SCENES:
        results += _kept(work / f"{name}.json", Result, partial(_scenes, data, name, reader))
    with accuracy_when.noted(work / "peers.json"):
        peers = peer_readers.measured(data, work / "peers.json", args.peer_plates)
    (strangers,) = _kept(work / "strangers.json", Strangers, lambda: [_strangers(data, reader)])
    frames = _kept(work / "frames.json", Frames, lambda: sequences(data, reader))
    frames += _kept(work / "toll_lane.json", Frames, lambda: toll_lane(data, reader))
    (part,) = _kept(work / "hidden.json", Hidden, lambda: [hidden(data, reader)])
    calibration = json.loads((SHIPPED / "calibration.json").read_text())
    picture = args.out.parent / "pictures" / "reliability.svg"
    picture.write_text(drawn(calibration["reliability"], calibration["accept"]), encoding="utf-8")
    absent, when = peer_readers.absent(peers), accuracy_when.kept(work)
    written = page(results, strangers, part, frames, calibration, peers, absent, when)
    args.out.write_text(written + _by_hand(args.out), encoding="utf-8")
    print(f"{len(results)} plates, written to {args.out} and {picture}")


_T = TypeVar("_T", Result, Strangers, Hidden, Frames)


def _kept(file: Path, kind: type[_T], measure: Callable[[], Iterable[_T]]) -> list[_T]:
    """What is kept in the file; else measured now, and kept."""
    if file.exists():
        return [kind(**row) for row in json.loads(file.read_text(encoding="utf-8"))]
    with accuracy_when.noted(file):
        measured = list(measure())
        rows: list[dict[str, Any]] = [asdict(row) for row in measured]
        file.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    print(f"{file.stem}: measured", flush=True)
    return measured


def _by_hand(page_before: Path) -> str:
    """What stands on the page below the mark: no run writes it anew."""
    text = page_before.read_text(encoding="utf-8") if page_before.exists() else ""
    _, mark, kept = text.partition(BY_HAND)
    return f"\n{BY_HAND}{kept}" if mark else ""


def _crops(data: Path, reader: OpenVinoPlateReader) -> Iterator[Result]:
    for part in ("train", "val"):
        for s in real(data, part):
            if s.source in CROPS:
                name = CROPS[s.source]
                colour = "white" if s.source.startswith("vn") else "blue"
                yield _result(
                    name, part, s.lines, colour, s.text, s.picture, reader.read(s.picture)
                )


def _result(
    name: str,
    part: str,
    lines: int,
    colour: str,
    text: str,
    plate: np.ndarray,
    reading: Reading | None,
) -> Result:
    read, sure = (reading.text, reading.accepted) if reading else ("", False)
    dark = float(plate.mean()) < DARK if plate.size else False
    width = plate.shape[1]
    return Result(name, part, lines, colour, width, dark, text, read, sure, reading is not None)


def _scenes(data: Path, name: str, reader: OpenVinoPlateReader) -> Iterator[Result]:
    detector = detector_of(careful=True)
    colours, lines = (_told(data / name, column) for column in ("colour", "lines"))
    for file, plates in _truth(data / name).items():
        picture = cv2.imread(str(file))
        if picture is None:
            continue
        seen = detect(picture, detector, reader, most=20, fitter=detector).plates
        for text, (x, y, w, h) in plates:
            text = canonical(text)
            if not text:
                continue
            hits = [
                p.reading
                for p in seen
                if p.reading
                and x <= (p.box[0] + p.box[2]) / 2 <= x + w
                and y <= (p.box[1] + p.box[3]) / 2 <= y + h
            ]
            plate = picture[max(0, int(y)) : int(y + h), max(0, int(x)) : int(x + w)]
            colour = colours.get((file.name, text), "")
            # A leaning plate has a box as high as one of two lines.
            rows = lines.get((file.name, text)) or (1 if w / h > 2.3 else 2)
            yield _result(
                name.replace("_", " "),
                part_of(text),
                int(rows),
                colour if colour in COLOURS else "not told",
                text,
                plate,
                hits[0] if hits else None,
            )


def _told(folder: Path, column: str) -> dict[tuple[str, str], str]:
    """What the truth says of each plate; "" where it has no such column."""
    found = rows_of(folder / "truth.csv")
    return {(r["file"], canonical(r["text"])): r.get(column) or "" for r in found}


def _strangers(data: Path, reader: OpenVinoPlateReader) -> Strangers:
    """Plates of other countries."""
    detector = detector_of(careful=True)
    files = sorted(_truth(data / "foreign_scenes"))
    looked, wrong = 0, []
    for file in files:
        picture = cv2.imread(str(file))
        if picture is None:
            continue
        for plate in detect(picture, detector, reader, most=20, fitter=detector).plates:
            looked += 1
            if plate.reading is not None and plate.reading.accepted:
                wrong.append(plate.reading.text)
    return Strangers(len(files), looked, wrong)


if __name__ == "__main__":
    main()
