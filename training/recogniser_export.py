"""Exports a trained recogniser to OpenVINO in half precision, with the alphabet that its columns
stand for: the reader refuses a network of another one (edge/vision/recogniser.py).

Example: python -m training.recogniser_export --weights /tmp/run/last.pt --out edge/vision/weights
"""

from __future__ import annotations

import argparse
from pathlib import Path

import openvino as ov
import torch

from edge.domain.plate import ALPHABET
from training.recogniser_net import COLOURS, HEIGHT, WIDTH, Recogniser


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    net = Recogniser()
    net.load_state_dict(torch.load(args.weights, weights_only=True))
    net.eval()
    example = torch.zeros(1, 3, HEIGHT, WIDTH)
    model = ov.convert_model(net, example_input=example, input=[1, 3, HEIGHT, WIDTH])
    model.set_rt_info(ALPHABET, ["gate", "alphabet"])
    model.set_rt_info(" ".join(COLOURS), ["gate", "colours"])
    ov.save_model(model, args.out / "recogniser.xml", compress_to_fp16=True)
    print(f"exported to {args.out / 'recogniser.xml'}")


if __name__ == "__main__":
    main()
