"""The detector for video: 8-bit weights and activations, one fixed input size.

Half the memory traffic and no shapes to work out: faster than half precision, much so on processors
without bfloat16. The head stays as it is, because boxes need its precision. Needs NNCF, which the
gate itself does not: pip install nncf==3.4.0

Example: python -m training.quantise_detector --model edge/vision/weights/detector_openvino_model
  --dataset /tmp/detector --out edge/vision/weights/detector_video_openvino_model
"""

from __future__ import annotations

import argparse
import random
import shutil
from pathlib import Path

import cv2
import numpy as np
import openvino as ov

HEAD = r".*model\.23/.*"
PICTURES = 300


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True, help="the half-precision folder")
    parser.add_argument("--dataset", type=Path, required=True, help="its training pictures")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--height", type=int, default=320)
    parser.add_argument("--width", type=int, default=544)
    args = parser.parse_args()
    import nncf

    files = sorted((args.dataset / "images" / "train").glob("*.jpg"))
    files = random.Random(5).sample(files, min(PICTURES, len(files)))
    model = ov.Core().read_model(args.model / "detector.xml")
    model.reshape([1, 3, args.height, args.width])
    quantised = nncf.quantize(
        model,
        nncf.Dataset(files, lambda file: fitted(file, args.height, args.width)),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(files),
        ignored_scope=nncf.IgnoredScope(patterns=[HEAD], validate=False),
    )
    if args.out.exists():
        shutil.rmtree(args.out)
    args.out.mkdir(parents=True)
    # What NNCF notes about its run is of no use to the gate.
    if quantised.has_rt_info(["nncf"]):
        quantised.set_rt_info("8-bit", ["nncf"])
    ov.save_model(quantised, args.out / "detector.xml")
    (args.out / "metadata.yaml").write_text(_metadata(args.model, args.height, args.width))
    print(f"quantised to {args.out}")


def fitted(file: Path, height: int, width: int) -> np.ndarray:
    """The picture as the detector gets it: (1, 3, height, width) RGB 0..1 between grey bars."""
    picture = cv2.imread(str(file))
    scale = min(height / picture.shape[0], width / picture.shape[1])
    w, h = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    canvas = np.full((height, width, 3), 114, np.uint8)
    top, left = (height - h) // 2, (width - w) // 2
    canvas[top : top + h, left : left + w] = cv2.resize(picture, (w, h))
    return (
        np.ascontiguousarray(canvas[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32)) / 255
    )


def _metadata(model: Path, height: int, width: int) -> str:
    """What ultralytics reads about the model: the same, but of this one size."""
    import yaml

    told = yaml.safe_load((model / "metadata.yaml").read_text(encoding="utf-8"))
    told["imgsz"] = [height, width]
    told["args"] = {**told.get("args", {}), "dynamic": False, "quantize": 8}
    return yaml.safe_dump(told, sort_keys=False)


if __name__ == "__main__":
    main()
