"""`gate-sim run`, `check`, `list` and `faults`, as a tester types them."""

import json
import xml.etree.ElementTree as ElementTree

from tests.support.command_line import gate_sim

NAMES = ("tailgater_at_a_metre", "undeclared", "a_noisy_wire", "restart_while_admitted")
BROKEN = """about = "Nobody follows, and one is expected to."

[[traffic]]
read = "sure"

[[expect]]
alarm = "tailgate"
within_s = 5
after = "first enters"
"""


def history(folder, name, seed, *more, **env):
    file = folder / name
    done = gate_sim("run", *NAMES, "--fast", "--seed", seed, "--history", file, *more, **env)
    assert done.returncode in (0, 1), done.stderr
    return file.read_bytes()


def test_the_same_seed_gives_the_same_history_to_the_byte_in_any_time_zone_and_any_order(tmp_path):
    first = history(tmp_path, "a", 3, TZ="Asia/Ho_Chi_Minh", PYTHONHASHSEED="1")
    again = history(tmp_path, "b", 3, "--jobs", 2, TZ="America/Lima", PYTHONHASHSEED="2")
    assert first == again
    assert first.count(b" crossed ") >= 3
    assert history(tmp_path, "c", 4) != first


def test_a_failure_says_what_was_expected_and_what_was_and_how_to_see_it_again(tmp_path):
    file, junit, html = tmp_path / "mine.toml", tmp_path / "junit.xml", tmp_path / "report.html"
    file.write_text(BROKEN)
    done = gate_sim("run", file, "undeclared", "--fast", "--junit", junit, "--html", html)
    assert done.returncode == 1
    told = "expected the alarm tailgate within 5 s after 'first enters'; raised: nothing"
    assert told in done.stdout
    assert f"again: gate-sim run {file} --fast --seed 1" in done.stdout
    suite = ElementTree.parse(junit).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert told in suite.find("testcase/failure").get("message")
    page = html.read_text(encoding="utf-8")
    assert "1 of 2 scenarios failed" in page
    assert page.count("<svg") == 2
    assert "raised: nothing" in page
    again = done.stdout.partition("again: gate-sim ")[2].splitlines()[0].split()
    assert told in gate_sim(*again).stdout


def test_as_json_each_line_is_one_scenario_and_nothing_else_is_said():
    done = gate_sim("run", "undeclared", "held", "--fast", "--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["name"], one["passed"]) for one in told] == [("undeclared", True), ("held", True)]


def test_check_names_the_line_and_ends_with_2(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(BROKEN.replace("tailgate", "tailgat"))
    done = gate_sim("check", file)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{file}:7: expect[1].alarm: no alarm 'tailgat'; near: tailgate")
    file.write_text(BROKEN)
    assert gate_sim("check", file).returncode == 0


def test_what_is_not_there_is_told_with_where_to_look(tmp_path):
    for arguments in (("run", "nobody", "--fast"), ("check", tmp_path / "no.toml"), ("run",)):
        done = gate_sim(*arguments)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert "gate-sim: " in done.stderr
    done = gate_sim("run", "calm-day", "--fast")
    assert done.returncode == 2
    assert "in real time only" in done.stderr


def test_a_fault_is_explained_with_what_a_good_controller_does_and_how_it_is_written():
    done = gate_sim("faults", "loop_drops")
    assert "A good controller does not take the vehicle for gone" in done.stdout
    assert '[[faults]]\nname = "loop_drops"\nvalue = 4.0' in done.stdout
    assert gate_sim("faults", "loop_drop").returncode == 2
    assert "camera_still" in gate_sim("faults").stdout
