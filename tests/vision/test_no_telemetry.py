"""A gate reports its use to nobody."""

import os
import subprocess
import sys


def test_openvino_reports_to_nobody_when_vision_loads_it(tmp_path):
    program = (
        "import edge.vision.recogniser, edge.vision.openvino_detector, sys;"
        "print(sys.modules['openvino.tools.ovc.telemetry_utils'].tm.__name__);"
        "print([m for m in sys.modules if 'openvino_telemetry' in m and sys.modules[m]])"
    )
    environment = {k: v for k, v in os.environ.items() if k not in ("CI", "TF_BUILD")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n")[:2] == ["openvino.tools.ovc.telemetry_stub", "[]"]
    assert list(tmp_path.rglob("*telemetry*")) == []
