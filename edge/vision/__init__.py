"""Vision: from a camera's frames to facts about vehicles, in a process of its own."""

import sys
from types import ModuleType
from typing import cast

sys.modules.setdefault("openvino_telemetry", cast(ModuleType, None))
"""OpenVINO reports its use to its maker's statistics when it is imported; where this package cannot
be imported, which None says, it does not. A gate reports to nobody."""
