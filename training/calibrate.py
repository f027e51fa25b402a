"""Fits the recogniser's confidence to the truth, on plates it never learnt; picks the threshold.

What the network believes becomes a probability by a logistic fit of three kinds of evidence
(edge/vision/recogniser.py): one fit to the first view, one to all views of the plates that
the first leaves in doubt. The threshold is the lowest at which the readings accepted are wrong in
no more than the asked share of all plates; each counts once, however many views of it there are,
so that one worn plate does not decide for all. Pictures: every held-out real plate in several
views, in one of them partly hidden, invented plates of seeds that training never saw, foreign
plates and lettering. The reliability told is measured crosswise: each half of the plates by a fit
to the other half.

Example: python -m training.calibrate --data ../shared/data
  --out edge/vision/weights/calibration.json
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.vision.recogniser import (
    HOPELESS,
    WHOLE,
    Evidence,
    OpenVinoPlateReader,
    Seen,
    believed,
    evidence,
    shares_of,
)
from edge.vision.weights import SHIPPED
from training import manifest
from training.accuracy_hidden import views as hidden_views
from training.recogniser_data import faces_here, invented
from training.recogniser_real import Sample, foreign, real
from training.recogniser_view import seen

UNSEEN_SEED = 50_000_000
HIDDEN_SEED = 29
WRONG_AT_MOST = 0.001
"""Sure but wrong, of all plates in these views, which are worse than a gate's own."""

DOUBT = 0.99
"""Confidence in the first view below which all views are looked at."""

MOST = 0.9995
"""No reading is surer than so many plates can show."""


@dataclass(frozen=True, slots=True)
class Point:
    """One picture: the evidence of the first view and of all views, and whether each is right."""

    plate: str
    first: Evidence
    first_right: bool
    together: Evidence
    together_right: bool


@dataclass(frozen=True)
class Fit:
    scale: float
    lead: float
    whole: float
    offset: float

    def __call__(self, evidence: np.ndarray) -> np.ndarray:
        z = evidence @ [self.scale, self.lead, self.whole] + self.offset
        part = evidence[:, 2]
        limit = np.where(part < WHOLE, 1 / (1 + np.exp(-part)), MOST)
        return np.minimum(limit, 1 / (1 + np.exp(-z)))

    def rounded(self) -> dict[str, float]:
        """As calibration.json holds it."""
        return {name: round(value, 4) for name, value in vars(self).items()}


@dataclass(frozen=True)
class Fits:
    """For the first view alone, and for all views of a plate in doubt."""

    first: Fit
    together: Fit


