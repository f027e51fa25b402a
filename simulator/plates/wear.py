"""What road, weather and camera do to a plate before it is read."""

from __future__ import annotations

import random

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def weathered(plate: Picture, rng: random.Random, hardness: float = 1.0) -> Picture:
    """What the plate itself has gone through: screws, dirt, dents, a frame around it."""
    picture = _bolts(plate.copy(), rng)
    if rng.random() < 0.3 * hardness:
        picture = _dirt(picture, rng)
    if rng.random() < 0.25 * hardness:
        picture = _bent(picture, rng)
    if rng.random() < 0.3 * hardness:
        picture = _framed(picture, rng)
    return picture


def worn(plate: Picture, rng: random.Random, hardness: float = 1.0) -> Picture:
    """A degraded view of the plate, as a loose crop of changed size. `hardness` 0 clean .. 1."""
    picture = weathered(plate, rng, hardness)
    picture = _tilted(picture, rng, hardness)
    if rng.random() < 0.5:
        picture = _shade(picture, rng)
    if rng.random() < 0.12 * hardness:
        picture = _glare(picture, rng)
    if rng.random() < 0.2 * hardness:
        picture = _night(picture, rng)
    picture = _small(picture, rng, hardness)
    if rng.random() < 0.25 * hardness:
        picture = _motion(picture, rng)
    elif rng.random() < 0.4 * hardness:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.3)).astype(np.uint8)
    if rng.random() < 0.06 * hardness:
        picture = _rain(picture, rng)
    if rng.random() < 0.7:
        noise = np.random.default_rng(rng.randrange(1 << 30)).normal(
            0, rng.uniform(1, 9), picture.shape
        )
        picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        picture = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR).astype(np.uint8)
    if rng.random() < 0.6:
        quality = [cv2.IMWRITE_JPEG_QUALITY, rng.randint(25, 90)]
        done, data = cv2.imencode(".jpg", picture, quality)
        if done:
            picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return picture


