"""A scenario's file: every mistake is told with its line, and the schema agrees."""

import json
import tomllib

import jsonschema
import pytest

from simulator.scenario.library import SCHEMA, library
from simulator.scenario.reading import NoScenario, read

GOOD = """#:schema scenario.schema.json
about = "Two trucks, and the second follows closely."

[[traffic]]
who = "Lan"
read = "sure"

[[traffic]]
declared = false
driver = { follows_m = 1.0 }

[[faults]]
name = "loop_dead"
value = "safety_loop"
when = "Lan waits"

[[expect]]
who = "second"
recorded = ["tailgated"]
"""


def mistakes(tmp_path, text):
    file = tmp_path / "mine.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(NoScenario) as told:
        read(file)
    assert str(told.value).startswith(f"{file}:")
    return [(m.line, m.place, m.text) for m in told.value.mistakes]


def test_a_good_one_is_read(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(GOOD)
    scenario = read(file)
    assert scenario.names == ["Lan", "second"]
    assert scenario.faults[0].value == "safety_loop"


@pytest.mark.parametrize(
    ("old", "new", "line", "place", "word"),
    [
        ('read = "sure"', 'read = "surely"', 6, "traffic[1].read", "'sure'"),
        ('read = "sure"', 'reed = "sure"', 6, "traffic[1].reed", "no such key"),
        ("follows_m = 1.0", "follows_m = -1.0", 10, "traffic[2].driver.follows_m", "0.3"),
        ("follows_m = 1.0", "gap = 1.0", 10, "traffic[2].driver.gap", "no such key"),
        ('"loop_dead"', '"loop_ded"', 13, "faults[1].name", "loop_dead"),
        ('"safety_loop"', '"beam"', 14, "faults[1].value", "safety_loop"),
        ('"Lan waits"', '"Lan sleeps"', 15, "faults[1].when", "NAME waits"),
        ('"Lan waits"', '"Minh waits"', 15, "faults[1].when", "Lan, second"),
        ('"loop_dead"', '"platform_slow"', 13, "faults[1].name", "'fast'"),
        ('who = "second"', 'who = "third"', 18, "expect[1].who", "Lan, second"),
        ('["tailgated"]', '["tailgatd"]', 19, "expect[1].recorded[1]", "tailgated"),
        ('["tailgated"]', '["tailgated"]\ncrosses = true', 20, "expect[1].crosses", "not 2"),
        ('who = "Lan"', 'who = "second"', 8, "traffic[2].who", "two are called"),
        ('who = "Lan"', 'who = "Lan"\nlane = "out1"', 6, "traffic[1].lane", "no lane"),
        ('who = "Lan"', 'same_plate_as = "second"', 5, "traffic[1].same_plate_as", "nobody"),
        ('value = "safety_loop"', "at_s = 3", 14, "faults[1].at_s", "either"),
        (
            'about = "',
            'about = "x"\n[[traffic]]\nplate = "38 a 1" #',
            4,
            "traffic[1].plate",
            "38A1",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_its_place_and_the_cure(
    tmp_path, old, new, line, place, word
):
    assert GOOD.count(old) == 1 or old.startswith("about")
    told = mistakes(tmp_path, GOOD.replace(old, new, 1))
    assert [text for at, where, text in told if (at, where) == (line, place) and word in text], told


def test_every_mistake_is_told_at_once_in_the_order_of_the_lines(tmp_path):
    text = GOOD.replace('"sure"', '"surely"').replace("waits", "sleeps").replace("tailgated", "x")
    assert [line for line, _, _ in mistakes(tmp_path, text)] == [6, 15, 19]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("about = \n", 1),
        (GOOD + "[[traffic]\n", 20),
        (b"about = 'a\xff'\n", 1),
        (b"\n\nabout = '\xff'\n", 3),
        ("[" * 5000, 1),
        (b"#" * (1 << 21), 1),
        ("", 1),
    ],
)
def test_what_is_no_scenario_at_all_is_told_without_a_traceback(tmp_path, text, line):
    assert mistakes(tmp_path, text)[0][0] == line


def test_the_published_schema_takes_the_library_and_refuses_what_is_refused():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    checker = jsonschema.Draft7Validator(schema)
    for entry in library():
        raw = tomllib.loads(entry.file.read_text(encoding="utf-8"))
        assert list(checker.iter_errors(raw)) == [], entry.name
    for old, new in (("loop_dead", "loop_ded"), ('read = "sure"', "reed = 1"), ("about", "abbout")):
        raw = tomllib.loads(GOOD.replace(old, new, 1))
        assert list(checker.iter_errors(raw)), new


def test_a_figure_that_no_report_has_and_limits_the_wrong_way_round_are_told(tmp_path):
    more = (
        '\n[[expect]]\nfigure = "passagess"\nat_least = 5\n'
        '\n[[expect]]\nfigure = "passages"\nat_least = 5\nat_most = 2\n'
    )
    told = mistakes(tmp_path, GOOD + more)
    assert [(line, place) for line, place, _ in told] == [
        (22, "expect[2].figure"), (28, "expect[3].at_most"),
    ]  # fmt: skip
    assert "near: passages" in told[0][2]


@pytest.mark.parametrize(
    ("clock", "key", "place"),
    [
        ("fast", "night = true", "lanes.out1.night"),
        ("fast", "rtsp = true", "lanes.out1.rtsp"),
        ("fast", 'barrier = "tcp"', "lanes.out1.barrier"),
        ("fast", "flows = {}", "lanes.out1.flows"),
    ],
)
def test_what_the_other_clock_alone_can_play_is_told(tmp_path, clock, key, place):
    text = f'about = "Of one lane."\nclocks = ["{clock}"]\n[lanes.out1]\n{key}\n[[traffic]]\n'
    ((line, where, word),) = mistakes(tmp_path, text)
    assert (line, where) == (4, place)
    assert "clock" in word


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('two_people_admit = ["held"]\n[[traffic]]\n', "two_people_admit"),
        ('[[traffic]]\n[[orders]]\naction = "open"\nby = "minh"\nat_s = 1\n', "orders[1].by"),
        (
            '[[traffic]]\n[[orders]]\naction = "open"\noutside = {}\nat_s = 1\n',
            "orders[1].outside",
        ),
        (
            '[[traffic]]\n[[changes]]\nof = "first"\nto = "as first said"\nat_s = 1\n',
            "changes[1].to",
        ),
        (
            '[[traffic]]\n[[faults]]\nname = "camera_dark"\nvalue = "rear"\nat_s = 1\n',
            "faults[1].value",
        ),
        (
            '[[traffic]]\n[[expect]]\nno_alarm = "camera"\nstands = "first waits"\n',
            "expect[1].stands",
        ),
    ],
)
def test_what_cannot_be_meant_is_told_where_it_stands(tmp_path, text, place):
    ((_, where, _),) = mistakes(tmp_path, f'about = "Of one lane."\nclocks = ["real"]\n{text}')
    assert where == place


