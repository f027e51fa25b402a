"""Real photographs -> one data set for the vehicle and plate detector.

Sets name only their own classes, so what a set leaves unlabelled is labelled here by peer models
that never ship: plates in vehicle pictures, vehicles in plate pictures. Pictures whose plate text
falls in the held-out part are left out of training (the same part as the recogniser's).

Example: python -m training.prepare_detector --data ../shared/data --out /tmp/detector
"""

from __future__ import annotations

import argparse
import csv
import math
import random
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from training.detector_pasting import lettered, replaced
from training.part import part_of
from training.peers import PlatePeers, VehiclePeer
from training.recogniser_real import SCENES

NAMES = ("car", "motorcycle", "bus", "truck", "plate")
PLATE = 4
LONGEST = 960
"""Pictures are kept no longer than this on a side: training needs no more and reads faster."""

NEAREST = ("cn_scenes", "vn_scenes")

Label = tuple[int, float, float, float, float]
"""Class and box centre x, y, width, height as fractions of the picture."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scenes", type=int, default=0, help="rendered pictures to add")
    parser.add_argument("--only-scenes", action="store_true")
    parser.add_argument(
        "--pasted", type=int, default=0, help="copies of each picture with invented plates"
    )
    args = parser.parse_args()
    for part in ("train", "val"):
        (args.out / "images" / part).mkdir(parents=True, exist_ok=True)
        (args.out / "labels" / part).mkdir(parents=True, exist_ok=True)
    counts = {"train": 0, "val": 0}
    sources = [] if args.only_scenes else [_real(args.data)]
    rng = random.Random(11)
    for name, picture, labels, part in (item for source in sources for item in source):
        # Its boxes are loose where a plate leans: only with a new plate, whose box is known, good.
        if not (args.pasted and part == "train" and name.startswith("plates_us")):
            _write(args.out, name, picture, labels, part)
            counts[part] += 1
        # Of the pictures that a gate's are most like there are few.
        copies = args.pasted * (3 if name.startswith(NEAREST) else 1)
        for copy in range(copies if part == "train" else 0):
            changed = _pasted(picture, labels, rng)
            if changed is not None:
                _write(args.out, f"{name}-pasted{copy}", *changed, part)
                counts[part] += 1
        if sum(counts.values()) % 100 == 0:
            print(f"{counts['train']} for training, {counts['val']} held out", flush=True)
    for number in range(args.scenes):
        picture, labels = _rendered(number)
        part = "val" if number % 20 == 0 else "train"
        _write(args.out, f"scene-{number:05d}", picture, labels, part)
        counts[part] += 1
    names = "\n".join(f"  {i}: {n}" for i, n in enumerate(NAMES))
    yaml = f"path: {args.out.resolve()}\ntrain: images/train\nval: images/val\nnames:\n{names}\n"
    (args.out / "data.yaml").write_text(yaml)
    print(f"{counts['train']} pictures for training, {counts['val']} held out, in {args.out}")


Item = tuple[str, np.ndarray, list[Label], str]


def _real(data: Path) -> Iterator[Item]:
    plates, vehicles = PlatePeers(data / "peers"), VehiclePeer(data / "peers")
    for folder in ("coco_vehicles", "vehicles_openimages", "vehicles_highway"):
        for picture, labels, file in _labelled(data / folder):
            part = part_of(file.stem)
            yield f"{folder}-{file.stem}", picture, labels + plates(picture), part
    for folder in ("plates_night", "plates_us"):
        for picture, labels, file in _labelled(data / folder):
            part = part_of(file.stem)
            yield f"{folder}-{file.stem}", picture, labels + vehicles(picture), part
    for folder in (*SCENES, "foreign_scenes"):
        for file, boxes in _truth(data / folder).items():
            picture = cv2.imread(str(file))
            if picture is None:
                continue
            height, width = picture.shape[:2]
            held = any(part_of(text) == "val" for text, _ in boxes)
            labels = [
                (PLATE, (x + w / 2) / width, (y + h / 2) / height, w / width, h / height)
                for _, (x, y, w, h) in boxes
            ]
            found = [p for p in plates(picture) if not any(_same(p, q) for q in labels)]
            part = "val" if held else "train"
            yield f"{folder}-{file.stem}", picture, labels + found + vehicles(picture), part


def _labelled(folder: Path) -> Iterator[tuple[np.ndarray, list[Label], Path]]:
    for file in sorted((folder / "images").iterdir()):
        picture = cv2.imread(str(file))
        text = folder / "labels" / f"{file.stem}.txt"
        if picture is None or not text.exists():
            continue
        rows = [line.split() for line in text.read_text().splitlines() if line.strip()]
        labels = [(int(r[0]), *(float(v) for v in r[1:5])) for r in rows]
        yield picture, labels, file


def _truth(folder: Path) -> dict[Path, list[tuple[str, tuple[float, float, float, float]]]]:
    """File -> plates as (text, (x, y, width, height)) in pixels."""
    found: dict[Path, list[tuple[str, tuple[float, float, float, float]]]] = {}
    with (folder / "truth.csv").open(encoding="utf-8") as file:
        if folder.name == "foreign_scenes":
            for row in csv.reader(file):
                x, y, w, h = (float(v) for v in row[1:5])
                found.setdefault(folder / row[0], []).append((row[5], (x, y, w, h)))
            return found
        for line in csv.DictReader(file):
            found.setdefault(folder / line["file"], []).append((line["text"], _upright_box(line)))
    return found


def _upright_box(line: dict[str, str]) -> tuple[float, float, float, float]:
    """(x, y, width, height) of the upright box around a plate that may lean: `w` and `h` are the
    plate's own, `rotation` in degrees about its centre."""
    w, h = float(line["w"]), float(line["h"])
    if "cx" not in line:
        return float(line["x"]), float(line["y"]), w, h
    a = math.radians(float(line["rotation"] or 0))
    across = w * abs(math.cos(a)) + h * abs(math.sin(a))
    down = w * abs(math.sin(a)) + h * abs(math.cos(a))
    return float(line["cx"]) - across / 2, float(line["cy"]) - down / 2, across, down


