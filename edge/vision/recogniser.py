"""The plate recogniser at run time: OpenVINO, then the lattice, then calibrated confidence."""

from __future__ import annotations

import json
import math
from pathlib import Path

import cv2
import numpy as np
import openvino as ov
from numpy.typing import NDArray

from edge.plate import parse
from edge.vision.lattice import best_texts
from edge.vision.reading import Picture, Reading, shown
from edge.vision.weights import SHIPPED, checked

HEIGHT, WIDTH = 64, 160
COLOURS = ("white", "yellow", "blue", "green", "red", "black")
FEW = 5
SMALLEST = 8
"""Crops with a side of fewer pixels are not read."""


class OpenVinoPlateReader:
    """Implements reading.PlateReader. `folder` holds recogniser.xml/.bin and calibration.json."""

    def __init__(
        self, folder: Path = SHIPPED, accept: float | None = None, threads: int = 1
    ) -> None:
        core = ov.Core()
        settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
        model = core.compile_model(checked(folder, "recogniser.xml"), "CPU", settings)
        self._request = model.create_infer_request()
        calibration = json.loads(checked(folder, "calibration.json").read_text())
        self._scale, self._offset = calibration["scale"], calibration["offset"]
        self._most = calibration["most"]
        self.accept = accept if accept is not None else float(calibration["accept"])

    def read(self, crop: Picture) -> Reading | None:
        if min(crop.shape[:2]) < SMALLEST:
            return None
        columns, colour, lines = self.columns(crop)
        return self.reading(columns, colour, lines, crop.shape[1])

    def columns(self, crop: Picture) -> tuple[NDArray[np.float32], str, int]:
        """The network's answer: (T, classes) log-probabilities, colour, lines."""
        fitted = cv2.resize(crop, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
        block = fitted.transpose(2, 0, 1)[None].astype(np.float32) / 255
        out = self._request.infer([block])
        characters, colour, lines = (out[i] for i in range(3))
        return characters[0], COLOURS[int(colour[0].argmax())], int(lines[0].argmax()) + 1

    def reading(
        self, columns: NDArray[np.float32], colour: str, lines: int, width: int
    ) -> Reading | None:
        """The reading that the columns amount to."""
        free = best_texts(columns, None)
        plates = best_texts(columns)
        if not free or not free[0][0]:
            return None
        if not plates:
            return self._unknown(free, colour, lines, width)
        # All texts seen compete, plates or not: the share of the best is its raw probability.
        scores = {**dict(free), **dict(plates)}
        total = _log_sum(list(scores.values()))
        shares = [(text, math.exp(score - total)) for text, score in plates[:FEW]]
        text, share = shares[0]
        known = parse(text)
        assert known is not None
        confidence = self.calibrated(share * math.exp(min(0.0, plates[0][1]) * 0.5))
        if known.country == "CN" and known.split == 0:
            lines = 1
        return Reading(
            text,
            known.display,
            known.country,
            colour,
            lines,
            confidence,
            confidence >= self.accept,
            tuple(shares),
            width,
        )

    def calibrated(self, raw: float) -> float:
        """Raw share -> probability of being right; fitted by training/calibrate.py."""
        raw = min(1 - 1e-6, max(1e-6, raw))
        logit = math.log(raw / (1 - raw))
        return min(self._most, 1 / (1 + math.exp(-(self._scale * logit + self._offset))))

    def _unknown(
        self, free: list[tuple[str, float]], colour: str, lines: int, width: int
    ) -> Reading:
        """A text of no known country: told, never accepted."""
        text, score = free[0]
        display, country = shown(text)
        confidence = min(0.5, math.exp(score))
        return Reading(text, display, country, colour, lines, confidence, False, (), width)


def _log_sum(values: list[float]) -> float:
    top = max(values)
    return top + math.log(sum(math.exp(v - top) for v in values))
