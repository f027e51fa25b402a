"""A simulated device answers beside a crowded computer, as a real one does."""

import os
import subprocess
import sys
import threading
import time

import pytest

from simulator.barrier.lcus import LcusRelays
from simulator.barrier.modbus_board import Board, SerialBoards
from simulator.barrier.tcp_gateway import TcpGateway
from simulator.world import LaneWorld
from tests.support.waiting import wait_for


def real_time_permitted():
    asked = "import os; os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))"
    return subprocess.run([sys.executable, "-c", asked], capture_output=True).returncode == 0


def a_board():
    return Board(LaneWorld("out1", time.monotonic), {"open": 1}, {"stop": 1})


@pytest.mark.parametrize(
    "make",
    [
        lambda: SerialBoards({1: a_board()}),
        lambda: TcpGateway({1: a_board()}),
        lambda: LcusRelays(LaneWorld("out1", time.monotonic), {"open": 1}),
    ],
    ids=["serial", "tcp", "lcus"],
)
def test_a_device_comes_as_soon_as_the_service(make):
    if not real_time_permitted():
        pytest.skip("real-time priority is not permitted")
    before = set(threading.enumerate())
    twin = make()
    twin.start()
    try:
        threads = [t for t in threading.enumerate() if t not in before]
        assert threads
        wait_for(lambda: any(os.sched_getscheduler(t.native_id) == os.SCHED_RR for t in threads))
        # And nothing else of this process does.
        assert os.sched_getscheduler(0) == os.SCHED_OTHER
    finally:
        twin.stop()
