"""Exports a trained detector to OpenVINO, NMS-free, in half precision.

Example: python -m training.export_detector --weights /tmp/detector-run/weights/last.pt
  --out edge/vision/weights/detector_openvino_model
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from edge.vision.stand_in import without_torchvision


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--height", type=int, default=384)
    parser.add_argument("--width", type=int, default=640)
    args = parser.parse_args()
    without_torchvision()
    from ultralytics import YOLO

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "detector.pt"
        shutil.copy(args.weights, copy)
        size = (args.height, args.width)
        made = YOLO(copy).export(format="openvino", nms=False, half=True, imgsz=size, dynamic=True)
        if args.out.exists():
            shutil.rmtree(args.out)
        shutil.copytree(made, args.out)
    _tell_no_paths(args.out / "metadata.yaml")
    print(f"exported to {args.out}")


def _tell_no_paths(metadata: Path) -> None:
    """The description names the data's path on the training machine: nobody's business."""
    lines = metadata.read_text(encoding="utf-8").splitlines()
    told = "description: YOLO26n, vehicles and number plates"
    kept = [told if line.startswith("description:") else line for line in lines]
    metadata.write_text("\n".join(kept) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
