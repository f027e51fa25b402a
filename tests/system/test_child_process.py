"""When the next process is begun after one that ended: real processes that really end."""

import os
import threading
import time

import pytest

from edge.system import scheduling
from edge.system.child_process import ChildProcess, Reasons
from edge.system.supervision import QUICK, Limits, Stage
from tests.support import child_bodies
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(240)

MOST = 150_000_000
SOON = Limits(
    {Stage.LOADING: 60.0, Stage.WORKING: 3.0}, {Stage.LOADING: 180.0, Stage.WORKING: 4.0}, 0.5
)
LOADED_S = 4.0
"""What a crowded computer may add."""


@pytest.fixture
def gaps():
    """Seconds between the end of each of so many processes and the beginning of the next."""
    made = []

    def measure(body, times, limits=QUICK):
        ended, begun = [], []

        def arguments(pipe):
            begun.append(time.monotonic())
            return (pipe,)

        def listen(pipe):
            while True:
                if pipe.recv_bytes(100) == child_bodies.WORKED:
                    child.worked()

        reasons = Reasons(
            str, lambda: "died", lambda: "?", lambda seconds: "silent", lambda used, most: "large"
        )  # fmt: skip
        child = ChildProcess(
            "child", body, arguments, listen, lambda pipe: pipe.close(),
            lambda why: ended.append((time.monotonic(), why)), reasons, MOST, limits,
        )  # fmt: skip
        made.append(child)
        child.start()
        wait_for(lambda: len(begun) > times)
        return [b - e for (e, _), b in zip(ended, begun[1:], strict=False)], ended[0][1]

    yield measure
    for child in made:
        child.stop()


def test_one_that_worked_and_leaks_is_begun_anew_at_once_however_often(gaps):
    found, why = gaps(child_bodies.works_and_leaks, 6)
    assert why == "large"
    assert max(found) < 1.0 + LOADED_S


def test_one_that_never_worked_is_begun_anew_after_pauses_that_grow(gaps):
    """A crash loop leaves a weak computer room for everything else."""
    found, why = gaps(child_bodies.never_works, 4)
    assert why == "died"
    assert all(after > pause for pause, after in zip((0.2, 0.45, 0.9, 1.9), found, strict=True))


def test_one_that_hangs_while_it_loads_is_begun_anew_at_once_however_often(gaps):
    """It was waited for: there is no crash loop to be slowed down."""
    found, why = gaps(child_bodies.hangs_while_it_loads, 6, SOON)
    assert why == "silent"
    assert max(found) < 1.0 + LOADED_S


def begun_by_a_service(child):
    """At its priority, on a thread of its own; what it has got."""
    got = []

    def service():
        got.append(scheduling.raise_service())
        child.start()

    thread = threading.Thread(target=service)
    thread.start()
    thread.join()
    return got[0]


def test_it_is_ordinary_while_it_loads_already():
    """At the service's priority its libraries filled a processor for a second and more, and Linux
    took the guards off it for 50 ms of each."""
    said, watched = [], []

    def listen(pipe):
        said.append(int(pipe.recv_bytes(100)))
        watched.extend(
            os.sched_getscheduler(t.native_id)
            for t in threading.enumerate()
            if t.name in ("loaded", "loaded watch")
        )
        return "heard"

    reasons = Reasons(
        str, lambda: "died", lambda: "?", lambda seconds: "silent", lambda used, most: "large"
    )  # fmt: skip
    child = ChildProcess(
        "loaded", child_bodies.says_how_it_was_loaded, lambda pipe: (pipe,), listen,
        lambda pipe: pipe.close(), lambda why: None, reasons, MOST,
    )  # fmt: skip
    try:
        got = begun_by_a_service(child)
        if "real time" not in got:
            pytest.skip(f"real time is not permitted here: {got}")
        wait_for(lambda: watched)
    finally:
        child.stop()
    assert said[0] == os.SCHED_OTHER
    assert watched[:2] == [os.SCHED_RR, os.SCHED_RR], "the service's own threads stay before all"
