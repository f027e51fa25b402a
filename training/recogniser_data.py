"""Plates to learn from: invented ones without end, and the real ones of the training part.

Real texts: verified by eye, or where two independent readers agree and the grammar fits. Plates
whose text falls into the held-out part (training/part.py) are never trained on.

Example: python -m training.recogniser_data --data ../shared/data --out /tmp/rec --invented 100000
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.plate import ALPHABET, canonical, parse
from simulator.plates import draw, fonts_shipped, invent, worn
from training.part import part_of
from training.recogniser_net import COLOURS, HEIGHT, WIDTH

LONGEST = 10
NOTHING = ""
"""The text of what is no plate: badges, lettering, grilles."""


@dataclass(frozen=True, slots=True)
class Sample:
    picture: np.ndarray
    text: str
    colour: int
    lines: int
    source: str


def fitted(picture: np.ndarray) -> np.ndarray:
    """(HEIGHT, WIDTH, 3): the plate stretched to the network's input."""
    return cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)


def real(data: Path, part: str) -> Iterator[Sample]:
    """The real plates of a part ("train" or "val"), as tight crops."""
    folder = data / "vn_crops"
    with (folder / "verified.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            text = canonical(row["text"])
            if part_of(text) == part:
                yield _crop(folder / "verified" / row["file"], text, -1, int(row["lines"]), "vn")
    if part == "train":
        with (folder / "unverified.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                a, b = canonical(row["weak_text_a"]), canonical(row["weak_text_b"])
                if a == b and parse(a) and part_of(a) == part:
                    yield _crop(folder / "unverified" / row["file"], a, -1, 0, "vn-weak")
    for file in sorted((data / "cn_crops").glob("*.jpg")):
        text = canonical(file.stem.split("_")[0])
        if part_of(text) == part:
            yield _crop(file, text, COLOURS.index("blue"), 1, "cn")
    yield from _scenes(data, part)


def _crop(file: Path, text: str, colour: int, lines: int, source: str) -> Sample:
    picture = cv2.imread(str(file))
    if lines == 0:
        lines = 1 if picture.shape[1] / picture.shape[0] > 2.2 else 2
    return Sample(picture, text, colour, lines, source)


def _scenes(data: Path, part: str) -> Iterator[Sample]:
    for name in ("vn_scenes", "cn_scenes"):
        with (data / name / "truth.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                text = canonical(row["text"])
                picture = cv2.imread(str(data / name / row["file"]))
                if picture is None or part_of(text) != part:
                    continue
                w, h = float(row["w"]), float(row["h"])
                x = float(row["cx"]) - w / 2 if "cx" in row else float(row["x"])
                y = float(row["cy"]) - h / 2 if "cy" in row else float(row["y"])
                m = 0.25
                x1, y1 = max(0, int(x - m * w)), max(0, int(y - m * h))
                x2, y2 = int(x + w + m * w), int(y + h + m * h)
                colour = COLOURS.index(row["colour"]) if row["colour"] in COLOURS else -1
                lines = int(row["lines"]) if "lines" in row else (1 if w / h > 2.3 else 2)
                yield Sample(picture[y1:y2, x1:x2], text, colour, lines, f"{name}+{m}")


def invented(seed: int, faces: list[tuple[Path, Path]]) -> Sample:
    """One drawn and worn plate; the same seed gives the same picture."""
    rng = random.Random(seed)
    if rng.random() < 0.06:
        return _no_plate(rng)
    plate = invent(rng)
    clean = draw(plate.text, plate.country, plate.colour, plate.lines, 120, rng.choice(faces))
    picture = fitted(worn(clean, rng, rng.choice((0.4, 0.8, 1.0, 1.0))))
    return Sample(picture, plate.text, COLOURS.index(plate.colour), plate.lines, "invented")


def _no_plate(rng: random.Random) -> Sample:
    """Lettering, grilles and noise that must not be read."""
    h, w = 60, rng.randint(80, 260)
    picture = np.empty((h, w, 3), np.uint8)
    picture[:] = [rng.randint(0, 255) for _ in range(3)]
    kind = rng.random()
    tone = tuple(rng.randint(0, 255) for _ in range(3))
    if kind < 0.6:
        word = "".join(rng.choice("ABCDEFGHIKLMNOPRSTUVXY") for _ in range(rng.randint(2, 6)))
        face = rng.choice((cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX))
        cv2.putText(picture, word, (6, 42), face, rng.uniform(0.8, 1.5), tone, rng.randint(1, 4))
    elif kind < 0.8:
        for y in range(0, h, rng.randint(4, 14)):
            cv2.line(picture, (0, y), (w, y), tone, rng.randint(1, 4))
    noise = np.random.default_rng(rng.randrange(1 << 30)).normal(0, 12, picture.shape)
    picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return Sample(fitted(worn(picture, rng, 0.8)), NOTHING, -1, 0, "nothing")


def jittered(picture: np.ndarray, rng: random.Random, source: str) -> np.ndarray:
    """A real crop as it may come from the detector: loose or tight, turned, lit otherwise."""
    h, w = picture.shape[:2]
    if "+" in source:
        m = float(source.split("+")[1])
        inner = m / (1 + 2 * m)
        x1, x2 = (inner + rng.gauss(-0.02, 0.025)) * w, (1 - inner + rng.gauss(0.02, 0.025)) * w
        y1, y2 = (inner + rng.gauss(-0.03, 0.04)) * h, (1 - inner + rng.gauss(0.03, 0.04)) * h
    else:
        x1, x2 = rng.uniform(-0.08, 0.02) * w, (1 + rng.uniform(-0.02, 0.08)) * w
        y1, y2 = rng.uniform(-0.12, 0.03) * h, (1 + rng.uniform(-0.03, 0.12)) * h
    skew = rng.gauss(0, 0.05) * h
    # Cameras hang beside the lane: plates lean, and the box around them takes more along.
    lean = rng.gauss(0, 0.16) * h if rng.random() < 0.6 else 0.0
    y1, y2 = y1 - abs(lean) * 0.5, y2 + abs(lean) * 0.5
    corners = [
        [x1 + skew, y1 - lean / 2],
        [x2 + skew, y1 + lean / 2],
        [x2, y2 + lean / 2],
        [x1, y2 - lean / 2],
    ]
    source_points = np.array(
        [[x + rng.gauss(0, 0.008) * w, y + rng.gauss(0, 0.02) * h] for x, y in corners], np.float32
    )
    target = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    matrix = cv2.getPerspectiveTransform(source_points, target)
    out = cv2.warpPerspective(picture, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    if rng.random() < 0.5:
        gain, lift = rng.uniform(0.6, 1.3), rng.uniform(-25, 25)
        out = np.clip(out.astype(np.float32) * gain + lift, 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        small = (WIDTH * rng.uniform(0.35, 0.8), HEIGHT * rng.uniform(0.35, 0.8))
        out = cv2.resize(cv2.resize(out, (int(small[0]), int(small[1]))), (WIDTH, HEIGHT))
    if rng.random() < 0.15:
        out = cv2.cvtColor(cv2.cvtColor(out, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    return out.astype(np.uint8)


def leaning(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """An invented plate, already fitted, as a camera from beside sees it."""
    lean = rng.gauss(0, 0.2) * HEIGHT
    high = (1 - rng.uniform(0.0, 0.25)) * HEIGHT - abs(lean)
    wide = rng.uniform(0.84, 1.0) * WIDTH
    x, y = rng.uniform(0, WIDTH - wide), rng.uniform(0, max(0.0, HEIGHT - high - abs(lean)))
    y += max(0.0, -lean)
    source = np.array([[0, 0], [WIDTH, 0], [0, HEIGHT]], np.float32)
    target = np.array([[x, y], [x + wide, y + lean], [x, y + max(high, 20.0)]], np.float32)
    matrix = cv2.getAffineTransform(source, target)
    size = (WIDTH, HEIGHT)
    return cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)


def encode(text: str) -> list[int]:
    return [ALPHABET.index(c) + 1 for c in text]


def faces_here() -> list[tuple[Path, Path]]:
    """Pairs of a Latin and a Chinese face: the shipped ones, and what this computer has."""
    latin, chinese = fonts_shipped()
    root = Path("/usr/share/fonts")
    more_latin = [
        root / "truetype/dejavu/DejaVuSansCondensed-Bold.ttf",
        root / "truetype/roboto/unhinted/RobotoTTF/Roboto-Bold.ttf",
        root / "truetype/roboto/unhinted/RobotoCondensed-Medium.ttf",
        root / "truetype/liberation/LiberationSans-Bold.ttf",
        root / "truetype/liberation/LiberationSansNarrow-Bold.ttf",
        root / "opentype/bebas-neue/BebasNeue-Bold.otf",
        root / "opentype/bebas-neue/BebasNeue-Regular.otf",
        root / "truetype/lato/Lato-Bold.ttf",
        root / "truetype/open-sans/OpenSans-Semibold.ttf",
    ]
    more_chinese = [
        root / "truetype/wqy/wqy-zenhei.ttc",
        root / "truetype/wqy/wqy-microhei.ttc",
        root / "truetype/droid/DroidSansFallbackFull.ttf",
    ]
    latins = [latin, *[f for f in more_latin if f.exists()]]
    chineses = [chinese, chinese, *[f for f in more_chinese if f.exists()]]
    return [(a, b) for a in latins for b in chineses]


def _chunk(job: tuple[int, int, Path]) -> Path:
    """Draws invented plates `begin`..`end` into one file."""
    begin, end, out = job
    cv2.setNumThreads(1)
    faces = faces_here()
    samples = [invented(seed, faces) for seed in range(begin, end)]
    file = out / f"invented-{begin:07d}.npz"
    texts = np.zeros((len(samples), LONGEST), np.uint8)
    for i, sample in enumerate(samples):
        texts[i, : len(sample.text)] = encode(sample.text)
    np.savez(
        file,
        pictures=np.stack([s.picture for s in samples]),
        texts=texts,
        colours=np.array([s.colour for s in samples], np.int8),
        lines=np.array([s.lines for s in samples], np.int8),
    )
    return file


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--invented", type=int, default=100_000)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    step = 2000
    begins = range(args.first_seed, args.first_seed + args.invented, step)
    jobs = [(b, b + step, args.out) for b in begins]
    with multiprocessing.get_context("spawn").Pool(args.workers) as pool:
        for n, file in enumerate(pool.imap_unordered(_chunk, jobs), 1):
            print(f"{n * step} of {args.invented}: {file.name}", flush=True)


if __name__ == "__main__":
    main()
