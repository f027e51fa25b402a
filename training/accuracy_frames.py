"""Several frames against one: sequences of views of held-out plates, and a real recording.

A sequence is one plate seen from changing places with changing wear; like a camera's it keeps its
own light and sharpness. Each frame is read alone, then together (edge/vision/fusion.py).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.domain.plate import canonical
from edge.vision.detectors import detector_of
from edge.vision.fusion import ACCEPT, Fusion
from edge.vision.reading import Reading
from edge.vision.recogniser import OpenVinoPlateReader
from edge.vision.recording import passings
from training.recogniser_real import real
from training.recogniser_view import seen

LENGTHS = (1, 3, 6)
SEQUENCES = 2
"""For each held-out plate."""

HIGHER = (0.98, 0.985, 0.99, 0.995)
"""Thresholds of the fused probability beside the shipped one: what fewer errors would cost."""


@dataclass(frozen=True, slots=True)
class Frames:
    """How often the fused reading of so many frames is right, and how often sure but wrong."""

    what: str
    frames: str
    plates: int
    right: int
    sure: int
    sure_wrong: int


def sequences(data: Path, reader: OpenVinoPlateReader) -> Iterator[Frames]:
    asked = [(ACCEPT, n) for n in LENGTHS] + [(a, n) for a in HIGHER for n in LENGTHS if n > 1]
    found: dict[tuple[float, int], list[tuple[str, Reading | None]]] = {a: [] for a in asked}
    for sample in real(data, "val"):
        for number in range(SEQUENCES):
            rng = random.Random(f"17 {sample.text} {number}")
            tilt, wear = rng.choice((0.3, 0.7)), rng.choice((0.3, 0.6, 0.9))
            views = [
                seen(sample.picture, sample.quad, rng, None, tilt, wear)
                for _ in range(max(LENGTHS))
            ]
            readings = [reader.read(view) for view in views]
            for (accept, n), results in found.items():
                results.append((sample.text, _together(readings[:n], accept)))
    for (accept, n), results in found.items():
        what = "views of held-out plates" if accept == ACCEPT else f"the same, sure from {accept}"
        yield _counted(what, str(n), results)


def _together(readings: list[Reading | None], accept: float) -> Reading | None:
    told = [r for r in readings if r is not None]
    if len(readings) == 1:
        return told[0] if told else None
    fusion = Fusion()
    for reading in told:
        fusion = fusion.with_reading(reading)
    return fusion.result(accept)


def _counted(what: str, frames: str, results: list[tuple[str, Reading | None]]) -> Frames:
    right = sum(r is not None and r.text == text for text, r in results)
    sure = [(text, r) for text, r in results if r is not None and r.accepted]
    wrong = sum(r.text != text for text, r in sure)
    return Frames(what, frames, len(results), right, len(sure), wrong)


def toll_lane(data: Path, reader: OpenVinoPlateReader) -> Iterator[Frames]:
    """Every read frame of the three vehicles alone, then each vehicle's frames together."""
    told = json.loads((data / "toll_lane" / "truth.json").read_text(encoding="utf-8"))
    truth = [(canonical(e["plate"]), sum(e["legible_frames"]) / 2) for e in told["events"]]
    alone: list[tuple[str, Reading | None]] = []
    fused: list[tuple[str, Reading | None]] = []
    found = list(passings(data / "toll_lane" / "cars.mp4", detector_of(), reader, ACCEPT))
    for passing in found:
        result = passing.plate(ACCEPT)
        if result is None or not result.accepted:
            continue
        # The vehicle is told by its time in the picture, not by what was read.
        text = min(truth, key=lambda t: abs(t[1] - (passing.first_frame + passing.last_frame) / 2))[
            0
        ]
        alone += [(text, r) for r in passing.fusion.readings]
        fused.append((text, result))
    yield _counted("toll lane", "1", alone)
    yield _counted("toll lane", "all", fused)
