"""`gate-sim run --fast`, as a tester types it."""

import json
import xml.etree.ElementTree as ElementTree

from tests.support.command_line import gate_sim

CASES = ("undeclared", "unreadable", "wrong_lane")
RESTART = "restart_while_waiting_for_a_person"


def fast(folder, name, *arguments, **env):
    """One run; its history's bytes."""
    file = folder / name
    done = gate_sim("run", "--fast", *CASES, "--vehicles", 12, "--history", file, *arguments, **env)
    # What came of it is not asked here.
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return file.read_bytes()


def test_the_same_seed_gives_the_same_history_to_the_byte_wherever_it_is_played(tmp_path):
    first = fast(tmp_path, "a", RESTART, "--seed", 3, TZ="Asia/Ho_Chi_Minh", PYTHONHASHSEED="1")
    again = fast(tmp_path, "b", RESTART, "--seed", 3, TZ="America/Lima", PYTHONHASHSEED="2")
    assert first == again
    assert first.count(b" crossed ") > 5
    assert fast(tmp_path, "c", RESTART, "--seed", 4) != first


def test_report_and_junit_tell_what_came_of_each_case(tmp_path):
    report, junit = tmp_path / "report.json", tmp_path / "junit.xml"
    fast(tmp_path, "a", "--report", report, "--junit", junit)
    body = json.loads(report.read_text(encoding="utf-8"))
    assert (body["wrongly_opened"], body["untold"], body["seed"]) == (0, 0, 1)
    assert body["cases"].keys() >= set(CASES)
    assert body["cases"]["undeclared"]["became"].keys() == {"did not cross"}
    assert ElementTree.parse(junit).getroot().findall("testcase/failure") == []


def test_an_unknown_case_is_told_with_those_that_are_known():
    done = gate_sim("run", "--fast", "--vehicles", 12, "nobody")
    assert done.returncode == 2
    assert "tailgater_at_a_metre" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_list_names_every_case_that_a_fast_run_plays():
    listed = gate_sim("list").stdout
    for case in CASES:
        assert case in listed
