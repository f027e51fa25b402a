"""The conformance group for controllers: one that opens for everybody is told so by name, and ours
passes."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.__main__ import app
from simulator.conformance.controllers import LANE, ControllerKit, asks_for_words, group
from simulator.conformance.report import State, played
from simulator.rig import Rig
from simulator.scenario import page
from simulator.scenario.library import found

NAIVE = Path(__file__).parents[2] / "support" / "naive_controller.py"
ALARM = """
about = "A camera is gone, and an alarm says so."
clocks = ["real"]
[[traffic]]
declared = false
driver = { turns_back_s = 1 }
[[expect]]
alarm = "camera"
"""


@pytest.fixture
def rig(tmp_path):
    rig = Rig(tmp_path, [LANE], ready={LANE.name: lambda: (1, b"")})
    rig.start()
    yield rig
    rig.stop()


@pytest.fixture
def naive(rig):
    with subprocess.Popen([sys.executable, NAIVE, rig.boards.port, "1"]) as process:
        yield
        process.kill()


@pytest.mark.usefixtures("naive")
def test_one_who_opens_for_everybody_and_closes_by_the_clock_is_told_so(rig, tmp_path):
    mine = tmp_path / "says_so.toml"
    mine.write_text(ALARM)
    entries = found(
        [
            "lets_the_declared_in",
            "keeps_the_undeclared_out",
            "never_comes_down_on_anybody",
            str(mine),
        ]
    )
    kit = ControllerKit(rig, entries)
    assert kit.asked_for(60)
    report = played("controller", kit.steps(), lambda: True)
    states = {check.name: check.state for check in report.checks}
    assert states == {
        "lets_the_declared_in": State.PASSED,
        "keeps_the_undeclared_out": State.FAILED,
        "never_comes_down_on_anybody": State.FAILED,
        "says_so": State.NOT_REACHED,
    }
    details = {check.name: check.detail for check in report.checks}
    assert "expected that first does not cross" in details["keeps_the_undeclared_out"]
    assert "the arm was sent down on a vehicle" in details["never_comes_down_on_anybody"]
    assert "says nothing to customs" in details["says_so"]
    assert not report.good
    page.write(kit.played, tmp_path / "page.html")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "2 of 4 scenarios failed" in html
    assert "not judged: it says nothing to customs" in html


def test_a_controller_that_never_comes_is_told(tmp_path):
    done = CliRunner().invoke(app, ["conformance", "--start", "sleep {nothing}"])
    assert done.exit_code == 2
    assert "--start" in done.output
    done = CliRunner().invoke(app, ["conformance", "--start", "sleep 1", "--ours"])
    assert done.exit_code == 2


def test_the_group_is_listed_and_asks_for_the_lane_and_for_words():
    done = CliRunner().invoke(app, ["conformance", "--list"])
    assert done.exit_code == 0
    entries = group()
    assert len(entries) >= 15
    assert all(entry.name in done.output for entry in entries)
    asked = {asks_for_words(e) for entry in entries for e in entry.scenario.expect}
    assert asked == {True, False}


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_our_own_service_passes_the_whole_group(tmp_path):
    files = {name: tmp_path / name for name in ("page.html", "report.json", "junit.xml")}
    command = [
        sys.executable, "-m", "simulator", "conformance", "--ours", "--html", files["page.html"],
        "--report", files["report.json"], "--junit", files["junit.xml"],
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    checks = json.loads(files["report.json"].read_text())["checks"]
    assert {check["state"] for check in checks} == {"passed"}
    suite = ElementTree.parse(files["junit.xml"]).getroot()
    assert int(suite.attrib["tests"]) == len(group())
    assert "<svg" in files["page.html"].read_text(encoding="utf-8")
