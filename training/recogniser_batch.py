"""Batches for the recogniser: which source is drawn how often, and how it is seen."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch

from edge.vision.recogniser import OpenVinoPlateReader
from training.recogniser_cells import cells_of
from training.recogniser_cover import partly
from training.recogniser_data import chinese_faces, encode
from training.recogniser_real import SITE, of_site, real, whole
from training.recogniser_recolour import recoloured
from training.recogniser_splice import Splicer
from training.recogniser_view import Hide, fitted, seen

SHARES = {
    "invented": 22,
    "surroundings": 3,
    "foreign": 1.5,
    "cn": 9,
    "cn_provinces": 7,
    "cn_scenes": 6,
    "cn_scenes_misc": 3,
    "vn": 3,
    "vn_best": 11,
    "vn_new": 3,
    "vn_garage_moto": 6,
    "vn_moto_outdoor": 2.5,
    "vn_barrier_cars": 2,
    "vn_carpark_phone": 1.5,
    "vn_scenes": 0.7,
    "vn_scenes_misc": 0.8,
    "vn_red_military": 2.5,
    "vn_diplomatic": 0.5,
    "spliced cn": 6,
    "spliced cn_provinces": 5,
    "spliced cn_scenes": 3,
    "spliced vn": 1,
    "spliced vn_best": 3,
    "spliced vn_garage_moto": 2,
    "spliced vn_red_military": 2,
}
"""How often each source is drawn; a hundred or so altogether."""

SITE_SHARE = 20
"""How often a site's own plates are drawn beside those, where there are any."""

CROPS = ("cn", "cn_provinces", "vn", "vn_best", "vn_new")
"""Sources of tight pictures, which are also shown as they are."""

VIETNAMESE = ("vn", "vn_best", "vn_new", "vn_garage_moto", "vn_moto_outdoor", "vn_barrier_cars")
RECOLOURED = 0.12
"""Share of the Vietnamese plates that are shown in a rarer colour."""

PARTLY = 0.13
"""Share of the plates that are not shown whole."""

Example = tuple[np.ndarray, list[int], int, int, int]
"""Picture as the network takes it, text, colour (-1 unknown), lines (0 unknown), and whether the
plate is whole (1), not (0), or none (-1)."""

Batch = tuple[torch.Tensor, list[list[int]], list[int], list[int], list[int]]
"""(N, 3, H, W) 0..1, texts, colours, lines, whole."""


class Plates:
    """Draws examples without end; the same seed draws the same ones."""

    def __init__(self, data: Path, cache: Path, seed: int, site: Path | None = None) -> None:
        self._rng = random.Random(seed)
        self._real: dict[str, list] = {}
        self._shares: dict[str, float] = dict(SHARES)
        for sample in real(data, "train", cache / "labels.csv"):
            self._real.setdefault(sample.source, []).append(sample)
        own = list(of_site(site, "train")) if site else []
        if own:
            self._real[SITE], self._shares[SITE] = own, SITE_SHARE
        reader = OpenVinoPlateReader()
        found = [cells_of(s, reader) for group in self._real.values() for s in group]
        self._splicer = Splicer([c for c in found if c], chinese_faces(), self._rng)
        counts = {k: len(v) for k, v in self._real.items()}
        for name in [s for s in SHARES if s.startswith("spliced ")]:
            if not self._splicer.bases.get(name.removeprefix("spliced ")):
                raise ValueError(f"no plate of {name} could be cut into its characters")
        print(counts, "cut:", {k: len(v) for k, v in self._splicer.bases.items()}, flush=True)
        self._surroundings = np.load(cache / "surroundings.npy")
        self._files = sorted(cache.glob("invented-*.npz"))
        self._chunks: dict[Path, dict[str, np.ndarray]] = {}

    def batch(self, size: int) -> Batch:
        sources = self._rng.choices(list(self._shares), list(self._shares.values()), k=size)
        rows = [self._one(source) for source in sources]
        block = torch.from_numpy(np.stack([r[0] for r in rows])).permute(0, 3, 1, 2).float() / 255
        _, texts, colours, lines, whole_ = zip(*rows, strict=True)
        return block, list(texts), list(colours), list(lines), list(whole_)

    def _one(self, source: str) -> Example:
        rng = self._rng
        if source == "invented":
            return self._invented()
        if source == "surroundings":
            around = rng.choice(self._surroundings)
            return seen(around, whole(around), rng), [], -1, 0, -1
        first, _, rest = source.partition(" ")
        sample = self._splicer.plate(rest) if rest else rng.choice(self._real[first])
        if sample.source in VIETNAMESE and rng.random() < RECOLOURED:
            sample = recoloured(sample, rng)
        if not rest and rng.random() < 0.12 and sample.source in CROPS:
            return fitted(sample.picture), encode(sample.text), sample.colour, sample.lines, 1
        tilt, wear = rng.choice((0.2, 0.6, 1.0)), rng.choice((0.15, 0.5, 1.0))
        hide = self._hiding(sample.lines) if rng.random() < PARTLY else None
        picture = seen(sample.picture, sample.quad, rng, None, tilt, wear, hide=hide)
        return picture, encode(sample.text), sample.colour, sample.lines, int(hide is None)

    def _invented(self) -> Example:
        rng = self._rng
        chunk = self._chunk(rng.choice(self._files))
        i = rng.randrange(len(chunk["pictures"]))
        picture, aspect = chunk["pictures"][i], float(chunk["aspects"][i])
        around = rng.choice(self._surroundings) if rng.random() < 0.7 else None
        tilt, wear = rng.choice((0.2, 0.6, 1.0)), rng.choice((0.3, 0.7, 1.0))
        text = [int(v) for v in chunk["texts"][i] if v]
        colour, lines = int(chunk["colours"][i]), int(chunk["lines"][i])
        hide = self._hiding(lines) if text and rng.random() < PARTLY else None
        view = seen(picture, whole(picture), rng, around, tilt, wear, aspect, hide)
        return view, text, colour, lines, int(hide is None) if text else -1

    def _hiding(self, rows: int) -> Hide:
        before = self._rng.choice(self._surroundings)
        return lambda view, box: partly(view, box, self._rng, before, rows)

    def _chunk(self, file: Path) -> dict[str, np.ndarray]:
        if file not in self._chunks:
            with np.load(file) as z:
                self._chunks[file] = {k: z[k] for k in z.files}
        return self._chunks[file]
