"""A vision process that dies, stops, hangs or leaks is replaced within five seconds: real
processes, really stopped."""

import os
import signal
import time
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest

from edge.config import load
from edge.domain.facts import CameraChanged
from edge.vision.process import VisionProcess
from tests.support import vision_bodies
from tests.support.vision_config import CONFIG
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(240)

WITHIN_S = 5.0
LOADED_S = 4.0
"""What a computer under the load of all tests may add: the new process needs the processor too."""


@pytest.fixture
def eyes(tmp_path):
    file = tmp_path / "gate.toml"
    file.write_text(CONFIG, encoding="utf-8")
    made = []

    def build(body, settings=None):
        process = VisionProcess(settings or load(file), body)
        process.facts = []
        process.start(process.facts.append)
        made.append(process)
        return process

    yield build
    for process in made:
        process.stop()


def pid(eyes):
    return eyes.pid


def heard(eyes):
    """The process's loop has been heard of."""
    return eyes._child.patience._last.stage == "working"


def replaced(eyes, old):
    """Seconds from now until another process works."""
    began = time.monotonic()
    wait_for(lambda: pid(eyes) not in (None, old) and heard(eyes), 60.0)
    return time.monotonic() - began


def begun_anew_after(eyes, blow):
    """Seconds from the blow until another process has been begun."""
    old, began = pid(eyes), time.monotonic()
    os.kill(old, blow)
    wait_for(lambda: pid(eyes) not in (None, old))
    return time.monotonic() - began


def why(eyes):
    return [fact.why for fact in eyes.facts if isinstance(fact, CameraChanged)]


def test_with_the_process_every_camera_of_a_lane_is_lost_and_told(eyes, tmp_path):
    file = tmp_path / "gate.toml"
    rear = '[lanes.out1.cameras.rear]\nsource = "absent.mp4"\n'
    file.write_text(CONFIG.replace("[lanes.out1.barrier]", f"{rear}[lanes.out1.barrier]"), "utf-8")
    working = eyes(vision_bodies.works, load(file))
    wait_for(lambda: heard(working))
    os.kill(pid(working), signal.SIGKILL)
    wait_for(lambda: len(working.facts) >= 2)
    assert {(f.camera, f.ok) for f in working.facts[:2]} == {("", False), ("rear", False)}
    assert working.status("out1.rear").state == "failed"


def test_where_no_process_can_be_begun_it_is_told_and_tried_again(eyes, monkeypatch):
    """As where the computer has no memory or no number for one."""
    begin, left = SpawnProcess.start, [2]

    def none(process):
        if left[0]:
            left[0] -= 1
            raise BlockingIOError(11, "Resource temporarily unavailable")
        begin(process)

    monkeypatch.setattr(SpawnProcess, "start", none)
    working = eyes(vision_bodies.works)
    wait_for(lambda: heard(working))
    assert "Resource temporarily" in why(working)[0]


@pytest.mark.parametrize("blow", [signal.SIGSTOP, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_process_that_is_stopped_or_killed_is_replaced_and_told(eyes, blow):
    working = eyes(vision_bodies.works)
    wait_for(lambda: heard(working))
    old = pid(working)
    os.kill(old, blow)
    assert replaced(working, old) < WITHIN_S + LOADED_S
    expected = "said nothing for" if blow == signal.SIGSTOP else "has died"
    assert expected in why(working)[0]
    with pytest.raises(ProcessLookupError):
        os.kill(old, 0)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (vision_bodies.hangs, "said nothing for"),
        (vision_bodies.stops_within_a_message, "said nothing for"),
        (vision_bodies.leaks, "MB of memory, more than the 400 MB"),
    ],
)
def test_a_process_that_hangs_or_leaks_is_replaced_and_told(eyes, body, expected):
    wrong = eyes(body)
    wait_for(lambda: heard(wrong))
    old = pid(wrong)
    assert replaced(wrong, old) < WITHIN_S + 2 + LOADED_S
    assert expected in why(wrong)[0]


def test_one_that_had_looked_at_pictures_is_replaced_as_soon_the_fourth_time_it_is_stopped(eyes):
    looking, waited = eyes(vision_bodies.looks), []
    for _ in range(4):
        wait_for(lambda: looking.picture("out1") and heard(looking))
        looking._pictures.clear()
        waited.append(begun_anew_after(looking, signal.SIGSTOP))
    assert max(waited) < WITHIN_S + LOADED_S


@pytest.mark.parametrize(
    "body", [vision_bodies.is_stopped_while_it_loads, vision_bodies.hangs_while_it_loads]
)
def test_one_that_stands_while_it_loads_is_not_waited_for_until_it_could_have_loaded(eyes, body):
    wrong = eyes(body)
    wait_for(lambda: pid(wrong) is not None)
    old = pid(wrong)
    began = time.monotonic()
    wait_for(lambda: pid(wrong) not in (None, old), 30.0)
    assert time.monotonic() - began < WITHIN_S + LOADED_S


def test_what_it_said_of_its_end_is_what_is_told(eyes):
    """Not that it died, which follows at once."""
    wrong = eyes(vision_bodies.says_why_it_cannot_go_on)
    wait_for(lambda: len(why(wrong)) >= 3)
    assert set(why(wrong)) == {"the weights are none"}
    assert wrong.status("out1").why == "the weights are none"


@pytest.mark.parametrize(
    "body",
    [
        vision_bodies.says_nonsense,
        vision_bodies.says_a_program,
        vision_bodies.says_a_fact_of_a_lane_that_is_not_there,
    ],
)
def test_one_that_says_nonsense_is_not_believed_but_replaced_and_told(
    eyes, body, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    wrong = eyes(body)
    wait_for(lambda: heard(wrong))
    replaced(wrong, pid(wrong))
    assert "not understood" in why(wrong)[0]
    assert not (tmp_path / vision_bodies.TAKEN).exists()


def test_the_processes_of_one_service_leave_nothing_behind(eyes):
    working = eyes(vision_bodies.works)
    wait_for(lambda: heard(working))
    descriptors = len([*Path("/proc/self/fd").iterdir()])
    for _ in range(4):
        old = pid(working)
        os.kill(old, signal.SIGKILL)
        replaced(working, old)
    assert len([*Path("/proc/self/fd").iterdir()]) <= descriptors + 2
