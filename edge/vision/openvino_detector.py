"""The detector at the gate: an end-to-end YOLO network in OpenVINO, and nothing of torch.

It runs what ultralytics exports to OpenVINO with `nms=False` from an end-to-end network: the
shipped weights, and own ones of that form. The boxes are those of ultralytics, as
tests/vision/test_detectors.py holds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import yaml

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
from edge.vision.letterbox import fitted
from edge.vision.reading import Picture

COLUMNS = 6
"""Columns of the network's answer: x1, y1, x2, y2, confidence, class."""


class OpenVinoDetector:
    """Implements detection.Detector. `folder` holds an .xml with its .bin and metadata.yaml.
    `careful`: for photographs, slower and missing less.

    Raises WeightsError where weights cannot be used.
    """

    def __init__(self, folder: Path, careful: bool = False) -> None:
        self._plate = CAREFUL_PLATE if careful else SURE_PLATE
        self._size = CAREFUL_SIZE if careful else SIZE
        try:
            reported = metadata(folder)
            self._request, self._stride = self._compiled(folder, int(reported["stride"]))
            self._rows(np.zeros((*self._size, 3), np.uint8))  # warms it up
            names = dict(reported["names"])
        except Exception as error:  # OpenVINO, YAML and the file system have errors of their own
            raise unusable(folder, "OpenVINO", error) from error
        self._kinds = kinds_of(names, folder)

    def find(self, picture: Picture) -> list[Detection]:
        return detections(self._rows(picture).tolist(), self._kinds)

    def _compiled(self, folder: Path, stride: int) -> tuple[Any, int | None]:
        """An inference request, and the stride where the network takes inputs of any size."""
        core = ov.Core()
        model = core.read_model(next(folder.glob("*.xml")))
        any_size = model.input().get_partial_shape().is_dynamic
        if any_size and any(op.get_type_name() == "FakeQuantize" for op in model.get_ops()):
            # OpenVINO dies with SIGSEGV of 8 bits and free sizes on processors with AMX (37577).
            model.reshape([1, 3, *self._size])
            any_size = False
        shape = model.input().get_partial_shape()
        if not any_size:
            self._size = (shape[2].get_length(), shape[3].get_length())
        compiled = core.compile_model(model, "CPU", {"PERFORMANCE_HINT": "LATENCY"})
        return compiled.create_infer_request(), stride if any_size else None

    def _rows(self, picture: Picture) -> Any:
        """Detections above the least confidence, boxes in the picture's pixels (n x 6, float32)."""
        box = fitted((picture.shape[0], picture.shape[1]), self._size, self._stride)
        rows = self._request.infer([box.block(picture)])[0][0]
        if rows.ndim != 2 or rows.shape[1] != COLUMNS:
            raise ValueError(f"not end to end: rows of {rows.shape}, not of {COLUMNS} numbers")
        rows = rows[rows[:, 4] > self._plate].astype(np.float32)
        rows[:, :4] = box.back(rows[:, :4])
        return rows


def metadata(folder: Path) -> dict[str, Any]:
    """The metadata that ultralytics wrote beside the network: its names, stride, form. Raises
    OSError, yaml.YAMLError; ValueError where it is no such file."""
    reported = yaml.safe_load((folder / "metadata.yaml").read_text(encoding="utf-8"))
    if not isinstance(reported, dict):
        raise ValueError("metadata.yaml says nothing of the network")
    return reported


def runs_here(weights: Path) -> bool:
    """Whether these are weights of the form that needs OpenVINO alone."""
    try:
        reported = metadata(weights)
        one = len(list(weights.glob("*.xml"))) == 1
    except (OSError, ValueError, yaml.YAMLError):
        return False
    return one and reported.get("task") == "detect" and reported.get("end2end") is True
