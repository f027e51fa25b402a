"""A stand-in for torchvision, which ultralytics imports for PyTorch's own formats. Only its
non-maximum suppression is used, and ultralytics has one itself. PyPI's torchvision is built for
CUDA: beside a torch for the processor alone its import fails.
"""

from __future__ import annotations

import sys
import types


def without_torchvision() -> None:
    """Puts the stand-in in place where torchvision cannot be imported."""
    try:
        import torchvision  # noqa: F401
    except Exception:
        for name in [n for n in sys.modules if n.startswith("torchvision")]:
            del sys.modules[name]
        from ultralytics.utils.nms import TorchNMS

        stand_in, ops = types.ModuleType("torchvision"), types.ModuleType("torchvision.ops")
        stand_in.__dict__.update(__version__="0.28.0", ops=ops)
        ops.__dict__["nms"] = TorchNMS.nms
        sys.modules["torchvision"], sys.modules["torchvision.ops"] = stand_in, ops
