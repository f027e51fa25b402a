"""`gate vision zones`: an installer sees on his picture what he has drawn."""

import subprocess
import sys

import cv2
import numpy as np
import pytest

from tests.support.builders import a_configuration

WAYS = """
[lanes.out1.camera.ways]
waiting = [[0.2, 0.5], [0.8, 0.5], [0.8, 0.9], [0.2, 0.9]]
travel = [0.5, 0.1, 0.5, 0.9]
lines.arm = [0.1, 0.9, 0.9, 0.9]
[lanes.out1.cameras.rear]
source = "absent.mp4"
sees = "rear"
"""


@pytest.fixture
def place(tmp_path):
    (tmp_path / "gate.toml").write_text(a_configuration(WAYS), encoding="utf-8")
    picture = np.full((360, 640, 3), 90, np.uint8)
    (tmp_path / "lane.jpg").write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
    return tmp_path


def zones(place, *more):
    return subprocess.run(
        [sys.executable, "-m", "edge", "vision", "zones", "--config", str(place / "gate.toml"),
         "--out", str(place / "out"), *more],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_what_is_drawn_lies_in_the_picture_where_it_was_put_and_is_named(place):
    done = zones(place, "--lane", "out1", "--picture", str(place / "lane.jpg"), "--no-grid")
    assert done.returncode == 0, done.stderr
    first, rear = done.stdout.splitlines()
    assert "zones-out1.jpg: 640x360, lanes.out1.camera: waiting, travel, line arm" in first
    assert "lanes.out1.cameras.rear: no ways; its zone and stop line decide" in rear
    drawn = cv2.imread(str(place / "out" / "zones-out1.jpg")).astype(int)
    assert abs(drawn[250, 160] - 90).max() > 15, "the area is tinted"
    assert abs(drawn[250, 60] - 90).max() < 10, "and nothing outside of it"
    arm = drawn[324, 150]
    assert arm[2] > 150 > arm[1], "the line under the arm is red"
    assert drawn[100, 320].min() > 150, "the travel is white"


def test_a_grid_helps_to_read_points_off(place):
    zones(place, "--lane", "out1", "--picture", str(place / "lane.jpg"))
    drawn = cv2.imread(str(place / "out" / "zones-out1.jpg")).astype(int)
    assert drawn[60:100, 64].mean() > drawn[60:100, 100].mean() + 15


def test_a_camera_without_a_picture_is_told_with_what_to_do_and_the_others_are_drawn(place):
    done = zones(place)
    assert done.returncode == 1
    assert "lanes.out1.camera: " in done.stderr
    assert "is its power on" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("more", [["--lane", "out9"], ["--picture", "lane.jpg"]])
def test_what_is_asked_wrongly_is_refused_with_its_cure(place, more):
    done = zones(place, *more)
    assert done.returncode == 2
    assert "gate vision: " in done.stderr
