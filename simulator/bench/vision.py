"""Detection and the whole vision path on rendered 1080p pictures."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from typing import Any

import cv2

from simulator.bench import figure
from simulator.bodywork import look_for
from simulator.scene import Placed, Scene

FRAMES = 60


def figures() -> Iterator[dict[str, Any]]:
    from edge.vision.recogniser import OpenVinoPlateReader
    from edge.vision.sight import look
    from edge.vision.yolo import YoloDetector

    detector, reader = YoloDetector(), OpenVinoPlateReader(threads=2)
    scene = Scene(3)
    vehicle = look_for("truck", random.Random(2), ("24C12345", "VN", "yellow", 1))
    pictures = [
        cv2.resize(scene.render([Placed(vehicle, 8.5 + n / 10)])[0], (1920, 1080))
        for n in range(10)
    ]
    for picture in pictures:
        look(picture, detector, reader)
    alone, whole = [], []
    for n in range(FRAMES):
        began = time.perf_counter()
        detector.find(pictures[n % 10])
        middle = time.perf_counter()
        look(pictures[n % 10], detector, reader)
        alone.append(middle - began)
        whole.append(time.perf_counter() - middle)
    yield figure("detection, 1080p frame in to boxes out", 1 / statistics.median(alone), "frames/s")
    yield figure("whole vision path, one vehicle, median", 1000 * statistics.median(whole), "ms")
    yield figure("cameras at 10 frames/s", 0.1 / statistics.median(whole), "cameras")
