"""How a camera and the detector hand a plate to the recogniser: seen from anywhere, boxed loosely,
lit and blurred. The same for real and for invented plates.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import cv2
import numpy as np

from training.recogniser_net import HEIGHT, WIDTH

SIZE = (WIDTH, HEIGHT)

Hide = Callable[[np.ndarray, tuple[float, float, float, float]], np.ndarray]
"""Takes a view and the plate's box in it, gives the view with the plate not whole."""


def fitted(picture: np.ndarray) -> np.ndarray:
    """(HEIGHT, WIDTH, 3): the plate stretched to the network's input, as at run time."""
    return cv2.resize(picture, SIZE, interpolation=cv2.INTER_LINEAR)


def boxed(picture: np.ndarray, quad: np.ndarray, margins: tuple[float, float]) -> np.ndarray:
    """The plate as a perfect detector boxes it, grown by shares of its width and height."""
    height, width = picture.shape[:2]
    (x1, y1), (x2, y2) = quad.min(0), quad.max(0)
    mx, my = margins[0] * (x2 - x1), margins[1] * (y2 - y1)
    left, top = int(max(0, x1 - mx)), int(max(0, y1 - my))
    return picture[top : int(min(height, y2 + my)), left : int(min(width, x2 + mx))]


def seen(
    picture: np.ndarray,
    quad: np.ndarray,
    rng: random.Random,
    around: np.ndarray | None = None,
    tilt: float = 1.0,
    wear: float = 1.0,
    aspect: float = 0.0,
    hide: Hide | None = None,
) -> np.ndarray:
    """The network's input for one random view. `quad`: the plate in the picture; `around`: a
    picture to put behind it, else the picture's own surroundings; `tilt` and `wear` 0 none .. 1;
    `aspect`: of the plate, where the picture is stretched; `hide`: what takes a part of it away."""
    (x1, y1), (x2, y2) = quad.min(0), quad.max(0)
    w, h = float(x2 - x1), float(y2 - y1)
    aspect = aspect or w / h
    leaning = rng.random() < 0.65
    lean = rng.gauss(0, 0.09) * tilt if leaning else rng.gauss(0, 0.02)
    if aspect < 2.2:
        lean *= 1.7
    slant = rng.gauss(0, 0.16) * tilt if leaning else rng.gauss(0, 0.03)
    # Both as shares of the plate's true sides.
    stretch = aspect * h / w
    shear = np.array([[1.0, slant / stretch], [lean * stretch, 1.0]])
    corners = (quad - quad.mean(0)) @ shear.T
    corners += np.array([[rng.gauss(0, 0.012) * w, rng.gauss(0, 0.02) * h] for _ in range(4)])
    low, high = corners.min(0), corners.max(0)
    # The detector's box: mostly a little larger than the plate, now and then too small.
    spread = 0.05
    left, right = (rng.gauss(0.06, spread) * w for _ in range(2))
    top, bottom = (rng.gauss(0.10, spread * 1.4) * h for _ in range(2))
    loose = rng.choice((2.0, 3.5)) if rng.random() < 0.2 else 1.0
    low = low - loose * np.array([max(-0.03 * w, left), max(-0.05 * h, top)])
    high = high + loose * np.array([max(-0.03 * w, right), max(-0.05 * h, bottom)])
    target = ((corners - low) / (high - low) * SIZE).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    border = cv2.BORDER_REPLICATE
    out = cv2.warpPerspective(picture, matrix, SIZE, flags=_way(w), borderMode=border)
    if around is not None:
        mask = np.full(picture.shape[:2], 255, np.uint8)
        inside = cv2.warpPerspective(mask, matrix, SIZE)[..., None] / 255.0
        out = (out * inside + around * (1 - inside)).astype(np.uint8)
    if hide is not None:
        (left, top), (right, bottom) = target.min(0), target.max(0)
        out = hide(out, (float(left), float(top), float(right), float(bottom)))
    return camera(out, rng, wear, aspect, w)


def _way(width: float) -> int:
    return cv2.INTER_AREA if width > 1.5 * WIDTH else cv2.INTER_LINEAR