def _same(a: Label, b: Label) -> bool:
    return abs(a[1] - b[1]) < max(a[3], b[3]) / 2 and abs(a[2] - b[2]) < max(a[4], b[4]) / 2


def _rendered(number: int) -> tuple[np.ndarray, list[Label]]:
    from simulator.scene import sample

    picture, boxes = sample(random.Random(number))
    height, width = picture.shape[:2]
    labels = []
    for box in boxes:
        x1, y1, x2, y2 = box.box
        x1, x2 = max(0.0, x1), min(float(width), x2)
        y1, y2 = max(0.0, y1), min(float(height), y2)
        if x2 - x1 < 4 or y2 - y1 < 3:
            continue
        size = ((x2 - x1) / width, (y2 - y1) / height)
        centre = ((x1 + x2) / 2 / width, (y1 + y2) / 2 / height)
        labels.append((NAMES.index(box.kind), *centre, *size))
    return picture, labels


def _pasted(
    picture: np.ndarray, labels: list[Label], rng: random.Random
) -> tuple[np.ndarray, list[Label]] | None:
    """A copy with every plate replaced that can be, and lettering; None where no plate was."""
    height, width = picture.shape[:2]
    size = np.array([width, height, width, height])
    boxes, changed = [], 0
    for kind, x, y, w, h in labels:
        box = tuple(np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2]) * size)
        new = replaced(picture, box, rng) if kind == PLATE else None
        if new is not None:
            picture, box = new
            changed += 1
        boxes.append((kind, box))
    if not changed:
        return None
    plates = [box for kind, box in boxes if kind == PLATE]
    if rng.random() < 0.5:
        picture = lettered(picture, plates, rng)
    made = []
    for kind, box in boxes:
        x1, y1, x2, y2 = np.array(box) / size
        made.append((kind, (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1))
    return picture, made


def _write(out: Path, name: str, picture: np.ndarray, labels: list[Label], part: str) -> None:
    scale = LONGEST / max(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 92]
    cv2.imwrite(str(out / "images" / part / f"{name}.jpg"), picture, quality)
    rows = [f"{c} " + " ".join(f"{min(1.0, max(0.0, v)):.5f}" for v in box) for c, *box in labels]
    (out / "labels" / part / f"{name}.txt").write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
