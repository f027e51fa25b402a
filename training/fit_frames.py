"""Fits the probability of several pictures of one vehicle together (edge/vision/fusion.py).

Sequences of views of held-out plates (training/accuracy_frames.py) are read, and the fused text's
log-odds of being right fitted to those of its surest reading and of its share of the support. The
fit is judged crosswise, each half of the plates by a fit to the other. Prints the constants for
edge/vision/fusion.py.

Example: python -m training.fit_frames --data ../shared/data
"""

from __future__ import annotations

import argparse
import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.vision import fusion
from edge.vision.fusion import Fusion
from edge.vision.reading import Reading
from edge.vision.recogniser import OpenVinoPlateReader
from training.recogniser_real import real
from training.recogniser_view import seen

LENGTHS = (2, 3, 4, 6)
THRESHOLDS = (0.97, 0.975, 0.98, 0.985, 0.99)
RIDGE = 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sequence: log-odds of the surest reading and of the share, whether the text is right, and
    whether it might be accepted."""

    plate: str
    length: int
    best: float
    share: float
    right: bool
    clear: bool


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sequences", type=int, default=4, help="for each held-out plate")
    parser.add_argument("--seed", type=int, default=17)
    args = parser.parse_args()
    outcomes = list(_outcomes(args.data, args.sequences, args.seed))
    halves = [[o for o in outcomes if _half(o.plate) == h] for h in (0, 1)]
    said = {id(o): p for h in (0, 1) for o, p in _judged(halves[h], fitted(halves[1 - h]))}
    for length in LENGTHS:
        own = [o for o in outcomes if o.length == length]
        for threshold in THRESHOLDS:
            sure = [o for o in own if o.clear and said[id(o)] >= threshold]
            wrong = sum(not o.right for o in sure)
            shares = f"{len(sure) / len(own):.1%} sure, {wrong / len(own):.2%} sure but wrong"
            print(f"{length} pictures, from {threshold}: {shares}")
    best, share, offset = fitted(outcomes)
    print(f"BEST, SHARE, OFFSET = {best:.3f}, {share:.3f}, {offset:.3f}")


def _outcomes(data: Path, count: int, seed: int) -> Iterator[Outcome]:
    reader = OpenVinoPlateReader()
    for sample in real(data, "val"):
        for number in range(count):
            rng = random.Random(f"{seed} {sample.text} {number}")
            tilt, wear = rng.choice((0.3, 0.7)), rng.choice((0.3, 0.6, 0.9))
            views = [
                seen(sample.picture, sample.quad, rng, None, tilt, wear)
                for _ in range(max(LENGTHS))
            ]
            readings = [reader.read(view) for view in views]
            for length in LENGTHS:
                outcome = _outcome(sample.text, length, readings[:length])
                if outcome is not None:
                    yield outcome


def _outcome(text: str, length: int, readings: list[Reading | None]) -> Outcome | None:
    together = Fusion(tuple(r for r in readings if r is not None))
    believed = together.support()
    if believed is None:
        return None
    return Outcome(
        text, length, fusion.log_odds(believed.best.confidence), fusion.log_odds(believed.share),
        believed.best.text == text, believed.clear,
    )  # fmt: skip


def _half(plate: str) -> int:
    return int(hashlib.sha256(f"half {plate}".encode()).hexdigest(), 16) % 2


def _rows(outcomes: list[Outcome]) -> np.ndarray:
    return np.array([[o.best, o.share, 1.0] for o in outcomes])


def _judged(outcomes: list[Outcome], fit: np.ndarray) -> list[tuple[Outcome, float]]:
    p = 1 / (1 + np.exp(-(_rows(outcomes) @ fit)))
    return list(zip(outcomes, p.tolist(), strict=True))


def fitted(outcomes: list[Outcome]) -> np.ndarray:
    """(best, share, offset) by Newton's method, with a little ridge."""
    x, right = _rows(outcomes), np.array([float(o.right) for o in outcomes])
    w = np.zeros(3)
    for _ in range(50):
        p = 1 / (1 + np.exp(-(x @ w)))
        slope = x.T @ (right - p) - RIDGE * w
        curve = (x * (p * (1 - p) + 1e-9)[:, None]).T @ x + RIDGE * np.eye(3)
        w = w + np.linalg.solve(curve, slope)
    return w


if __name__ == "__main__":
    main()