def camera(
    picture: np.ndarray, rng: random.Random, wear: float, aspect: float, pixels: float
) -> np.ndarray:
    """Light, few pixels, blur, noise and compression; (HEIGHT, WIDTH, 3) again. `pixels`: what
    the plate is really wide."""
    out = picture
    if rng.random() < 0.7 * wear:
        out = _light(out, rng)
    if rng.random() < 0.25 * wear:
        out = _spots(out, rng)
    if rng.random() < 0.05 * wear:
        out = _stamped(out, rng)
    across = min(pixels, float(WIDTH)) if rng.random() < 0.5 else float(WIDTH)
    if rng.random() < 0.6 * wear:
        least = 42 if aspect > 2.2 else 32
        across = min(across, float(np.exp(rng.uniform(np.log(least), np.log(200)))))
    if across < WIDTH:
        size = (round(across), max(12, round(across / max(1.2, min(aspect, 4.4)))))
        way = rng.choice((cv2.INTER_AREA, cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC))
        out = cv2.resize(out, size, interpolation=way)
    if rng.random() < 0.3 * wear:
        out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.3, 0.009 * out.shape[1] + 0.3))
    elif rng.random() < 0.2 * wear:
        n = rng.randint(2, max(2, out.shape[1] // 22))
        kernel = np.full((1, n) if rng.random() < 0.6 else (n, 1), 1 / n, np.float32)
        out = cv2.filter2D(out, -1, kernel)
    if rng.random() < 0.4 * wear:
        sigma = rng.uniform(1, 10)
        noise = np.empty(out.shape, np.int16)
        cv2.setRNGSeed(rng.randrange(1 << 30))
        cv2.randn(noise, 0, sigma)
        out = np.clip(out.astype(np.int16) + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.12:
        out = cv2.cvtColor(cv2.cvtColor(out, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.35 * wear:
        done, data = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(25, 85)])
        if done:
            out = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return fitted(out) if out.shape[:2] != (HEIGHT, WIDTH) else out


def _spots(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """Screws, reflections and splashes on the characters."""
    out = picture.copy()
    for _ in range(rng.randint(1, 3)):
        spot = out.copy()
        at = (rng.randrange(WIDTH), rng.randrange(HEIGHT))
        tone = (rng.choice((rng.randint(190, 255), rng.randint(0, 90))),) * 3
        axes = (rng.randint(1, 6), rng.randint(1, 7))
        cv2.ellipse(spot, at, axes, rng.uniform(0, 180), 0, 360, tone, -1, cv2.LINE_AA)
        share = rng.uniform(0.4, 0.95)
        out = cv2.addWeighted(spot, share, out, 1 - share, 0)
    return out


def _stamped(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """A camera's clock written over the upper or lower edge of the plate."""
    out = picture.copy()
    clock = f"{rng.randint(2010, 2030)}/{rng.randint(1, 12):02}/{rng.randint(1, 31):02}"
    row = rng.choice((rng.randint(2, 14), rng.randint(HEIGHT - 6, HEIGHT + 10)))
    tone = (rng.randint(190, 255),) * 3
    at, size = (rng.randint(-60, 60), row), rng.uniform(0.5, 1.1)
    cv2.putText(out, clock, at, cv2.FONT_HERSHEY_SIMPLEX, size, tone, 1, cv2.LINE_AA)
    return out


def _light(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """Gain, lift, gamma and a cast; haze; overexposure; shade across; glare; a shadow's edge."""
    out = picture.astype(np.float32)
    if rng.random() < 0.2:
        middle = out.mean((0, 1))
        out = middle + (out - middle) * rng.uniform(0.3, 0.9)
    if rng.random() < 0.12:
        out = np.minimum(255, out * rng.uniform(1.3, 2.4))
    if rng.random() < 0.3:
        out = 255 * (out / 255) ** rng.uniform(0.6, 2.2)
    cast = np.array([rng.gauss(1, 0.08) for _ in range(3)], np.float32)
    out = out * (rng.uniform(0.45, 1.35) * cast) + rng.uniform(-30, 35)
    if rng.random() < 0.25:
        ramp = np.linspace(rng.uniform(0.5, 1.2), rng.uniform(0.5, 1.2), WIDTH, dtype=np.float32)
        out *= ramp[None, :, None]
    if rng.random() < 0.1:
        edge = rng.randrange(HEIGHT)
        out[:edge] *= rng.uniform(0.45, 0.85)
    if rng.random() < 0.12:
        ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH]
        cx, cy, r = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(15, 70)
        spot = np.exp(-((xs - cx) ** 2 + (ys - cy) ** 2) / (2 * r * r))[..., None]
        out += spot.astype(np.float32) * rng.uniform(50, 160)
    return np.clip(out, 0, 255).astype(np.uint8)
