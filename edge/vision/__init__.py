"""Vision: from a camera's frames to facts about vehicles, in a process of its own."""

import sys

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
"""OpenVINO reports its use to its maker's statistics when it is imported; where this package cannot
be imported it does not (openvino/tools/ovc/telemetry_utils.py). A gate reports to nobody."""
