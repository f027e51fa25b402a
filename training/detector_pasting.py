"""Invented plates and misleading lettering pasted into real photographs, for the detector.

Every national colour and both layouts get onto real vehicles: the plate of a photograph is
covered by an invented one, leaning a little, in the light of the plate it covers. Camera clocks,
adverts and badges are pasted without a label: they are no plates.
"""

from __future__ import annotations

import random

import cv2
import numpy as np

from simulator.plates import draw, invent

Picture = np.ndarray
Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 in pixels."""

SMALLEST = 22
"""Narrower plates are left as they are: nothing pasted there would look like a plate."""

THIN = ("yellow", "blue", "red", "green", "black")
"""Colours of which there are few photographs; two-line plates are as rare."""

WORDS = (
    "TAXI", "EXPRESS", "HOWO", "SINOTRUK", "HYUNDAI", "SCANIA", "24H", "0912 345 678", "STOP",
    "LOGISTICS", "XUAN TRUONG", "VINFAST", "P.25", "KM 128", "DIESEL", "CAMERA 01", "IN 02",
)  # fmt: skip


def replaced(picture: Picture, box: Box, rng: random.Random) -> tuple[Picture, Box] | None:
    """The picture with an invented plate over the plate in the box, and the new plate's box."""
    x1, y1, x2, y2 = box
    if x2 - x1 < SMALLEST:
        return None
    plate = invent(rng)
    for _ in range(4):
        if plate.colour in THIN or plate.lines == 2:
            break
        plate = invent(rng)
    face = draw(plate.text, plate.country, plate.colour, plate.lines, 120)
    h, w = face.shape[:2]
    # As wide as it takes to cover the old plate, which may be longer or higher.
    width = max((x2 - x1) * rng.uniform(1.0, 1.15), (y2 - y1) * w / h * rng.uniform(0.9, 1.1))
    if plate.lines == 2:
        width = min(width, (x2 - x1) * 1.3)
    high = max(width * h / w, (y2 - y1) * 0.9)
    cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
    lean, turn = rng.gauss(0, 0.06), rng.gauss(0, 0.08)
    near = rng.uniform(-0.08, 0.08)
    corners = np.array(
        [[-0.5, -0.5 - near], [0.5, -0.5 + near], [0.5, 0.5 - near], [-0.5, 0.5 + near]]
    ) * (width, high)
    corners = corners @ np.array([[1, turn], [lean, 1]]) + (cx, cy)
    height_all, width_all = picture.shape[:2]
    if corners.min() < 0 or (corners.max(0) > (width_all, height_all)).any():
        return None
    face = _lit(face, picture[round(y1) : round(y2), round(x1) : round(x2)], rng)
    shrunk = width / w
    if shrunk < 1:
        face = cv2.resize(face, None, fx=shrunk, fy=shrunk, interpolation=cv2.INTER_AREA)
    fh, fw = face.shape[:2]
    flat = np.array([[0, 0], [fw, 0], [fw, fh], [0, fh]], np.float32)
    how = cv2.getPerspectiveTransform(flat, corners.astype(np.float32))
    size = (width_all, height_all)
    laid = cv2.warpPerspective(face, how, size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full((fh, fw), 255, np.uint8), how, size)
    share = cv2.GaussianBlur(mask, (0, 0), 0.6)[..., None].astype(np.float32) / 255
    out = (laid * share + picture * (1 - share)).astype(np.uint8)
    (a, b), (c, d) = corners.min(0), corners.max(0)
    return out, (float(a), float(b), float(c), float(d))


def _lit(face: Picture, old: Picture, rng: random.Random) -> Picture:
    """The new plate in the old one's light, a little soft and noisy."""
    light = float(np.percentile(old, 90)) if old.size else 200.0
    gain = np.clip(light / 225, 0.25, 1.1) * rng.uniform(0.85, 1.1)
    tone = np.clip(old.reshape(-1, 3).mean(0) / max(1.0, old.mean()), 0.8, 1.25) ** 0.5
    lit = face.astype(np.float32) * gain * tone
    lit = cv2.GaussianBlur(lit, (0, 0), rng.uniform(0.4, 3.0))
    lit += np.random.default_rng(rng.randrange(1 << 30)).normal(0, rng.uniform(1, 7), lit.shape)
    ramp = np.linspace(1 - rng.uniform(0, 0.2), 1 + rng.uniform(0, 0.2), face.shape[0])
    return np.clip(lit * ramp[:: rng.choice((1, -1)), None, None], 0, 255).astype(np.uint8)


def lettered(picture: Picture, kept: list[Box], rng: random.Random) -> Picture:
    """The picture with a clock or one to three pieces of lettering that cover none of `kept`."""
    out = picture.copy()
    height, width = picture.shape[:2]
    if rng.random() < 0.5:
        scale = rng.uniform(0.4, 1.1) * width / 800
        y = round(height * rng.choice((0.05, 0.09, 0.97)))
        date = f"20{rng.randint(10, 27)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        clock = f"{date} {rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}"
        x = round(width * rng.uniform(0.01, 0.55))
        tone = rng.choice(((255, 255, 255), (0, 255, 255), (230, 230, 230)))
        _written(out, clock, (x, y), scale, tone, rng.random() < 0.5, kept)
    for _ in range(rng.randint(1, 3)):
        scale = rng.uniform(0.3, 1.6) * width / 800
        at = (round(width * rng.uniform(0, 0.8)), round(height * rng.uniform(0.1, 0.95)))
        tone = tuple(rng.randint(0, 255) for _ in range(3))
        _written(out, rng.choice(WORDS), at, scale, tone, rng.random() < 0.5, kept)
    return out


def _written(
    picture: Picture,
    text: str,
    at: tuple[int, int],
    scale: float,
    tone: tuple[int, ...],
    boxed: bool,
    kept: list[Box],
) -> None:
    """Writes, on a ground of its own where boxed, unless that would touch a kept box."""
    thick = max(1, round(2 * scale))
    (w, h), low = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    x1, y1, x2, y2 = at[0] - 4, at[1] - h - 4, at[0] + w + 4, at[1] + low
    if any(x1 < k[2] and x2 > k[0] and y1 < k[3] and y2 > k[1] for k in kept):
        return
    if boxed:
        ground = tuple(255 - t for t in tone)
        cv2.rectangle(picture, (x1, y1), (x2, y2), ground, -1)
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, tone, thick, cv2.LINE_AA)
