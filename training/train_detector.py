"""Trains the vehicle and plate detector, end to end (no suppression afterwards).

Example: python -m training.train_detector --dataset /tmp/detector --peer
  ../shared/data/peers/yolo11n_int8_openvino_model/yolo11n.xml --out /tmp/detector-run --epochs 16
Runs on CUDA where there is one, else on the CPU, in bfloat16 where it has that.
"""

from __future__ import annotations

import argparse
import contextlib
import random
from pathlib import Path

import torch

from edge.vision.stand_in import without_torchvision
from training.detector import take_over
from training.halves import halves
from training.prepare_detector import NAMES


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument(
        "--peer", type=Path, help="the OpenVINO model to begin from: COCO's, or the shipped one"
    )
    parser.add_argument("--weights", type=Path, help="go on from these weights instead")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--size", type=int, default=448)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=0.0012)
    parser.add_argument("--mosaic", type=float, default=0.7)
    parser.add_argument("--freeze", type=int, default=0, help="first layers that stay as they are")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    without_torchvision()
    from ultralytics.engine import trainer as engine
    from ultralytics.models.yolo.detect import DetectionTrainer
    from ultralytics.nn.tasks import DetectionModel

    torch.manual_seed(7)
    cuda = torch.cuda.is_available()
    if not cuda:

        def half(*_: object, **__: object) -> contextlib.AbstractContextManager[None]:
            return halves("cpu")

        engine.autocast = half

    begin = None
    if args.weights is None:
        model = DetectionModel("yolo26n.yaml", nc=len(NAMES), verbose=False)
        if args.peer:
            files = sorted((args.dataset / "images" / "train").glob("*.jpg"))
            chosen = random.Random(7).sample(files, min(80, len(files)))
            print(take_over(model, args.peer, chosen), "convolutions taken over", flush=True)
        begin = model.state_dict()

    class Trainer(DetectionTrainer):
        def get_model(self, cfg: object = None, weights: object = None, verbose: bool = True):
            net = super().get_model(cfg=cfg, weights=weights, verbose=verbose)
            if begin is not None:
                own = net.state_dict()
                fits = {k: v for k, v in begin.items() if k in own and own[k].shape == v.shape}
                net.load_state_dict(fits, strict=False)
                print(f"{len(fits)} of {len(own)} tensors begin from the peer", flush=True)
            return net

        def _setup_train(self, *a: object, **k: object) -> None:
            super()._setup_train(*a, **k)
            if not cuda:
                torch.set_num_threads(args.threads)

    settings = dict(
        model=str(args.weights) if args.weights else "yolo26n.yaml",
        data=str(args.dataset / "data.yaml"),
        epochs=args.epochs,
        imgsz=args.size,
        batch=args.batch,
        device=0 if cuda else "cpu",
        workers=8 if cuda else 0,
        project=str(args.out.parent),
        name=args.out.name,
        exist_ok=True,
        optimizer="AdamW",
        lr0=args.rate,
        lrf=0.05,
        cos_lr=True,
        warmup_epochs=0.5,
        warmup_bias_lr=0.01,
        mosaic=args.mosaic,
        close_mosaic=max(1, args.epochs // 5),
        freeze=args.freeze or None,
        scale=0.5,
        degrees=2.0,
        amp=False,
        val=False,
        plots=False,
        save_period=1,
        seed=7,
        pretrained=args.weights is not None,
        verbose=True,
    )
    Trainer(overrides=settings).train()


if __name__ == "__main__":
    main()
