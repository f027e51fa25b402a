"""Where vehicles drive in a picture: what may be drawn, and what is refused with its cure."""

import pytest

from edge.config import ConfigError, load, refusals, warnings
from tests.support.builders import a_configuration

SQUARE = "[[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]]"
TRAVEL = "travel = [0.5, 0.1, 0.5, 0.9]"


def loaded(tmp_path, ways, more=""):
    file = tmp_path / "gate.toml"
    section = f"[lanes.out1.camera.ways]\n{ways}\n{more}"
    file.write_text(a_configuration(section), encoding="utf-8")
    return load(file)


def test_a_camera_without_ways_is_as_it_was(tmp_path):
    ways = loaded(tmp_path, "").lanes["out1"].camera.ways
    assert not ways.given
    assert (ways.areas, ways.travel, ways.lines) == ({}, None, {})


def test_areas_a_travel_and_lines_are_taken(tmp_path):
    ways = (
        loaded(tmp_path, f"waiting = {SQUARE}\n{TRAVEL}\nlines.arm = [0.1, 0.85, 0.9, 0.85]")
        .lanes["out1"]
        .camera.ways
    )
    assert set(ways.areas) == {"waiting"}
    assert ways.travel == (0.5, 0.1, 0.5, 0.9)
    assert set(ways.lines) == {"arm"}


@pytest.mark.parametrize(
    ("ways", "place", "cure"),
    [
        ("waiting = [[0.2, 0.2], [0.8, 0.2]]", "waiting", "3 to 20 corners"),
        ("waiting = [[0.2, 0.2], [0.8, 0.2], [0.5, 0.2]]", "waiting", "no area"),
        ("exit = [[0.2, 0.2], [0.8, 0.8], [0.8, 0.2], [0.2, 0.8]]", "exit", "in their order"),
        ("approach = [[0.2, 0.2], [1.8, 0.2], [0.8, 0.8]]", "approach", "more than 1"),
        ("travel = [0.5, 0.5, 0.5, 0.5]", "travel", "draw it longer"),
        ("lines.arm = [0.1, 0.8, 0.9, 0.8]", "ways", "add it, [x1, y1, x2, y2]"),
        (f"{TRAVEL}\nlines.arm = [0.5, 0.2, 0.51, 0.9]", "ways", "across the way"),
        (f"{TRAVEL}\nlines.Arm = [0.1, 0.8, 0.9, 0.8]", "lines.Arm", "pattern"),
        ("aproach = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8]]", "aproach", "unknown key"),
    ],
)
def test_what_is_drawn_wrongly_is_refused_with_place_and_cure(tmp_path, ways, place, cure):
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, ways)
    assert any(
        "lanes.out1.camera.ways" in problem and place in problem and cure in problem
        for problem in refused.value.problems
    ), refused.value.problems


def test_the_line_under_the_arm_is_drawn_in_one_picture_of_a_lane(tmp_path):
    both = f"{TRAVEL}\nlines.arm = [0.1, 0.8, 0.9, 0.8]\n"
    second = '[lanes.out1.cameras.rear]\nsource = "rear.mp4"\n[lanes.out1.cameras.rear.ways]\n'
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, both, second + both)
    assert "camera and rear" in str(refused.value)
    assert "keep it in" in str(refused.value)
    assert loaded(tmp_path, both, second).lanes["out1"].cameras["rear"].ways.lines == {}


REAR = '[lanes.out1.cameras.rear]\nsource = "{}"\nsees = "rear"\n'


def test_a_further_camera_is_checked_as_the_first_is(tmp_path):
    settings = loaded(tmp_path, "", REAR.format("ftp://h/s"))
    assert settings.lanes["out1"].all_cameras["rear"].sees == "rear"
    assert any(p.key == "lanes.out1.cameras.rear.source" for p in refusals(settings))


def test_a_recording_of_a_further_camera_lies_beside_the_file(tmp_path):
    settings = loaded(tmp_path, "", REAR.format("rear.mp4"))
    assert settings.lanes["out1"].cameras["rear"].source.whole == str(tmp_path / "rear.mp4")


IN1 = """
[lanes.in1]
direction = "import"
[lanes.in1.camera]
source = "absent.mp4"
[lanes.in1.camera.ways]
waiting = {}
[lanes.in1.barrier]
wire = "bus"
address = 2
"""


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        ("[[0.8, 0.2], [0.95, 0.2], [0.95, 0.8], [0.8, 0.8]]", False),
        ("[[0.7, 0.2], [0.95, 0.2], [0.95, 0.8], [0.7, 0.8]]", True),
        ("[[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]]", True),
    ],
)
def test_areas_of_two_lanes_in_one_picture_may_touch_and_not_overlap(tmp_path, theirs, told):
    settings = loaded(tmp_path, f"waiting = {SQUARE}", IN1.format(theirs))
    lines = [str(w) for w in warnings(settings) if w.key.startswith("lanes.in1.camera")]
    assert [line for line in lines if "overlaps" in line] == lines
    assert bool(lines) is told
