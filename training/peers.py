"""Peer models that label what a data set leaves unlabelled; for training only, never shipped."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import openvino as ov

COCO = {2: 0, 3: 1, 5: 2, 7: 3}
"""COCO's car, motorcycle, bus and truck -> the detector's classes."""

PLATE = 4

LINES = 2.3
"""Width over height above which a plate's upright box has one line."""

Label = tuple[int, float, float, float, float]


def letterboxed(picture: np.ndarray, size: int = 640) -> tuple[np.ndarray, float, float, float]:
    """-> (1, 3, size, size) RGB 0..1, scale, left, top."""
    height, width = picture.shape[:2]
    scale = size / max(height, width)
    w, h = round(width * scale), round(height * scale)
    left, top = (size - w) // 2, (size - h) // 2
    canvas = np.full((size, size, 3), 114, np.uint8)
    canvas[top : top + h, left : left + w] = cv2.resize(picture, (w, h))
    blob = canvas[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255
    return np.ascontiguousarray(blob), scale, left, top


def kept_boxes(boxes: np.ndarray, scores: np.ndarray, overlap: float) -> list[int]:
    """Non-maximum suppression over (n, 4) centre boxes."""
    corners = np.column_stack([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, 2:]])
    kept = cv2.dnn.NMSBoxes(corners.tolist(), scores.tolist(), 0.0, overlap)
    return [int(i) for i in np.array(kept).flatten()]


class VehiclePeer:
    """YOLO11n on COCO, 8-bit."""

    def __init__(self, peers: Path, sure: float = 0.4) -> None:
        self._model = ov.Core().compile_model(
            peers / "yolo11n_int8_openvino_model" / "yolo11n.xml", "CPU"
        )
        self._sure = sure

    def __call__(self, picture: np.ndarray) -> list[Label]:
        blob, scale, left, top = letterboxed(picture)
        out = self._model(blob)[0][0].T
        boxes, scores = out[:, :4], out[:, 4:]
        best = scores.argmax(1)
        sure = scores.max(1)
        keep = (sure > self._sure) & np.isin(best, list(COCO))
        boxes, best, sure = boxes[keep], best[keep], sure[keep]
        height, width = picture.shape[:2]
        found = []
        for i in kept_boxes(boxes, sure, 0.6):
            x, y, w, h = boxes[i]
            centre = ((x - left) / scale / width, (y - top) / scale / height)
            found.append((COCO[int(best[i])], *centre, w / scale / width, h / scale / height))
        return found


class PlatePeers:
    """The Vietnamese and the Chinese peer: a plate is where both see one, or either is very sure.

    One alone also takes signs and windscreens for plates."""

    def __init__(self, peers: Path, sure: float = 0.35, alone: float = 0.72) -> None:
        core = ov.Core()
        self._models = [
            core.compile_model(peers / name, "CPU")
            for name in ("LP_detector_nano_61.onnx", "cn_plate_detect.onnx")
        ]
        self._sure, self._alone = sure, alone

    def __call__(self, picture: np.ndarray) -> list[Label]:
        blob, scale, left, top = letterboxed(picture)
        height, width = picture.shape[:2]
        rows = []
        for number, model in enumerate(self._models):
            out = model(blob)[0][0]
            score = out[:, 4] * out[:, 13:].max(1) if out.shape[1] == 15 else out[:, 4] * out[:, 5]
            keep = score > self._sure
            rows += [(*box, s, number) for box, s in zip(out[keep, :4], score[keep], strict=True)]
        if not rows:
            return []
        table = np.array(rows, np.float32)
        found = []
        for i in kept_boxes(table[:, :4], table[:, 4], 0.3):
            x, y, w, h, score, number = table[i]
            near = (np.abs(table[:, :2] - (x, y)) < (w / 3, h / 2)).all(1)
            if score < self._alone and not (near & (table[:, 5] != number)).any():
                continue
            centre = ((x - left) / scale / width, (y - top) / scale / height)
            found.append((PLATE, *centre, w / scale / width, h / scale / height))
        return found


class PlateFinder:
    """One of the plate peers alone: boxes (x1, y1, x2, y2) in the picture's pixels, surest first;
    with each, of the peer that tells them, its corners (8) and the scores of one and two lines (2).
    """

    def __init__(self, model: Path, sure: float = 0.3) -> None:
        self._model = ov.Core().compile_model(model, "CPU")
        self._sure = sure

    def __call__(self, picture: np.ndarray) -> list[tuple[tuple[float, ...], np.ndarray]]:
        blob, scale, left, top = letterboxed(picture)
        out = self._model(blob)[0][0]
        corners = out.shape[1] == 15
        score = out[:, 4] * (out[:, 13:].max(1) if corners else out[:, 5])
        keep = score > self._sure
        out, score = out[keep], score[keep]
        found = []
        for i in kept_boxes(out[:, :4], score, 0.5) if len(out) else []:
            x, y, w, h = out[i, :4]
            box = np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2])
            box = (box - [left, top] * 2) / scale
            more = out[i, 5:].copy()
            if corners:
                more[:8] = (more[:8] - [left, top] * 4) / scale
            found.append((tuple(float(v) for v in box), more))
        return found
