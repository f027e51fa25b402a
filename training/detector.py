"""The detector's beginnings: YOLO26n with the backbone and neck of a COCO model kept in 8 bits.

The peer's weights come with batch normalisation folded in. Each convolution gets them back as
int8 x scale, and its normalisation gets the statistics of real pictures, chosen so that the
network computes the same in training and in use.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path

import cv2
import numpy as np
import openvino as ov
import torch


def without_torchvision() -> None:
    """Puts a stand-in where torchvision cannot be imported (PyPI's build needs CUDA)."""
    try:
        import torchvision  # noqa: F401
    except Exception:
        for name in [n for n in sys.modules if n.startswith("torchvision")]:
            del sys.modules[name]
        from ultralytics.utils.nms import TorchNMS

        stand_in, ops = types.ModuleType("torchvision"), types.ModuleType("torchvision.ops")
        stand_in.__version__ = "0.28.0"  # type: ignore[attr-defined]
        ops.nms = TorchNMS.nms  # type: ignore[attr-defined]
        stand_in.ops = ops  # type: ignore[attr-defined]
        sys.modules["torchvision"], sys.modules["torchvision.ops"] = stand_in, ops


def peer_weights(xml: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Module name -> (weight, bias) of every convolution in the 8-bit network."""
    found = {}
    for op in ov.Core().read_model(xml).get_ordered_ops():
        if op.get_type_name() not in ("Convolution", "GroupConvolution"):
            continue
        scaled = op.input(1).get_source_output().get_node()
        if scaled.get_type_name() != "Multiply":
            continue
        codes = scaled.input(0).get_source_output().get_node().input(0).get_source_output()
        scale = scaled.input(1).get_source_output().get_node()
        if scale.get_type_name() != "Constant":
            scale = scale.input(0).get_source_output().get_node()
        weight = codes.get_node().data.astype(np.float32) * scale.data.astype(np.float32)
        if op.get_type_name() == "GroupConvolution":
            weight = weight.reshape(weight.shape[0], *weight.shape[2:])
        (added,) = [t.get_node() for t in op.output(0).get_target_inputs()]
        bias = added.input(1).get_source_output().get_node()
        if bias.get_type_name() != "Constant":
            bias = bias.input(0).get_source_output().get_node()
        name = op.get_friendly_name().removeprefix("__module.").split("/")[0]
        found[name] = (weight, bias.data.astype(np.float32).reshape(-1))
    return found


@torch.no_grad()
def take_over(net: torch.nn.Module, xml: Path, pictures: list[Path]) -> int:
    """Loads what fits by name and shape; returns how many convolutions did."""
    from ultralytics.nn.modules import Conv

    weights = peer_weights(xml)
    taken: list[tuple[Conv, torch.Tensor]] = []
    for name, module in net.named_modules():
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
        hook.remove()  # type: ignore[attr-defined]
    for module, bias in taken:
        total, squares, count = sums[id(module)]
        mean = total / count
        spread = (squares / count - mean * mean).clamp_min(1e-6)
        module.bn.running_mean.copy_(mean)
        module.bn.running_var.copy_(spread)
        module.bn.weight.copy_((spread + module.bn.eps).sqrt())
        module.bn.bias.copy_(mean + bias)
    net.train()
    return len(taken)
