"""A lane of the running service: its recorded wire, and what it says of a wire that is wrong."""

import json
import re
import subprocess
import sys
import time

import pytest

from simulator.barrier.bad_wires import Clean, Garbage, Refusal, WrongAddress
from simulator.service import Service
from tests.support.builders import a_configuration
from tests.support.lane_stand import Stand
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(600)

BARRIER = 'travel_s = 3.0\nclear_before_close_s = 0.3\ntrace = "{}"'
CHANGED = re.compile(r"out1: \w+ -> (\w+)")


@pytest.fixture(scope="module")
def stand(tmp_path_factory):
    folder = tmp_path_factory.mktemp("running")
    made = Stand(folder, 1.0, BARRIER.format(folder / "out1.jsonl"))
    made.start()
    yield made
    made.stop()


def put(stand, **inputs):
    """On the loops, seen there by the guard, and for as long as a vehicle is: no glitch."""
    stand.world.overrides = inputs
    wait_for(lambda: inputs.items() <= stand.barrier().items())
    time.sleep(0.4)


def phases(stand):
    """As the running guard has logged them."""
    return CHANGED.findall(stand.service.log.read_text())


def replayed(stand):
    trace, config = stand.service.config.with_name("out1.jsonl"), str(stand.service.config)
    command = [sys.executable, "-m", "edge", "barrier", "trace", "replay", str(trace)]
    done = subprocess.run(
        [*command, "--config", config, "--json"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_recorded_wire_of_a_running_lane_replays_to_what_its_guard_did(stand):
    wait_for(lambda: stand.barrier()["arm"] == "closed")
    stand.order("open")
    wait_for(lambda: stand.barrier()["arm"] == "open")
    put(stand, entry_loop=True, safety_loop=False)
    put(stand, entry_loop=True, safety_loop=True)
    put(stand, entry_loop=False, safety_loop=True)
    put(stand, entry_loop=False, safety_loop=False)
    wait_for(lambda: stand.barrier()["arm"] == "closed")
    stand.world.overrides = {}
    before = phases(stand)
    lines = replayed(stand)
    same = [line["phase"] for line in lines if "phase" in line]
    # A crowded computer may make a reading late, and the guard unknowing; so it is in the replay.
    assert same[: len(before)] == before
    assert phases(stand)[: len(same)] == same
    onward = iter(before)
    assert all(p in onward for p in ("closed", "opening", "open", "closing", "closed"))
    pulses = [line["recorded"] for line in lines if "recorded" in line]
    assert (pulses[0], pulses[-1]) == ("pulse open", "pulse close")
    # Nobody has to tell the core of the closing: it has decided it when the pulse comes.
    assert not any(line.get("request") == "recorded-2" for line in lines)
    reported = [line.get("deed") or line.get("recorded") for line in lines]
    assert reported.index("close") < reported.index("pulse close")
    crossed = [line for line in lines if line.get("told") == "VehicleCrossed"]
    assert len(crossed) == 1


@pytest.mark.parametrize(
    ("fault", "cure"),
    [
        (Garbage(1.0), "at 9600 baud"),
        (Refusal(1.0), "right profile"),
        (WrongAddress(1.0), "board 0 answers for board 1; give each its own address"),
    ],
    ids=["wrong baud", "wrong profile", "another address"],
)
def test_the_console_tells_a_wrong_wire_with_lane_port_and_cure(stand, fault, cure):
    def told():
        wait_for(lambda: "wire_lost" not in stand.alarms())
        stand.boards.fault = fault
        try:
            text = wait_for(lambda: stand.alarms().get("wire_lost"))
        finally:
            stand.boards.fault = Clean()
        assert "lane out1" in text
        assert stand.boards.port in text
        # On a crowded computer the board itself may be late first, and that is told.
        assert cure in text or "does not answer" in text
        return cure in text

    wait_for(told)


def test_a_second_service_on_the_same_port_tells_so_and_the_first_goes_on(stand, tmp_path):
    file = tmp_path / "gate.toml"
    file.write_text(a_configuration("[console]\nport = 0", port=stand.boards.port))
    second = Service(file)
    second.add_user()
    second.start()
    try:
        second.wait_ready("/healthz")
        wait_for(lambda: "wire_lost" in {a["code"] for a in second.get("/api/alarms")})
        text = next(a["text"] for a in second.get("/api/alarms") if a["code"] == "wire_lost")
        assert "lane out1" in text
        assert stand.boards.port in text
        assert "one service owns a line" in text
        wait_for(lambda: stand.barrier()["wire_ok"])
        seen = len(stand.boards.seen)
        wait_for(lambda: len(stand.boards.seen) > seen)
    finally:
        second.stop()
