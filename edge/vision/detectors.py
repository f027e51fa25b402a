"""Which engine runs the configured detector: OpenVINO alone where that is enough."""

from __future__ import annotations

from pathlib import Path

from edge.system.causes import cause
from edge.vision.detection import Detector
from edge.vision.openvino_detector import OpenVinoDetector, runs_here
from edge.vision.weights import SHIPPED, WeightsError, checked

VIDEO = "detector_video_openvino_model"
CAREFUL = "detector_openvino_model"


def detector_of(weights: Path | None = None, careful: bool = False) -> Detector:
    """The detector of `vision.detector`; None: the shipped one. `careful`: for photographs.

    Raises WeightsError where weights cannot be used.
    """
    if weights is None:
        shipped = CAREFUL if careful else VIDEO
        checked(SHIPPED, f"{shipped}/detector.xml")
        return OpenVinoDetector(SHIPPED / shipped, careful)
    if not weights.exists():
        raise WeightsError(cause("weights.none", file=weights))
    if runs_here(weights):
        return OpenVinoDetector(weights, careful)
    # Loads torch: 0.3 GB more memory, seconds more at the start.
    from edge.vision.yolo import YoloDetector

    return YoloDetector(weights, careful)
