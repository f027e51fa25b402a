"""Real plates to learn from and to test on, with the four corners of each plate in its picture.

Texts: verified by eye, or agreed on by three independent sources; training/label_check.py holds
the sources against each other. Plates whose text falls into the held-out part (training/part.py)
are never trained on, in any set.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.domain.plate import PROVINCES, StrangePlate, canonical, parse
from training.part import part_of
from training.recogniser_net import COLOURS

NOTHING = ""
"""The text of what is no plate: badges, lettering, grilles."""

SPARE = 0.3
"""Of the plate's size is kept around plates that are cut out of whole pictures."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`quad`: (4, 2) top left, top right, bottom right, bottom left. `colour`: index into COLOURS,
    or -1 where not known; `lines`: 1 or 2, or 0 for what is no plate."""

    picture: np.ndarray
    quad: np.ndarray
    text: str
    colour: int
    lines: int
    source: str


def whole(picture: np.ndarray) -> np.ndarray:
    """The corners of the picture itself, for tight crops."""
    h, w = picture.shape[:2]
    return np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)


CROPS = {"vn_crops_new": "vn_new", "cn_crops_provinces": "cn_provinces"}
SCENES = (
    "vn_scenes",
    "cn_scenes",
    "vn_moto_outdoor",
    "vn_garage_moto",
    "vn_barrier_cars",
    "vn_red_military",
    "vn_diplomatic",
    "vn_carpark_phone",
    "vn_scenes_misc",
    "cn_scenes_misc",
)
COLOUR_OF = {
    "military": "red",
    "foreign": "white",
    "energy-small": "green",
    "energy-large": "green",
}
"""Colour by the plate's kind, where the kind has only one."""


WRONG_LABELS = {"5xemay2168.jpg": "49-K1 073.20", "4xemay2211.jpg": "59-S2 235.46"}
"""Labels of best.csv that the eye contradicts. Of the first three readers agreed on 073.70, and two
other pictures show the same motorcycle. The second is a smeared copy of 2xemay522.jpg, in which a
streak of light lies over the foot of the first 2; three readers took that for a 7."""

COPIES = ("8xemay1995.jpg",)
"""Pictures of best.csv that are smeared copies of a held-out one that has another text: this one is
1xemay328.jpg, 59S247831 by its label, which the eye contradicts (docs/accuracy.md). They are not
learnt from."""


def real(data: Path, part: str, labels: Path | None = None) -> Iterator[Sample]:
    """The real plates of a part ("train" or "val"); `labels`: the foreign plates, which only
    training takes (training/recogniser_labels.py)."""
    folder = data / "vn_crops"
    for row in rows_of(folder / "verified.csv"):
        text = canonical(row["text"])
        if part_of(text) == part:
            yield _crop(folder / "verified" / row["file"], text, -1, int(row["lines"]), "vn")
    for row in rows_of(folder / "best.csv"):
        text = canonical(WRONG_LABELS.get(row["file"], row["text"]))
        if part_of(text) == part and row["file"] not in COPIES:
            yield _crop(folder / "unverified" / row["file"], text, -1, int(row["lines"]), "vn_best")
    if part == "train" and labels is not None:
        yield from foreign(data, part, labels)
    for file in sorted((data / "cn_crops").glob("*.jpg")):
        text = canonical(file.stem.split("_")[0])
        if part_of(text) == part:
            yield _crop(file, text, COLOURS.index("blue"), 1, "cn")
    for name, source in CROPS.items():
        for row in rows_of(data / name / "truth.csv"):
            text = canonical(row["text"])
            if text and part_of(text) == part:
                yield _crop(data / name / row["file"], text, -1, int(row["lines"]), source)
    for name in SCENES:
        yield from _scenes(data / name, part)