Told = tuple[np.ndarray, np.ndarray]
"""Of each picture the probability that is told and whether its text is right (1) or not (0)."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=SHIPPED, help="the recogniser's folder")
    parser.add_argument("--labels", type=Path, help="of the foreign plates (recogniser_labels)")
    parser.add_argument("--invented", type=int, default=1500)
    parser.add_argument("--views", type=int, default=5, help="jittered views of each real plate")
    args = parser.parse_args()
    reader = OpenVinoPlateReader(args.weights, accept=1.0)
    pictures = _pictures(args.data, args.labels, args.invented, args.views)
    points = [p for n, sample in enumerate(pictures) if (p := _point(reader, sample, n))]
    body = _body(points)
    args.out.write_text(json.dumps(body, indent=1) + "\n")
    if args.weights == SHIPPED:
        manifest.main()
    print(json.dumps(body, indent=1))


def _pictures(data: Path, labels: Path | None, count: int, views: int) -> Iterator[Sample]:
    rng = random.Random(9)
    held_out = list(real(data, "val"))
    for sample in [*held_out, *(foreign(data, "val", labels) if labels else ())]:
        for n in range(views):
            tilt, wear = rng.choice((0.2, 0.6)), rng.choice((0.1, 0.4, 0.8))
            view = seen(sample.picture, sample.quad, rng, None, tilt, wear) if n else None
            picture = sample.picture if view is None else view
            yield Sample(picture, sample.quad, sample.text, -1, 0, sample.source)
    yield from hidden_views(held_out, 1, HIDDEN_SEED)
    faces = faces_here()
    yield from (invented(seed, faces) for seed in range(UNSEEN_SEED, UNSEEN_SEED + count))


def _point(reader: OpenVinoPlateReader, sample: Sample, number: int) -> Point | None:
    first = reader.columns(sample.picture)
    if not believed([shares_of(first)]):
        return None
    plate = sample.text or f"{sample.source} {number}"
    views = [first, *reader.again(sample.picture)]
    return Point(plate, *_told([first], sample.text), *_told(views, sample.text))


def _told(views: list[Seen], text: str) -> tuple[Evidence, bool]:
    """The evidence of these views, and whether their best text is right."""
    shares = [shares_of(view) for view in views]
    ranked = believed(shares)
    return evidence(ranked, shares, [view[3] for view in views]), ranked[0][0] == text


def _body(points: list[Point]) -> dict[str, object]:
    """What calibration.json holds."""
    fits = _fitted(points)
    halves = [[p for p in points if _half(p) == h] for h in (0, 1)]
    others = [_fitted(half) for half in halves[::-1]]
    weights = np.concatenate([_weights(half) for half in halves])

    def told(accept: float) -> Told:
        parts = [_outcome(half, fit, accept) for half, fit in zip(halves, others, strict=True)]
        p, right = (np.concatenate(part) for part in zip(*parts, strict=True))
        return p, right

    accept = _threshold(told, weights)
    return {
        **fits.first.rounded(),
        "again": fits.together.rounded(),
        "most": MOST,
        "accept": round(accept, 4),
        "plates": len(points),
        "reliability": _reliability(*told(accept)),
        "thresholds": [
            _choice(*told(a), weights, a) for a in sorted({0.8, 0.9, 0.95, 0.98, 0.99, accept})
        ],
    }


def _half(point: Point) -> int:
    return int(hashlib.sha256(f"half {point.plate}".encode()).hexdigest(), 16) % 2


def _outcome(points: list[Point], fits: Fits, accept: float) -> Told:
    """(probability said, right) as the reader would tell each: all views where one is not sure."""
    first = fits.first(np.array([p.first for p in points]))
    together = fits.together(np.array([p.together for p in points]))
    once = (first >= accept) | (first < HOPELESS)
    right = np.where(once, [p.first_right for p in points], [p.together_right for p in points])
    return np.where(once, first, together), right.astype(float)


def _fitted(points: list[Point]) -> Fits:
    first = _logistic([p.first for p in points], [p.first_right for p in points])
    said = first(np.array([p.first for p in points]))
    doubted = [p for p, c in zip(points, said, strict=True) if HOPELESS <= c < DOUBT]
    return Fits(
        first, _logistic([p.together for p in doubted], [p.together_right for p in doubted])
    )


def _logistic(evidence: list[Evidence], rights: list[bool]) -> Fit:
    """Newton's method for four parameters, with a little ridge."""
    x = np.array([[*e, 1.0] for e in evidence])
    right = np.array(rights, float)
    w = np.zeros(4)
    for _ in range(60):
        p = 1 / (1 + np.exp(-(x @ w)))
        slope = x.T @ (right - p) - 0.05 * w
        curve = (x * (p * (1 - p) + 1e-9)[:, None]).T @ x + 0.05 * np.eye(4)
        w = w + np.linalg.solve(curve, slope)
    return Fit(*(float(v) for v in w))


def _weights(points: list[Point]) -> np.ndarray:
    """Of each picture, so that every plate counts once."""
    views = Counter(p.plate for p in points)
    return np.array([1 / views[p.plate] for p in points])


def _threshold(told: Callable[[float], Told], weights: np.ndarray) -> float:
    """The lowest threshold at which accepted readings are wrong rarely enough; `told`: what the
    readings come to with it."""
    for accept in np.arange(0.90, MOST, 0.0025):
        if _choice(*told(accept), weights, accept)["sure_but_wrong"] <= WRONG_AT_MOST:
            return round(float(accept), 4)
    return MOST


def _choice(
    p: np.ndarray, right: np.ndarray, weights: np.ndarray, accept: float
) -> dict[str, float]:
    """What a threshold comes to, in shares of all plates."""
    sure = p >= accept
    wrong = sure & (right < 0.5)
    return {
        "accept": round(float(accept), 4),
        "sure": round(float(np.average(sure, weights=weights)), 4),
        "sure_but_wrong": round(float(np.average(wrong, weights=weights)), 5),
    }


def _reliability(p: np.ndarray, right: np.ndarray) -> list[dict[str, float]]:
    """Said and found, per band of confidence."""
    edges = [0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0001]
    rows = []
    for low, high in itertools.pairwise(edges):
        inside = (p >= low) & (p < high)
        if inside.any():
            said, found = float(p[inside].mean()), float(right[inside].mean())
            rows.append({"said": round(said, 4), "found": round(found, 4), "n": int(inside.sum())})
    return rows


if __name__ == "__main__":
    cv2.setNumThreads(1)
    main()
