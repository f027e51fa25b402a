"""Own weights through ultralytics: any format that it loads may be configured as vision.detector.

The only place of the product that loads ultralytics, and so torch; the shipped weights need
neither. It never reaches for the network: offline settings are in the environment before the
import.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import numpy as np

from edge.system.causes import cause
from edge.vision.classes import (
    CAREFUL_PLATE,
    CAREFUL_SIZE,
    SIZE,
    SURE_PLATE,
    detections,
    kinds_of,
    unusable,
)
from edge.vision.detection import Detection
from edge.vision.reading import Picture
from edge.vision.stand_in import without_torchvision
from edge.vision.weights import WeightsError


class YoloDetector:
    """Implements detection.Detector. `careful`: for photographs, slower and missing less.
    `device`: as ultralytics names it; None lets it choose, since an engine for a GPU runs nowhere
    else.

    Raises WeightsError where weights cannot be used.
    """

    def __init__(self, weights: Path, careful: bool = False, device: str | None = None) -> None:
        os.environ.setdefault("YOLO_OFFLINE", "true")
        os.environ.setdefault("YOLO_AUTOINSTALL", "false")
        os.environ.setdefault("YOLO_VERBOSE", "false")
        try:
            import torch
            from ultralytics import YOLO
            from ultralytics.utils import LOGGER
        except ImportError as error:
            raise WeightsError(cause("weights.slim", file=weights, error=error)) from error

        # The network's own threads are enough; torch only carries pictures in and boxes out.
        torch.set_num_threads(1)
        LOGGER.setLevel(logging.ERROR)
        self._size = CAREFUL_SIZE if careful else SIZE
        self._plate = CAREFUL_PLATE if careful else SURE_PLATE
        self._device = device
        without_torchvision()
        try:
            self._model = YOLO(weights, task="detect")
            self._result(np.zeros((*self._size, 3), np.uint8))  # loads it, and warms it up
            names = dict(self._model.predictor.model.names)
        except Exception as error:  # each format has its own errors
            raise unusable(weights, "ultralytics", error) from error
        self._kinds = kinds_of(names, weights)

    def find(self, picture: Picture) -> list[Detection]:
        return detections(self._result(picture).boxes.data.tolist(), self._kinds)

    def _result(self, picture: Picture) -> Any:
        (result,) = self._model.predict(
            picture, imgsz=self._size, conf=self._plate, verbose=False, device=self._device
        )
        return result
