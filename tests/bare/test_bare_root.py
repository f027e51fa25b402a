"""A bare Debian, as debootstrap makes it, runs the demonstration and the doctor after one command.

Some three minutes and, the first time, one more for the root itself. GATE_BARE=trixie takes
Debian 13.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CANNOT = 77

pytestmark = pytest.mark.timeout(1500)


def in_a_bare_root(*command):
    suite = os.environ.get("GATE_BARE", "bookworm")
    if suite == "none":
        pytest.skip("GATE_BARE=none: no bare root is made, as within one")
    ran = subprocess.run(
        [HERE / "root.sh", suite, *command], capture_output=True, text=True, errors="replace"
    )
    if ran.returncode == CANNOT:
        pytest.skip(ran.stderr.strip().splitlines()[-1])
    return ran


def test_a_bare_root_runs_the_demonstration_and_the_doctor_and_bears_later_installs():
    ran = in_a_bare_root("tests/bare/demo.sh")
    reported = f"{ran.stdout[-6000:]}\n{ran.stderr[-3000:]}"
    assert ran.returncode == 0, reported
    report = json.loads(re.search(r"(?ms)^\{$.*?^\}$", ran.stdout)[0])
    assert report["passages"] > 0, reported
    assert (report["lost"], report["safety_violations"]) == (0, 0), reported
    findings = [json.loads(row) for row in ran.stdout.splitlines() if row.startswith('{"what"')]
    assert {"camera out1", "barrier out1", "broker", "platform", "models"} <= {
        f["what"] for f in findings
    }
    # How fast this computer's disk is beside other tests is nothing that this one is about.
    bad = {f["what"] for f in findings if not f["good"]} - {"disk write"}
    assert not bad, reported
    assert re.search("(?m)^doctor: [01]$", ran.stdout), reported
    assert "OpenCV after another install" in ran.stdout
    print(*re.findall("(?m)^(?:installed|slim): .*", ran.stdout), sep="\n")
    assert "OpenCV, slim" in ran.stdout
    assert ran.stdout.endswith("done\n"), reported
