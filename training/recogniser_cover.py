"""Plates that show only in part: cut by the picture's edge, half behind something, or with a thing
before their characters. They teach the recogniser to say that a plate is not whole.
"""

from __future__ import annotations

import random

import cv2
import numpy as np

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 of the plate in the view, pixels."""

LEAST, MOST = 0.12, 0.55
"""Share of the plate's width that is lost: from most of one character to half the plate."""

LEAST_DOWN, MOST_DOWN = 0.35, 0.65
"""The same of its height."""


def partly(
    view: np.ndarray, box: Box, rng: random.Random, before: np.ndarray, rows: int
) -> np.ndarray:
    """The view, same size, with the plate in `box` not whole; `before`: what may hide it."""
    if rng.random() < 0.3:
        return _covered(view, box, rng, before, rows)
    height, width = view.shape[:2]
    x1, y1, x2, y2 = box
    sides = ("right", "left", "bottom", "top") if rows == 2 else ("right", "left")
    side = rng.choice(sides)
    w, h = x2 - x1, y2 - y1
    across, down = rng.uniform(LEAST, MOST) * w, rng.uniform(LEAST_DOWN, MOST_DOWN) * h
    kept = {
        "right": (0.0, 0.0, x2 - across, float(height)),
        "left": (x1 + across, 0.0, float(width), float(height)),
        "bottom": (0.0, 0.0, float(width), y2 - down),
        "top": (0.0, y1 + down, float(width), float(height)),
    }[side]
    out, spare = view, 0.0
    if rng.random() < 0.55:
        # Something stands before the rest, and the detector's box has a little of it.
        out = _laid_over(view, _other_side(kept, side, view, rng), rng, before)
        spare = rng.uniform(-0.01, 0.08)
    a, b, c, d = kept
    left = max(0, round(a - (spare * w if side == "left" else 0)))
    top = max(0, round(b - (spare * h if side == "top" else 0)))
    right = min(width, round(c + (spare * w if side == "right" else 0)))
    bottom = min(height, round(d + (spare * h if side == "bottom" else 0)))
    part = out[top : max(top + 4, bottom), left : max(left + 4, right)]
    return cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR)


def _covered(
    view: np.ndarray, box: Box, rng: random.Random, before: np.ndarray, rows: int
) -> np.ndarray:
    """A post, a hand, a cloth, mud over some of the characters; the box is the whole plate's."""
    x1, y1, x2, y2 = box
    w, h = x2 - x1, y2 - y1
    across = rng.uniform(0.14, 0.35) * w
    left = rng.uniform(x1 + 0.03 * w, x2 - 0.03 * w - across)
    top, bottom = y1 - 0.2 * h, y2 + 0.2 * h
    if rows == 2 and rng.random() < 0.6:
        across = rng.uniform(0.22, 0.6) * w
        left = rng.uniform(x1 + 0.03 * w, x2 - 0.03 * w - across)
        if rng.random() < 0.5:
            bottom = y1 + rng.uniform(0.42, 0.55) * h
        else:
            top = y2 - rng.uniform(0.5, 0.6) * h
    elif rng.random() < 0.3:
        cut = rng.uniform(0.15, 0.3) * h
        top, bottom = rng.choice(((top, y2 - cut), (y1 + cut, bottom)))
    slant = rng.gauss(0, 0.05) * w
    shape = [(left + slant, top), (left + across + slant, top), (left + across, bottom)]
    return _laid_over(view, np.array([*shape, (left, bottom)]), rng, before)


def _other_side(kept: Box, side: str, view: np.ndarray, rng: random.Random) -> np.ndarray:
    """(4, 2): all of the view beyond the kept part's `side`, its edge a little slanted."""
    height, width = view.shape[:2]
    a, b, c, d = kept
    slant = rng.gauss(0, 0.03) * (width if side in ("left", "right") else height)
    far = 2 * width
    return np.array(
        {
            "right": [(c + slant, -1), (far, -1), (far, height + 1), (c, height + 1)],
            "left": [(-far, -1), (a + slant, -1), (a, height + 1), (-far, height + 1)],
            "bottom": [(-1, d + slant), (width + 1, d), (width + 1, far), (-1, far)],
            "top": [(-1, -far), (width + 1, -far), (width + 1, b), (-1, b + slant)],
        }[side]
    )


def _laid_over(
    view: np.ndarray, corners: np.ndarray, rng: random.Random, before: np.ndarray
) -> np.ndarray:
    """Something of one tone or of a street picture over the corners, its edge soft."""
    height, width = view.shape[:2]
    mask = np.zeros((height, width), np.float32)
    cv2.fillPoly(mask, [np.round(corners * 8).astype(np.int32)], 1.0, cv2.LINE_AA, 3)
    mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.4, 2.0))[..., None]
    thing = before.astype(np.float32)
    if rng.random() < 0.5:
        grey = rng.uniform(5, 250)
        tone = [min(255.0, max(0.0, grey + rng.gauss(0, 25))) for _ in range(3)]
        ramp = np.linspace(rng.uniform(0.7, 1.2), rng.uniform(0.7, 1.2), width)[None, :, None]
        thing = np.clip(np.array(tone) * ramp + np.zeros_like(thing), 0, 255)
    return np.asarray(view * (1 - mask) + thing * mask, np.uint8)
