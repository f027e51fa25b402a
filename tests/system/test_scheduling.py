"""Who comes first on the processor: real processes, asked what the kernel has given them."""

import subprocess
import sys
from pathlib import Path

import pytest

SERVICE = """
import os, threading
from edge.system import scheduling
print(scheduling.raise_service())
threads = []
def guard():
    print(scheduling.raise_guard())
    threads.append(os.sched_getparam(threading.get_native_id()).sched_priority)
def console():
    threads.append(os.sched_getparam(threading.get_native_id()).sched_priority)
for work in (guard, console):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
print(threads)
child = os.fork()
if child == 0:
    done = threading.Event()
    library = threading.Thread(target=done.wait)
    library.start()
    scheduling.give_way()
    made = os.sched_getscheduler(library.native_id)
    print("a library's", made == os.SCHED_OTHER, os.getpriority(os.PRIO_PROCESS, library.native_id))
    done.set()
    threads = []
    thread = threading.Thread(
        target=lambda: threads.append(os.sched_getscheduler(threading.get_native_id()))
    )
    thread.start()
    thread.join()
    ordinary = threads == [os.SCHED_OTHER]
    print("vision", ordinary, os.getpriority(os.PRIO_PROCESS, 0))
    os._exit(0)
os.waitpid(child, 0)
"""


@pytest.fixture(scope="module")
def reported():
    """What a service with a guard, a console and a vision process says of itself."""
    done = subprocess.run(
        [sys.executable, "-u", "-W", "ignore", "-c", SERVICE],
        capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_guard_comes_before_the_service_and_that_before_all_ordinary(reported):
    if "real time" not in reported[0]:
        pytest.skip(f"real time is not permitted here: {reported[0]}")
    assert reported[:3] == ["real time 1", "real time 2", "[2, 1]"]


def test_vision_comes_after_all(reported):
    assert reported[-1] == "vision True 10"


def test_so_do_the_threads_that_its_libraries_had_made_before(reported):
    """OpenBLAS makes its own as numpy is imported."""
    assert reported[-2] == "a library's True 10"