def _bolts(p: Picture, rng: random.Random) -> Picture:
    h, w = p.shape[:2]
    for _ in range(rng.choice((0, 0, 2, 4))):
        x = int(w * rng.choice((0.18, 0.25, 0.5, 0.75, 0.82)) + rng.gauss(0, 2))
        y = int(h * rng.choice((0.07, 0.12, 0.88, 0.93)))
        tone = rng.randint(60, 220)
        cv2.circle(p, (x, y), max(1, h // 32), (tone, tone, tone), -1, cv2.LINE_AA)
    return p


def _dirt(p: Picture, rng: random.Random) -> Picture:
    h, w = p.shape[:2]
    noise = np.random.default_rng(rng.randrange(1 << 30)).random((max(2, h // 10), max(2, w // 10)))
    field = cv2.resize(noise.astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    mask = np.clip((field - rng.uniform(0.55, 0.8)) * 3, 0, rng.uniform(0.3, 0.8))[..., None]
    tone = np.array([rng.randint(40, 110), rng.randint(60, 130), rng.randint(80, 150)])
    return (p * (1 - mask) + tone * mask).astype(np.uint8)


def _bent(p: Picture, rng: random.Random) -> Picture:
    """Rows and columns pushed along a wave."""
    h, w = p.shape[:2]
    ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
    turns, phase = rng.uniform(0.4, 1.6), rng.uniform(0, 6.3)
    ys = ys + rng.uniform(-0.05, 0.05) * h * np.sin(xs / w * turns * 6.3 + phase)
    xs = xs + rng.uniform(-0.015, 0.015) * w * np.sin(ys / h * 3.1 + phase)
    map_x, map_y = xs.astype(np.float32), ys.astype(np.float32)
    return cv2.remap(p, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(
        np.uint8
    )


def _framed(p: Picture, rng: random.Random) -> Picture:
    """A holder that covers the rim, now and then with a dealer's lettering below."""
    h, w = p.shape[:2]
    thick = max(1, round(h * rng.uniform(0.02, 0.06)))
    tone = (rng.randint(0, 90),) * 3 if rng.random() < 0.7 else (rng.randint(150, 230),) * 3
    cv2.rectangle(p, (0, 0), (w - 1, h - 1), tone, thick * 2)
    if rng.random() < 0.4:
        foot = max(4, round(h * rng.uniform(0.08, 0.16)))
        out = np.empty((h + foot, w, 3), np.uint8)
        out[:h], out[h:] = p, tone
        word = "".join(rng.choice("ABCDEFGHILMNOPRSTUX .") for _ in range(rng.randint(5, 16)))
        ink = (220, 220, 220) if tone[0] < 120 else (30, 30, 30)
        at = (round(w * rng.uniform(0.05, 0.4)), h + foot - max(1, foot // 4))
        cv2.putText(out, word, at, cv2.FONT_HERSHEY_SIMPLEX, foot / 36, ink, 1, cv2.LINE_AA)
        return out
    return p


def _tilted(p: Picture, rng: random.Random, hardness: float) -> Picture:
    """Perspective, rotation and the surroundings that a crop takes along or cuts off."""
    h, w = p.shape[:2]
    shift = 0.05 + 0.09 * hardness
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    pad_x, pad_y = rng.uniform(-0.01, 0.10) * w, rng.uniform(-0.02, 0.16) * h
    W, H = int(w + 2 * pad_x), int(h + 2 * pad_y)
    target = source + np.array([pad_x, pad_y], np.float32)
    skew, roll = rng.gauss(0, shift) * h, rng.gauss(0, 0.045 * hardness)
    centre = target.mean(0)
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    target = ((target - centre) @ turn.T + centre).astype(np.float32)
    target[:2, 0] += skew
    target += np.array([[rng.gauss(0, 0.02) * w, rng.gauss(0, 0.035) * h] for _ in range(4)])
    target = target.astype(np.float32)
    jitter = np.array([rng.gauss(0, 0.015) * w, rng.gauss(0, 0.03) * h], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target + jitter)
    tone = [rng.randint(10, 200)] * 3
    around = np.empty((H, W, 3), np.uint8)
    around[:] = np.clip(np.array(tone) + [rng.randint(-15, 15) for _ in range(3)], 0, 255)
    if rng.random() < 0.5:
        ramp = np.linspace(rng.uniform(0.5, 1.2), rng.uniform(0.5, 1.2), H)[:, None, None]
        around = np.clip(around * ramp, 0, 255).astype(np.uint8)
    view = cv2.warpPerspective(p, matrix, (W, H), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((h, w), 255, np.uint8), matrix, (W, H))[..., None] / 255.0
    return (view * mask + around * (1 - mask)).astype(np.uint8)


def _shade(p: Picture, rng: random.Random) -> Picture:
    gain = rng.uniform(0.45, 1.35)
    cast = np.array([rng.uniform(0.85, 1.15) for _ in range(3)])
    lifted = p.astype(np.float32) * gain * cast + rng.uniform(-25, 40)
    if rng.random() < 0.4:
        w = p.shape[1]
        edge = np.linspace(rng.uniform(0.4, 1.2), rng.uniform(0.4, 1.2), w)[None, :, None]
        lifted = lifted * edge
    if rng.random() < 0.15:
        y = rng.randrange(1, p.shape[0])
        lifted[:y] *= rng.uniform(0.4, 0.8)
    return np.clip(lifted, 0, 255).astype(np.uint8)


def _glare(p: Picture, rng: random.Random) -> Picture:
    h, w = p.shape[:2]
    ys, xs = np.mgrid[0:h, 0:w]
    cx, cy, r = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(0.2, 0.6) * w
    spot = np.exp(-((xs - cx) ** 2 + (ys - cy) ** 2) / (2 * r * r))[..., None]
    return np.clip(p + spot * rng.uniform(60, 170), 0, 255).astype(np.uint8)


def _night(p: Picture, rng: random.Random) -> Picture:
    if rng.random() < 0.5:
        grey = cv2.cvtColor(p, cv2.COLOR_BGR2GRAY)[..., None].repeat(3, 2)
        return np.clip(grey * rng.uniform(0.4, 1.4), 0, 255).astype(np.uint8)
    return np.clip((p / 255.0) ** rng.uniform(1.3, 2.6) * 255, 0, 255).astype(np.uint8)


def _small(p: Picture, rng: random.Random, hardness: float) -> Picture:
    """As few pixels as a far plate has, down to 50 across."""
    h, w = p.shape[:2]
    width = int(np.exp(rng.uniform(np.log(50 if hardness > 0.5 else 90), np.log(220))))
    if w / h < 1.9:
        width = max(38, int(width * 0.6))
    if width >= w:
        return p
    ways = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC)
    size = (width, max(10, round(h * width / w)))
    return cv2.resize(p, size, interpolation=rng.choice(ways)).astype(np.uint8)


def _motion(p: Picture, rng: random.Random) -> Picture:
    n = rng.randint(2, max(2, min(7, p.shape[1] // 18)))
    kernel = np.zeros((n, n), np.float32)
    if rng.random() < 0.5:
        kernel[n // 2] = 1 / n
    else:
        kernel[:, n // 2] = 1 / n
    return cv2.filter2D(p, -1, kernel).astype(np.uint8)


def _rain(p: Picture, rng: random.Random) -> Picture:
    h, w = p.shape[:2]
    for _ in range(rng.randint(3, 12)):
        x, y, n = rng.randrange(w), rng.randrange(h), rng.randint(3, max(4, h // 3))
        cv2.line(p, (x, y), (x + rng.randint(-2, 2), y + n), (200, 200, 200), 1, cv2.LINE_AA)
    return p
