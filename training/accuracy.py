"""Writes docs/accuracy.md: how well the shipped weights read real plates, per set and condition.

Example: python -m training.accuracy --data ../shared/data --out docs/accuracy.md
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import cv2

from edge.plate import canonical
from edge.vision.recogniser import OpenVinoPlateReader
from edge.vision.sight import look
from edge.vision.weights import SHIPPED
from edge.vision.yolo import YoloDetector
from training.part import part_of
from training.prepare_detector import _truth
from training.recogniser_data import real

PEERS = {
    "vn crops": "94.0 % (Vietnamese peer, trained on them)",
    "cn crops": "90.3 % (Chinese peer)",
    "vn scenes": "96.3 % (Vietnamese peer, 18 false plates)",
    "cn scenes": "91.5 % (Chinese peer)",
}


@dataclass(frozen=True, slots=True)
class Result:
    set: str
    part: str
    lines: int
    width: int
    text: str
    read: str
    sure: bool


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    reader = OpenVinoPlateReader(threads=2)
    results = [*_crops(args.data, reader), *_scenes(args.data, reader)]
    args.out.write_text(_page(results), encoding="utf-8")
    print(f"{len(results)} plates, written to {args.out}")


def _crops(data: Path, reader: OpenVinoPlateReader) -> list[Result]:
    results = []
    for part in ("train", "val"):
        for s in real(data, part):
            if s.source not in ("vn", "cn"):
                continue
            reading = reader.read(s.picture)
            read, sure = (reading.text, reading.accepted) if reading else ("", False)
            width = s.picture.shape[1]
            results.append(Result(f"{s.source} crops", part, s.lines, width, s.text, read, sure))
    return results


def _scenes(data: Path, reader: OpenVinoPlateReader) -> list[Result]:
    detector, fitter = YoloDetector(careful=True), YoloDetector()
    results = []
    for name in ("vn_scenes", "cn_scenes"):
        for file, plates in _truth(data / name).items():
            picture = cv2.imread(str(file))
            if picture is None:
                continue
            seen = look(picture, detector, reader, most=20, fitter=fitter).plates
            for text, (x, y, w, h) in plates:
                text = canonical(text)
                hits = [
                    p.reading
                    for p in seen
                    if p.reading
                    and x <= (p.box[0] + p.box[2]) / 2 <= x + w
                    and y <= (p.box[1] + p.box[3]) / 2 <= y + h
                ]
                read, sure = (hits[0].text, hits[0].accepted) if hits else ("", False)
                lines = 1 if w / h > 2.3 else 2
                results.append(
                    Result(name.replace("_", " "), part_of(text), lines, int(w), text, read, sure)
                )
    return results


def _page(results: list[Result]) -> str:
    out = [
        "# Accuracy\n",
        "Written by `python -m training.accuracy`. Exact match of the whole plate;",
    ]
    out.append("*held out* are plates whose text was never trained on (`training/part.py`).\n")
    out.append(
        "| set | plates | exact | held out | sure but wrong | peers |\n|---|---|---|---|---|---|"
    )
    for name in dict.fromkeys(r.set for r in results):
        rows = [r for r in results if r.set == name]
        held = [r for r in rows if r.part == "val"]
        wrong = sum(r.sure and r.read != r.text for r in rows)
        out.append(
            f"| {name} | {len(rows)} | {_exact(rows)} | {_exact(held)} of {len(held)} "
            f"| {100 * wrong / len(rows):.2f} % ({wrong}) | {PEERS.get(name, '')} |"
        )
    for title, key in (
        ("lines", lambda r: f"{r.lines}"),
        ("width of the plate", lambda r: _band(r.width)),
    ):
        groups: dict[tuple[str, str], list[Result]] = defaultdict(list)
        for r in results:
            groups[r.set, key(r)].append(r)
        out.append(f"\n| set | {title} | plates | exact |\n|---|---|---|---|")
        out += [f"| {s} | {k} | {len(g)} | {_exact(g)} |" for (s, k), g in sorted(groups.items())]
    reliability = json.loads((SHIPPED / "calibration.json").read_text())
    out.append(f"\nAccepted from a probability of {reliability['accept']}.\n")
    out.append("| said | found | plates |\n|---|---|---|")
    for row in reliability.get("reliability", []):
        out.append(f"| {row['said']:.3f} | {row['found']:.3f} | {row['n']} |")
    missed = [r for r in results if r.read != r.text]
    out.append("\nStill wrong (plate: read):\n")
    out += [f"- {r.set}: {r.text}: {r.read or 'not found'}" for r in missed]
    return "\n".join(out) + "\n"


def _exact(rows: list[Result]) -> str:
    return f"{100 * sum(r.read == r.text for r in rows) / len(rows):.1f} %" if rows else "-"


def _band(width: int) -> str:
    for most in (60, 80, 100, 140):
        if width < most:
            return f"under {most} px"
    return "140 px and more"


if __name__ == "__main__":
    main()
