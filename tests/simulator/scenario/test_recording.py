"""`gate-sim record`: a gate's journal becomes a scenario that plays."""

import json
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from typer.testing import CliRunner

from simulator.__main__ import app
from simulator.fast.day import MORNING, Day
from simulator.fast.plan import plan
from simulator.fast.run import quiet
from simulator.scenario.fast import play_it
from simulator.scenario.reading import read
from simulator.scenario.shortening import shortened

CASES = ("undeclared", "held", "unreadable", "the_board_is_silent_while_one_crosses")


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    """What a gate has recorded of a short day, as `gate journal export` writes it."""
    folder = tmp_path_factory.mktemp("day")
    day = Day(folder, 5, plan(6, 5, CASES))
    with quiet():
        day.run()
        lines = [json.dumps(body, ensure_ascii=False) for body in day.house.events()]
        day.close()
    file = folder / "events.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def record(*arguments):
    return CliRunner().invoke(app, ["record", *map(str, arguments)])


def test_what_a_gate_recorded_is_a_scenario_that_plays_alike(events, tmp_path):
    file = tmp_path / "monday.toml"
    done = record(events, file)
    assert done.exit_code == 0, done.output
    scenario = read(file)
    bodies = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    ended = [b["data"] for b in bodies if b["type"].split(".")[2] in ("completed", "abandoned")]
    assert len(scenario.traffic) == len(ended) >= 4
    plates = {v.plate for v in scenario.traffic if v.plate}
    assert plates == {d["plate"] for d in ended if d["plate"]}
    assert "wire_silent" in {fault.name for fault in scenario.faults}
    played = play_it(scenario, "monday", "recorded", 1)
    admitted = [d for d in ended if d["verdict"] == "allow"]
    assert played.figures["passages"] >= len(admitted) > 0
    assert (played.figures["untold"], played.figures["lost"]) == (0, 0)


def spread(events, tmp_path, late, *more):
    """The scenario of the same day, had those who came last come so much later."""
    bodies = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    last = [b for b in bodies if b["type"].split(".")[2] in ("completed", "abandoned")][-2:]
    for at in (part for body in last for part in (body, body["data"])):
        for name in {"time", "arrived_at", "entered_at"} & at.keys():
            if at[name]:
                at[name] = (datetime.fromisoformat(at[name]) + late).isoformat()
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(json.dumps(body) for body in bodies), encoding="utf-8")
    done = record(file, tmp_path / "monday.toml", *more)
    assert done.exit_code == 0, done.output
    return read(tmp_path / "monday.toml")


def test_a_journal_of_half_a_day_is_a_scenario_too(events, tmp_path):
    late = timedelta(hours=12)
    assert spread(events, tmp_path, late, "--longest-gap", 0).last_s > late.total_seconds()


def test_quiet_hours_are_shortened_and_that_is_said(events, tmp_path):
    scenario = spread(events, tmp_path, timedelta(hours=12))
    whole = spread(events, fresh(tmp_path, "whole"), timedelta(hours=12), "--longest-gap", 0)
    gone = whole.last_s - scenario.last_s
    assert 11 * 3600 < gone < 12 * 3600
    assert f"quiet times shortened by {round(gone / 60)} minutes" in scenario.about
    assert "shortened" not in whole.about
    at = [vehicle.at_s for vehicle in scenario.traffic]
    assert max(b - a for a, b in pairwise(at)) < 900 + 300


def fresh(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    return folder


def test_nothing_that_lasts_into_a_quiet_time_is_cut():
    def at(minutes):
        return MORNING + timedelta(minutes=minutes)

    spans = [(at(0), at(1)), (at(0.5), at(40)), (at(100), at(101))]
    moved = shortened(spans, timedelta(minutes=10))
    assert [moved(at(m)) for m in (0, 40, 100, 101)] == [at(m) for m in (0, 40, 50, 51)]


def test_each_lane_has_the_direction_that_is_told_of_it(events, tmp_path):
    ways = ("--direction", "out1=export", "--direction", "import")
    done = record(events, tmp_path / "monday.toml", *ways)
    assert done.exit_code == 0, done.output
    lanes = read(tmp_path / "monday.toml").lanes
    assert len(lanes) > 1
    assert {n for n, lane in lanes.items() if lane.direction == "export"} == {"out1"} & set(lanes)
    for wrong in ("sideways", "out1=sideways", "nowhere=import"):
        done = record(events, tmp_path / "new.toml", "--direction", wrong)
        assert done.exit_code == 2
        assert wrong in done.output


@pytest.mark.long
def test_who_comes_a_quarter_of_an_hour_after_the_others_is_waited_for(events, tmp_path):
    scenario = spread(events, tmp_path, timedelta(minutes=16), "--longest-gap", 0)
    played = play_it(scenario, "monday", "recorded", 1)
    assert not [text for text in played.failures if "did not end" in text]
    assert played.figures["vehicles"] == len(scenario.traffic)


def test_a_file_that_is_there_is_not_written_over_and_what_are_no_events_is_told(events, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("mine")
    assert record(events, file).exit_code == 1
    assert file.read_text() == "mine"
    for text in ("", "nonsense", '{"type": 1}', "[1]"):
        wrong = tmp_path / "wrong.jsonl"
        wrong.write_text(text)
        done = record(wrong, tmp_path / "new.toml")
        assert done.exit_code == 1
        assert "gate-sim record: " in done.output
        assert not (tmp_path / "new.toml").exists()
