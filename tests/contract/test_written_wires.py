"""Bad wires under what is only written to: LCUS relays and the lane's LED sign, each on a pty."""

import time
from types import SimpleNamespace

import pytest

from edge.barrier.boards.lcus import LcusBoard
from edge.barrier.wires.port import WireGone
from edge.barrier.wires.raw import RawLine
from edge.display.signs import AlphaSign
from simulator.barrier.bad_wires import (
    EVERY,
    ByteByByte,
    Clean,
    Doubled,
    Late,
    Loss,
    Refusal,
    Truncated,
    WrongAddress,
    name_of,
)
from simulator.barrier.lane_sign import LaneSign
from simulator.barrier.lcus import LcusRelays
from tests.support.waiting import wait_for

OUTPUTS = {"open": 1, "close": 2, "stop": 3}
TURNS = 12

WHOLE_OR_NOTHING = (Clean, ByteByByte, Loss, Late, Doubled, Truncated, WrongAddress, Refusal)
"""Wires that bring a text as it was sent, or none; the others turn bits."""


class Bench:
    def __init__(self):
        self.log = []

    def drive(self, output, on):
        self.log.append((output, on))

    def sense(self):
        return {}


@pytest.fixture
def lcus(tmp_path):
    bench = Bench()
    twin = LcusRelays(bench, OUTPUTS, tmp_path / "by-id")
    twin.start()
    line = RawLine(twin.port, 9600)
    line.open()
    yield SimpleNamespace(driver=LcusBoard(line, OUTPUTS), line=line, twin=twin, bench=bench)
    line.close()
    twin.stop()


def played(driver, output, seconds=0.02):
    """One pulse, tended until it is over."""
    driver.pulse(output, seconds)
    until = time.monotonic() + 2 * seconds
    while time.monotonic() < until:
        driver.tend(time.monotonic())
        time.sleep(0.005)
    driver.tend(time.monotonic())


@pytest.mark.parametrize("fault", EVERY, ids=name_of)
def test_lcus_relays_do_on_a_bad_wire_only_what_they_were_told(lcus, fault):
    lcus.twin.wire.fault = fault
    for n in range(TURNS):
        played(lcus.driver, ("open", "close")[n % 2])
    for output in ("open", "close"):
        assert lcus.bench.log.count((output, True)) <= TURNS
    assert {output for output, _ in lcus.bench.log} <= {"open", "close"}
    # What was late is over; the next frames are understood, whatever came before.
    lcus.twin.wire.fault = Clean()
    time.sleep(0.3)
    for output in OUTPUTS:
        lcus.driver.set(output, False)
    wait_for(lambda: not any(lcus.twin.relays.values()))
    lcus.bench.log.clear()
    played(lcus.driver, "stop")
    wait_for(lambda: lcus.bench.log == [("stop", True), ("stop", False)])


@pytest.fixture
def sign(tmp_path):
    twin = LaneSign(tmp_path / "by-id")
    twin.start()
    driver = AlphaSign(twin.port, 9600)
    driver.open()
    yield SimpleNamespace(driver=driver, twin=twin)
    driver.close()
    twin.stop()


@pytest.mark.parametrize("fault", EVERY, ids=name_of)
def test_a_sign_shows_the_next_good_line_whatever_a_bad_wire_has_brought(sign, fault):
    said = [f"34A-368.{n:02} MOI VAO" for n in range(TURNS)]
    sign.twin.wire.fault = fault
    for text in said:
        sign.driver.show(text)
        time.sleep(0.03)
    time.sleep(0.3)
    if isinstance(fault, WHOLE_OR_NOTHING):
        assert set(sign.twin.history) <= set(said)
    sign.twin.wire.fault = Clean()
    sign.driver.show("LAN DONG")
    wait_for(lambda: sign.twin.text == "LAN DONG")


@pytest.mark.parametrize("kind", ["lcus", "sign"])
def test_an_adapter_that_is_pulled_out_is_told_and_found_again_as_another_device(kind, tmp_path):
    link = tmp_path / "by-id"

    def plugged_in():
        twin = LcusRelays(Bench(), OUTPUTS, link) if kind == "lcus" else LaneSign(link)
        twin.start()
        return twin

    twin = plugged_in()
    if kind == "lcus":
        line = RawLine(str(link), 9600)
        board = LcusBoard(line, OUTPUTS)
        say, seen = lambda: board.set("open", True), lambda: twin.relays.get(1)
    else:
        line = AlphaSign(str(link), 9600)
        say, seen = lambda: line.show("X"), lambda: twin.text == "X"
    line.open()
    twin.stop()
    with pytest.raises(WireGone, match=r"by-id.*plug it in"):
        say()
    with pytest.raises(WireGone, match=r"by-id.*plugged in"):
        line.open()
    twin = plugged_in()
    line.open()
    say()
    wait_for(seen)
    line.close()
    twin.stop()
