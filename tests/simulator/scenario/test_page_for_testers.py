"""docs/testing.md is true: its scenario plays, its commands and expectations are there."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from simulator.__main__ import app
from simulator.scenario.expectation import KINDS_OF_EXPECTATION
from simulator.scenario.library import found
from simulator.scenario.serving import CONTROL

PAGE = (Path(__file__).parents[3] / "docs" / "testing.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"gate-sim [a-z][^\n`#]*", PAGE)


def test_its_scenario_is_good_and_passes(tmp_path):
    text, *parts = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
    file = tmp_path / "mine.toml"
    for part in parts:
        other = tmp_path / "part.toml"
        other.write_text(f'about = "Two trucks come."\n[[traffic]]\n[[traffic]]\n{part}')
        assert CliRunner().invoke(app, ["check", str(other)]).exit_code == 0, part
    file.write_text(text)
    runner = CliRunner()
    assert runner.invoke(app, ["check", str(file)]).exit_code == 0
    done = runner.invoke(app, ["run", str(file), "--fast"])
    assert (done.exit_code, "1 of 1 passed" in done.output) == (0, True), done.output


@pytest.mark.parametrize("line", sorted({line.strip() for line in COMMANDS}))
def test_each_command_and_each_of_its_options_is_there(line):
    _, name, *rest = shlex.split(line)
    command = get_command(app).commands[name]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= known
    if name == "run":
        names = [w for w in rest if w.islower() and not w.startswith("-") and "." not in w]
        assert all(found([w]) for w in names if w.isidentifier() or "-" in w)


def test_every_expectation_stands_in_its_table():
    told = set(re.findall(r"^\| `(\w+)", PAGE, re.M))
    assert told == set(KINDS_OF_EXPECTATION)


def test_its_addresses_are_those_that_are_served():
    assert set(re.findall(r"localhost:(\d+)", PAGE)) == {str(CONTROL)}
