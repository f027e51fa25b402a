"""The detector: a YOLO26 network through ultralytics; the only place that runs it.

The shipped weights run in OpenVINO; any format that ultralytics loads may be configured. It never
reaches for the network: offline settings are in the environment before the import.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import numpy as np

from edge.vision.detection import KINDS, PLATE, Detection, overlap
from edge.vision.reading import Picture
from edge.vision.stand_in import without_torchvision
from edge.vision.weights import SHIPPED, WeightsError, checked

SIZE = (320, 544)
"""The network's input for video, height and width: wide like a camera's picture. Own weights that
were exported with a size of their own keep it."""

CAREFUL_SIZE = (640, 640)
"""For single photographs, upright ones too: there is time, and no next picture."""

VIDEO = "detector_video_openvino_model"
CAREFUL = "detector_openvino_model"

SURE_VEHICLE = 0.35
SURE_PLATE = 0.15
CAREFUL_PLATE = 0.08
"""A plate is read anyway, and what is none is then not read; a vehicle is not."""

ALSO = {
    "motorbike": "motorcycle",
    "lorry": "truck",
    "van": "car",
    "license_plate": PLATE,
    "licence_plate": PLATE,
    "number_plate": PLATE,
    "lp": PLATE,
}
"""Other names that own weights may have for the classes."""


class YoloDetector:
    """Implements detection.Detector. `careful`: for photographs, slower and missing less.

    Raises WeightsError where weights cannot be used.
    """

    def __init__(self, weights: Path | None = None, careful: bool = False) -> None:
        os.environ.setdefault("YOLO_OFFLINE", "true")
        os.environ.setdefault("YOLO_AUTOINSTALL", "false")
        os.environ.setdefault("YOLO_VERBOSE", "false")
        from ultralytics import YOLO
        from ultralytics.utils import LOGGER

        LOGGER.setLevel(logging.ERROR)
        self._size = CAREFUL_SIZE if careful else SIZE
        self._plate = CAREFUL_PLATE if careful else SURE_PLATE
        # Own weights run where ultralytics finds best: an engine for a GPU runs nowhere else.
        self._device = "cpu" if weights is None else None
        shipped = CAREFUL if careful else VIDEO
        if weights is None:
            checked(SHIPPED, f"{shipped}/detector.xml")
        elif not weights.exists():
            raise WeightsError(f"{weights}: no such weights; correct vision.detector")
        else:
            without_torchvision()
        folder = weights or SHIPPED / shipped
        try:
            self._model = YOLO(folder, task="detect")
            self._result(np.zeros((*self._size, 3), np.uint8))  # loads it, and warms it up
            names = dict(self._model.predictor.model.names)
        except Exception as error:  # each format has its own errors
            why = " ".join(str(error).split())[:160]
            raise WeightsError(
                f"{folder}: ultralytics cannot load it ({why}); correct vision.detector"
            ) from error
        self._kinds = {number: _kind(name) for number, name in names.items()}
        if PLATE not in self._kinds.values():
            known = ", ".join(str(n) for n in list(names.values())[:8])
            raise WeightsError(
                f"{folder}: has no class 'plate' (but {known}); train it with this project's "
                "classes or correct vision.detector"
            )

    def find(self, picture: Picture) -> list[Detection]:
        found = []
        for x1, y1, x2, y2, confidence, number in self._result(picture).boxes.data.tolist():
            kind = self._kinds[int(number)]
            if kind == PLATE or (kind is not None and confidence >= SURE_VEHICLE):
                found.append(Detection(kind, confidence, (x1, y1, x2, y2)))
        return _once(sorted(found, key=lambda d: -d.confidence))

    def _result(self, picture: Picture) -> Any:
        (result,) = self._model.predict(
            picture, imgsz=self._size, conf=self._plate, verbose=False, device=self._device
        )
        return result


def _kind(name: object) -> str | None:
    """What a class is here; None for what the gate does not look for."""
    plain = str(name).strip().lower().replace("-", "_").replace(" ", "_")
    plain = ALSO.get(plain, plain)
    return plain if plain in KINDS else None


def _once(found: list[Detection]) -> list[Detection]:
    """One vehicle that is seen as car and as truck is the surer of both."""
    kept: list[Detection] = []
    for d in found:
        same = [k for k in kept if (k.kind == PLATE) == (d.kind == PLATE)]
        if not any(overlap(d.box, k.box) > 0.6 for k in same):
            kept.append(d)
    return kept
