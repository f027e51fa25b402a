"""Fits the recogniser's confidence to the truth, on held-out plates only, and picks the threshold.

Raw shares become probabilities by a logistic fit (two numbers); the threshold is the lowest at
which the readings accepted are wrong in no more than the asked share of all plates. Uses the
held-out real plates and invented ones of seeds that training never saw; writes the reliability
table too.

Example: python -m training.calibrate --data ../shared/data
  --out edge/vision/weights/calibration.json
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from pathlib import Path

import numpy as np

from edge.vision import recogniser
from edge.vision.weights import SHIPPED
from training.recogniser_data import faces_here, invented, jittered, real

UNSEEN_SEED = 50_000_000
WRONG_AT_MOST = 0.002
"""Sure but wrong, of all plates: below what is asked, for what these plates do not show."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--invented", type=int, default=1200)
    parser.add_argument("--views", type=int, default=6, help="jittered views of each real plate")
    args = parser.parse_args()
    identity = {"scale": 1.0, "offset": 0.0, "most": 0.9999, "accept": 0.5}
    args.out.write_text(json.dumps(identity))
    from training import manifest

    manifest.main()
    reader = recogniser.OpenVinoPlateReader(SHIPPED, threads=1)
    points = _points(reader, args.data, args.invented, args.views)
    raw = np.array([p for p, _ in points])
    right = np.array([r for _, r in points], float)
    scale, offset = _logistic(np.log(raw / (1 - raw)), right)
    fitted = 1 / (1 + np.exp(-(scale * np.log(raw / (1 - raw)) + offset)))
    accept = _threshold(fitted, right)
    body = {
        "scale": round(scale, 4),
        "offset": round(offset, 4),
        "most": 0.9995,
        "accept": round(accept, 4),
        "plates": len(points),
        "reliability": _reliability(fitted, right),
    }
    args.out.write_text(json.dumps(body, indent=1) + "\n")
    manifest.main()
    print(json.dumps(body, indent=1))


def _points(
    reader: recogniser.OpenVinoPlateReader, data: Path, count: int, views: int
) -> list[tuple[float, bool]]:
    """(raw confidence, right) for each plate read."""
    rng = random.Random(9)
    faces = faces_here()
    points = []
    for sample in real(data, "val"):
        for _ in range(views):
            picture = jittered(sample.picture, rng, sample.source)
            reading = reader.read(picture)
            if reading is not None and reading.country != "?":
                points.append((_open(reading.confidence), reading.text == sample.text))
    for seed in range(UNSEEN_SEED, UNSEEN_SEED + count):
        sample = invented(seed, faces)
        reading = reader.read(sample.picture)
        if reading is not None and reading.country != "?":
            points.append((_open(reading.confidence), reading.text == sample.text))
    return points


def _open(p: float) -> float:
    return min(1 - 1e-6, max(1e-6, p))


def _logistic(x: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Newton's method for two parameters, with a little ridge."""
    scale, offset = 1.0, 0.0
    for _ in range(60):
        p = 1 / (1 + np.exp(-(scale * x + offset)))
        w = p * (1 - p) + 1e-9
        gradient = np.array([((right - p) * x).sum() - 0.01 * scale, (right - p).sum()])
        hessian = np.array([[(w * x * x).sum() + 0.01, (w * x).sum()], [(w * x).sum(), w.sum()]])
        step = np.linalg.solve(hessian, gradient)
        scale, offset = scale + float(step[0]), offset + float(step[1])
    return scale, offset


def _threshold(p: np.ndarray, right: np.ndarray) -> float:
    """The lowest probability from which accepted readings are wrong rarely enough."""
    for accept in np.arange(0.80, 0.9995, 0.0025):
        wrong = ((p >= accept) & (right < 0.5)).sum() / len(p)
        if wrong <= WRONG_AT_MOST:
            return float(accept)
    return 0.9995


def _reliability(p: np.ndarray, right: np.ndarray) -> list[dict[str, float]]:
    """Said and found, per band of confidence."""
    edges = [0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0001]
    rows = []
    for low, high in itertools.pairwise(edges):
        inside = (p >= low) & (p < high)
        if inside.any():
            said, found = float(p[inside].mean()), float(right[inside].mean())
            rows.append({"said": round(said, 4), "found": round(found, 4), "n": int(inside.sum())})
    return rows


if __name__ == "__main__":
    main()
