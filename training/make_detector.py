"""The detector from data to shipped weights, by one command.

Labelled pictures, training from COCO's features (or from the shipped detector), export for
photographs, 8 bits for video, list of checksums. `--work` keeps what is large and none of the
project's; a stage whose result is there already is not repeated. The last stage needs NNCF, which
the gate itself does not: pip install nncf==3.4.0

Example: python -m training.make_detector --data ../shared/data --work /tmp/detector
"""

from __future__ import annotations

import argparse
from pathlib import Path

from training import stage

WEIGHTS = Path("edge/vision/weights")
PHOTOGRAPHS = WEIGHTS / "detector_openvino_model"
VIDEO = WEIGHTS / "detector_video_openvino_model"
PEER = Path("peers/yolo11n_int8_openvino_model/yolo11n.xml")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--start", choices=("shipped", "coco"), default="shipped")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--scenes", type=int, default=160, help="rendered pictures to add")
    parser.add_argument("--size", type=int, default=448)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go")
    args = parser.parse_args()
    pictures, run = args.work / "pictures", args.work / "run"
    if not (pictures / "data.yaml").exists():
        stage.run(
            "prepare_detector", "--data", args.data, "--out", pictures,
            "--pasted", 1, "--scenes", args.scenes,
        )  # fmt: skip
    last = run / "weights" / "last.pt"
    if not last.exists():
        shipped = args.start == "shipped"
        begin = PHOTOGRAPHS / "detector.xml" if shipped else args.data / PEER
        gently = ("--rate", 0.0006, "--mosaic", 0.4, "--freeze", 5) if shipped else ()
        stage.run(
            "train_detector", "--dataset", pictures, "--peer", begin, "--out", run,
            "--epochs", args.epochs, "--size", args.size, *gently,
        )  # fmt: skip
    photographs, video = args.out / PHOTOGRAPHS.name, args.out / VIDEO.name
    stage.run("export_detector", "--weights", last, "--out", photographs)
    stage.run("quantise_detector", "--model", photographs, "--dataset", pictures, "--out", video)
    if args.out == WEIGHTS:
        stage.run("manifest")


if __name__ == "__main__":
    main()