def foreign(data: Path, part: str, labels: Path) -> Iterator[Sample]:
    """Plates of other countries. They are read for what they are; the grammar then refuses them."""
    for row in rows_of(labels):
        if row["source"] == "foreign" and part_of(row["text"]) == part:
            file = data / "vn_crops" / "unverified" / row["file"]
            yield _crop(file, row["text"], -1, 0, "foreign")


SITE = "site"
SITE_MARGINS = (0.15 / 1.3, 0.25 / 1.5)
"""Share of a kept picture, on each side, that lies around the plate (edge/vision/evidence.py)."""


def of_site(folder: Path, part: str) -> Iterator[Sample]:
    """A gate's own plates as `gate learn export` gathers them; those whose text nobody told yet are
    left out. Raises ValueError where a row cannot be used, with its place and what to do."""
    for number, row in enumerate(rows_of(folder / "truth.csv"), 2):
        place = f"{folder / 'truth.csv'}:{number}"
        try:
            text = canonical(row["text"])
        except StrangePlate as error:
            raise ValueError(f"{place}: {error}; correct the text or empty it") from None
        if not text or part_of(text) != part:
            continue
        if parse(text) is None:
            raise ValueError(f"{place}: {text} is no plate; correct the text or empty it")
        file = folder / row["file"]
        picture = cv2.imread(str(file))
        if picture is None:
            raise ValueError(f"{place}: {file}: no picture; remove the row")
        colour = COLOURS.index(row["colour"]) if row["colour"] in COLOURS else -1
        height, width = picture.shape[:2]
        x, y = (part_ * size for part_, size in zip(SITE_MARGINS, (width, height), strict=True))
        quad = np.float32([[x, y], [width - x, y], [width - x, height - y], [x, height - y]])
        lines = int(row["lines"]) if row["lines"] in ("1", "2") else 1 if width > 2 * height else 2
        yield Sample(picture, quad, text, colour, lines, SITE)


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _crop(file: Path, text: str, colour: int, lines: int, source: str) -> Sample:
    picture = cv2.imread(str(file))
    if lines == 0:
        lines = 1 if picture.shape[1] / picture.shape[0] > 2.2 else 2
    return Sample(picture, whole(picture), text, colour, lines, source)


def _scenes(folder: Path, part: str) -> Iterator[Sample]:
    for row in rows_of(folder / "truth.csv"):
        text = canonical(row["text"])
        picture = cv2.imread(str(folder / row["file"]))
        if picture is None or not text or part_of(text) != part:
            continue
        w, h = float(row["w"]), float(row["h"])
        if h > w:
            continue  # turned on its side: its corners are not known
        cx = float(row["cx"]) if "cx" in row else float(row["x"]) + w / 2
        cy = float(row["cy"]) if "cy" in row else float(row["y"]) + h / 2
        quad = _turned(cx, cy, w, h, float(row.get("rotation") or 0))
        low = np.floor(quad.min(0) - SPARE * np.array([w, h]))
        high = np.ceil(quad.max(0) + SPARE * np.array([w, h]))
        x1, y1 = (int(max(0, v)) for v in low)
        x2, y2 = (int(v) for v in high)
        known = parse(text)
        told = row.get("colour") or COLOUR_OF.get(known.kind if known else "", "")
        colour = COLOURS.index(told) if told in COLOURS else -1
        lines = int(row["lines"]) if "lines" in row else (1 if w / h > 2.3 else 2)
        part_picture = picture[y1:y2, x1:x2]
        yield Sample(
            part_picture, quad - np.float32([x1, y1]), _lettered(text), colour, lines, folder.name
        )


def _lettered(text: str) -> str:
    """A Chinese city code is a letter: the truth's zero after the province is the letter O."""
    return text[0] + "O" + text[2:] if text[0] in PROVINCES and text[1] == "0" else text


def _turned(cx: float, cy: float, w: float, h: float, degrees: float) -> np.ndarray:
    a = math.radians(degrees)
    turn = np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
    corners = np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / 2
    return (corners @ turn + [cx, cy]).astype(np.float32)