@pytest.mark.parametrize("key", ['read = "sure"', 'trailer_read = "never"', "trailer_plate = true"])
def test_what_is_read_of_a_plate_cannot_be_told_where_vision_reads_it(tmp_path, key):
    text = f'about = "Of one lane."\nclocks = ["real"]\n[[traffic]]\n{key}\n'
    ((line, where, word),) = mistakes(tmp_path, text)
    assert (line, where) == (4, f"traffic[1].{key.partition(' ')[0]}")
    assert "vision reads" in word


def test_a_trailers_plate_is_read_in_real_time_where_a_rear_camera_shows_it(tmp_path):
    text = (
        'about = "Of one lane."\nclocks = ["real"]\n[lanes.out1]\n{}\n[[traffic]]\n'
        "trailer_plate = true\n"
    )
    good = tmp_path / "good.toml"
    good.write_text(text.format("rear_camera = true"))
    assert read(good).traffic[0].trailer_plate
    ((_, place, _),) = mistakes(tmp_path, text.format("night = true"))
    assert place == "traffic[1].trailer_plate"


def test_two_who_wait_for_each_other_are_told(tmp_path):
    text = """about = "Neither of them ever comes."
[[traffic]]
who = "a"
when = "b waits"
[[traffic]]
who = "b"
when = "c waits"
[[traffic]]
who = "c"
when = "a waits"
"""
    ((line, place, word),) = mistakes(tmp_path, text)
    assert (line, place) == (4, "traffic[1].when")
    assert "a, b, c" in word


def test_a_name_with_a_space_is_told_in_words(tmp_path):
    ((_, place, word),) = mistakes(
        tmp_path, GOOD.replace('"Lan"', '"Chi Lan"').replace("Lan waits", "second waits")
    )
    assert place == "traffic[1].who"
    assert "letters, digits and _" in word
