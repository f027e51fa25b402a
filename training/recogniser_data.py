"""Pictures that training draws from again and again: invented plates, and surroundings.

Invented plates are kept head-on, with dirt and dents but without camera: every use sees them anew
(training/recogniser_view.py). Surroundings are parts of street pictures in which no peer sees a
plate; they stand behind invented plates and teach what is no plate.

Example: python -m training.recogniser_data --data ../shared/data --out /tmp/plates
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
from pathlib import Path

import cv2
import numpy as np

from edge.domain.plate import ALPHABET
from simulator.plates import draw, fonts_shipped, invent, weathered, worn
from training.peers import PlatePeers
from training.recogniser_net import COLOURS
from training.recogniser_real import NOTHING, Sample, whole
from training.recogniser_view import fitted

LONGEST = 10
CHUNK = 2000
STREETS = ("coco_vehicles", "vehicles_openimages", "vehicles_highway")


def encode(text: str) -> list[int]:
    return [ALPHABET.index(c) + 1 for c in text]


def invented(seed: int, faces: list[tuple[Path, Path]], camera: bool = True) -> Sample:
    """One drawn plate; the same seed gives the same picture. `camera`: as one sees it, else
    head-on and at its own size."""
    rng = random.Random(seed)
    if rng.random() < 0.06:
        return _lettering(rng, camera)
    plate = invent(rng)
    stroke = rng.choice((-8, -5, -3, 0, 0, 3, 5))
    face = rng.choice(faces)
    clean = draw(plate.text, plate.country, plate.colour, plate.lines, 120, face, stroke)
    if camera:
        picture = worn(clean, rng, rng.choice((0.4, 0.8, 1.0, 1.0)))
    else:
        picture = weathered(clean, rng, rng.choice((0.0, 0.7, 1.0)))
    colour, lines = COLOURS.index(plate.colour), min(2, plate.lines)
    return Sample(picture, whole(picture), plate.text, colour, lines, "invented")


def _lettering(rng: random.Random, camera: bool) -> Sample:
    """Words, grilles and noise that must not be read."""
    h, w = 60, rng.randint(80, 260)
    picture = np.empty((h, w, 3), np.uint8)
    picture[:] = [rng.randint(0, 255) for _ in range(3)]
    kind = rng.random()
    tone = tuple(rng.randint(0, 255) for _ in range(3))
    if kind < 0.7:
        word = "".join(rng.choice("ABCDEFGHIKLMNOPRSTUVXY:/-") for _ in range(rng.randint(2, 9)))
        face = rng.choice((cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX))
        cv2.putText(picture, word, (6, 42), face, rng.uniform(0.6, 1.5), tone, rng.randint(1, 4))
    elif kind < 0.85:
        for y in range(0, h, rng.randint(4, 14)):
            cv2.line(picture, (0, y), (w, y), tone, rng.randint(1, 4))
    if camera:
        picture = worn(picture, rng, 0.8)
    return Sample(picture, whole(picture), NOTHING, -1, 0, "lettering")


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
    latins = [latin, *[f for f in more_latin if f.exists()]]
    return [(a, b) for a in latins for b in (chinese, *chinese_faces())]


def chinese_faces() -> list[Path]:
    """Upright Chinese faces: the shipped one, and what this computer has."""
    root = Path("/usr/share/fonts")
    more = [
        root / "truetype/wqy/wqy-zenhei.ttc",
        root / "truetype/wqy/wqy-microhei.ttc",
        root / "truetype/droid/DroidSansFallbackFull.ttf",
        root / "opentype/noto/NotoSansCJK-Bold.ttc",
        root / "opentype/noto/NotoSansCJK-Regular.ttc",
    ]
    return [fonts_shipped()[1], *[f for f in more if f.exists()]]


def _chunk(job: tuple[int, int, Path]) -> Path:
    """Draws invented plates `begin`..`end` into one file."""
    begin, end, out = job
    cv2.setNumThreads(1)
    faces = faces_here()
    samples = [invented(seed, faces, camera=False) for seed in range(begin, end)]
    file = out / f"invented-{begin:07d}.npz"
    texts = np.zeros((len(samples), LONGEST), np.uint8)
    for i, sample in enumerate(samples):
        texts[i, : len(sample.text)] = encode(sample.text)
    np.savez(
        file,
        pictures=np.stack([fitted(s.picture) for s in samples]),
        aspects=np.array([s.picture.shape[1] / s.picture.shape[0] for s in samples], np.float32),
        texts=texts,
        colours=np.array([s.colour for s in samples], np.int8),
        lines=np.array([s.lines for s in samples], np.int8),
    )
    return file


def _surroundings(data: Path, pictures: int, each: int) -> np.ndarray:
    """(n, HEIGHT, WIDTH, 3): parts of street pictures without plates."""
    rng = random.Random(11)
    plates = PlatePeers(data / "peers", 0.15, 0.15)
    files = [f for s in STREETS for f in sorted((data / s).rglob("*.jpg"))]
    found = []
    for file in rng.sample(files, min(pictures, len(files))):
        picture = cv2.imread(str(file))
        if picture is None:
            continue
        h, w = picture.shape[:2]
        centres = [(x * w, y * h) for _, x, y, _, _ in plates(picture)]
        for _ in range(each):
            across = rng.uniform(0.08, 0.5) * w
            down = across / rng.uniform(1.2, 4.5)
            x, y = rng.uniform(0, w - across), rng.uniform(0, max(1.0, h - down))
            if not any(x <= a <= x + across and y <= b <= y + down for a, b in centres):
                part = picture[int(y) : int(y + down) + 2, int(x) : int(x + across) + 2]
                found.append(fitted(part))
    return np.stack(found)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--invented", type=int, default=40_000)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--streets", type=int, default=300, help="pictures for surroundings")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    np.save(args.out / "surroundings.npy", _surroundings(args.data, args.streets, 5))
    begins = range(args.first_seed, args.first_seed + args.invented, CHUNK)
    jobs = [(b, b + CHUNK, args.out) for b in begins]
    with multiprocessing.get_context("spawn").Pool(args.workers) as pool:
        for n, file in enumerate(pool.imap_unordered(_chunk, jobs), 1):
            print(f"{n * CHUNK} of {args.invented}: {file.name}", flush=True)


if __name__ == "__main__":
    main()
