"""The whole service, and its console killed: guards go on, and the console is back."""

import os
import signal

import httpx
import psutil
import pytest

from tests.support.lane_stand import Stand
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def stand(tmp_path):
    made = Stand(tmp_path, 1.0, "travel_s = 3.0\nclear_before_close_s = 0.3")
    made.start()
    yield made
    made.stop()


def console_of(service):
    """The process that listens at the console's port."""
    port = httpx.URL(service.url).port
    for process in psutil.Process(service.pid).children(recursive=True):
        held = process.net_connections("tcp")
        if any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in held):
            return process.pid
    return None


def told(service, type):
    """Of the console's alarm."""
    rows = service.get(f"/api/events?type={type}")
    return [row for row in rows if row["data"]["code"] == "console_down"]


def test_a_console_that_is_killed_costs_no_guard_anything_and_comes_back(stand):
    service = stand.service
    wait_for(lambda: stand.barrier()["arm"] == "closed")
    stand.order("open")
    wait_for(lambda: stand.barrier()["arm"] == "open")
    before, pid, console = stand.barrier(), service.pid, console_of(service)
    assert console not in (None, pid)
    address = service.data / "console.json"
    address.unlink()
    os.kill(console, signal.SIGKILL)
    wait_for(address.exists)
    service.wait_ready()
    after = stand.barrier()
    assert service.pid == pid
    assert console_of(service) not in (None, console)
    # The session is the one of before, the arm stands as it did, its wire was read all the time.
    assert after["arm"] == "open"
    assert after["exchanges"] > before["exchanges"]
    assert wait_for(lambda: told(service, "alarm.raised"))[0]["data"]["params"]["why"]
    wait_for(lambda: told(service, "alarm.cleared"))
    assert service.post("/api/order", {"lane": "out1", "action": "stop"}).status_code == 200
