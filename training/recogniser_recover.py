"""Takes up the shipped OpenVINO network for further training, where no checkpoint is at hand.

The export folds the batch norms into the convolutions. Here each becomes the identity over the
statistics that its convolution really gives on `cache`'s pictures, so that training goes on from
the very same function.

Example: python -m training.recogniser_recover --cache /tmp/plates --out /tmp/start.pt
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import openvino as ov
import torch
from torch import Tensor, nn

from edge.vision.weights import SHIPPED
from training.recogniser_net import Recogniser

FOLDED = 1e-5
"""The batch norms' epsilon."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shipped", type=Path, default=SHIPPED)
    args = parser.parse_args()
    file = sorted(args.cache.glob("*.npz"))[0]
    with np.load(file) as z:
        pictures = z["pictures"][:512]
    block = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    net = recovered(args.shipped / "recogniser.xml", block)
    torch.save(net.state_dict(), args.out)
    model = ov.Core().compile_model(args.shipped / "recogniser.xml", "CPU")
    with torch.no_grad():
        ours = net(block[:64])[0].numpy()
    theirs = np.concatenate([model(p[None].numpy())[0] for p in block[:64]])
    print(f"largest difference of a log-probability: {np.abs(ours - theirs).max():.4f}")


def recovered(xml: Path, block: Tensor) -> Recogniser:
    """The network in `xml`, in evaluation mode; `block` (N, 3, H, W) sets the statistics."""
    constants = iter(_constants(xml))

    def take(kind: str) -> Tensor:
        for consumer, value in constants:
            if consumer == kind:
                return torch.from_numpy(value)
        raise ValueError(f"{xml} is not a network of training/recogniser_net.py")

    net = Recogniser()
    take("Add")  # the input's -0.5
    convolutions = [m for m in net.body.modules() if isinstance(m, nn.Conv2d)]
    norms = [m for m in net.body.modules() if isinstance(m, nn.BatchNorm2d)]
    for convolution, norm in zip(convolutions, norms, strict=True):
        convolution.weight.data = take("Convolution")
        norm.weight.data.fill_(1.0)
        norm.bias.data = take("Add").flatten()
        norm.running_mean, norm.running_var = (
            torch.zeros_like(norm.bias),
            torch.full_like(norm.bias, 1 - FOLDED),
        )
    net.places.data = take("Add")

    def norm_of(layer: nn.LayerNorm) -> None:
        layer.weight.data = take("Multiply").flatten()
        layer.bias.data = take("Add").flatten()

    def linear(layer: nn.Linear) -> None:
        layer.weight.data = take("MatMul")
        layer.bias.data = take("Add").flatten()

    for layer in net.attention:
        norm_of(layer.norm1)
        linear(layer.qkv)
        linear(layer.out)
        norm_of(layer.norm2)
        linear(layer.feed[0])
        linear(layer.feed[2])
    norm_of(net.norm)
    linear(net.entire)
    linear(net.lines)
    linear(net.colour)
    linear(net.characters)
    _unfold(net.eval(), convolutions, norms, block)
    return net


def _constants(xml: Path) -> list[tuple[str, np.ndarray]]:
    """(type of the consumer, value) of every constant of weights, in order of use. A lone value is
    kept in full precision."""
    found = []
    for op in ov.Core().read_model(xml).get_ordered_ops():
        for i in range(op.get_input_size()):
            node = op.input_value(i).get_node()
            if node.get_type_name() == "Convert" and node.get_input_size():
                node = node.input_value(0).get_node()
            if op.get_type_name() == "Convert" or node.get_type_name() != "Constant":
                continue
            if node.get_data().dtype in (np.float16, np.float32) and node.get_data().ndim:
                found.append((op.get_type_name(), node.get_data().astype(np.float32)))
    return found


def _unfold(
    net: Recogniser, convolutions: list[nn.Conv2d], norms: list[nn.BatchNorm2d], block: Tensor
) -> None:
    """Real statistics in the batch norms, without a change of what they compute."""
    seen: dict[nn.Module, tuple[Tensor, Tensor]] = {}

    def detect(module: nn.Module, _: object, out: Tensor) -> None:
        seen[module] = (out.mean((0, 2, 3)), out.var((0, 2, 3)))

    hooks = [c.register_forward_hook(detect) for c in convolutions]
    with torch.no_grad():
        net(block)
    for hook in hooks:
        hook.remove()
    for convolution, norm in zip(convolutions, norms, strict=True):
        mean, variance = seen[convolution]
        norm.running_mean, norm.running_var = mean.clone(), variance.clone()
        norm.weight.data = torch.sqrt(variance + norm.eps)
        norm.bias.data = norm.bias.data + mean


if __name__ == "__main__":
    main()
