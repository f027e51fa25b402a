"""The detector's beginnings: YOLO26n with weights out of an OpenVINO model, 8 bits or 16.

Such weights come with batch normalisation folded in. Each convolution gets them back (an 8-bit one
as int8 x scale), and its normalisation gets the statistics of real pictures, chosen so that the
network computes the same in training and in use. The shipped detector itself can be gone on from:
its one-to-many head, which only training has, begins as a copy of the one-to-one head.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import openvino as ov
import torch

Weights = dict[str, tuple[np.ndarray, np.ndarray]]
"""Module name -> (weight, bias)."""


def weights_of(xml: Path) -> Weights:
    """Every convolution of an OpenVINO model, 8-bit or half precision."""
    found: Weights = {}
    for op in ov.Core().read_model(xml).get_ordered_ops():
        if op.get_type_name() not in ("Convolution", "GroupConvolution"):
            continue
        weight = _constant(op.input(1).get_source_output().get_node())
        if weight is None:
            continue
        if op.get_type_name() == "GroupConvolution":
            weight = weight.reshape(weight.shape[0], *weight.shape[2:])
        (added,) = [t.get_node() for t in op.output(0).get_target_inputs()]
        bias = _constant(added.input(1).get_source_output().get_node())
        if bias is not None:
            name = op.get_friendly_name().removeprefix("__module.").split("/")[0]
            found[name] = (weight, bias.reshape(-1))
    return found


def _constant(node: ov.Node) -> np.ndarray | None:
    """The node's value where it is a constant, converted, reshaped or scaled."""
    kind = node.get_type_name()
    if kind == "Constant":
        return node.data.astype(np.float32)
    if kind not in ("Convert", "Reshape", "Multiply"):
        return None
    value = _constant(node.input(0).get_source_output().get_node())
    if value is None or kind == "Convert":
        return value
    if kind == "Reshape":
        return value.reshape(tuple(node.get_output_shape(0)))
    scale = _constant(node.input(1).get_source_output().get_node())
    return None if scale is None else value * scale


def _with_training_head(weights: Weights) -> Weights:
    """Adds a one-to-many head that begins as the one-to-one head."""
    twin = {
        name.replace("one2one_", ""): pair for name, pair in weights.items() if "one2one_" in name
    }
    return {**twin, **weights}


@torch.no_grad()
def take_over(net: torch.nn.Module, xml: Path, pictures: list[Path]) -> int:
    """Loads what fits by name and shape; returns how many convolutions did."""
    from ultralytics.nn.modules import Conv

    weights = _with_training_head(weights_of(xml))
    taken: list[tuple[Conv, torch.Tensor]] = []
    bare = 0
    for name, module in net.named_modules():
        if isinstance(module, torch.nn.Conv2d) and name in weights and module.bias is not None:
            weight, bias = weights[name]
            if tuple(weight.shape) == tuple(module.weight.shape):
                module.weight.copy_(torch.from_numpy(weight))
                module.bias.copy_(torch.from_numpy(bias))
                bare += 1
        if not isinstance(module, Conv) or f"{name}.conv" not in weights:
            continue
        weight, bias = weights[f"{name}.conv"]
        if tuple(weight.shape) != tuple(module.conv.weight.shape):
            continue
        module.conv.weight.copy_(torch.from_numpy(weight))
        module.bn.running_mean.zero_()
        module.bn.running_var.fill_(1.0 - module.bn.eps)
        module.bn.weight.fill_(1.0)
        module.bn.bias.copy_(torch.from_numpy(bias))
        taken.append((module, torch.from_numpy(bias)))
    sums = {id(m): [0.0, 0.0, 0] for m, _ in taken}

    def watch(module: Conv) -> object:
        def hook(_: object, __: object, out: torch.Tensor) -> None:
            entry = sums[id(module)]
            entry[0] = entry[0] + out.mean((0, 2, 3))
            entry[1] = entry[1] + (out * out).mean((0, 2, 3))
            entry[2] += 1

        return module.conv.register_forward_hook(hook)

    hooks = [watch(m) for m, _ in taken]
    net.eval()
    for file in pictures:
        picture = cv2.imread(str(file))
        picture = cv2.resize(picture, (448, 448))[:, :, ::-1].transpose(2, 0, 1)
        net(torch.from_numpy(np.ascontiguousarray(picture))[None].float() / 255)
    for hook in hooks:
        hook.remove()
    for module, bias in taken:
        total, squares, count = sums[id(module)]
        if count == 0:  # the head that this way of running does not use
            continue
        mean = total / count
        spread = (squares / count - mean * mean).clamp_min(1e-6)
        module.bn.running_mean.copy_(mean)
        module.bn.running_var.copy_(spread)
        module.bn.weight.copy_((spread + module.bn.eps).sqrt())
        module.bn.bias.copy_(mean + bias)
    net.train()
    return len(taken) + bare
