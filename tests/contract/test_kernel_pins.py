"""A barrier on this computer's pins through the genuine libgpiod.

Where the kernel has no GPIO chip to play with (no gpio-sim), pins.c answers in its place; whatever
stands above the kernel is what runs at a gate.
"""

import json
import mmap
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from simulator.bodywork import Look
from simulator.rig import INPUTS
from simulator.world import Driver, LaneWorld, Vehicle
from tests.support.guard_process import GuardProcess
from tests.support.preloaded import library
from tests.support.waiting import wait_for

pytest.importorskip("gpiod", reason="gpiod is not installed (pip install 'bordergate-edge[gpio]')")

LINES = 32
GONE, LEVEL, USE, PULLED_UP = 0, 1, 1 + LINES, 1 + 2 * LINES
OUTPUT, TAKEN = 2, 3
OUTPUTS = {"open": 1, "close": 2, "green": 3, "red": 4}
CHANNELS = {name: 10 + channel for name, channel in INPUTS.items()}

SETTINGS = """
site = "here"
gate = "test"
[wires.pins]
kind = "gpio"
[lanes.out1]
direction = "export"
[lanes.out1.camera]
source = "http://127.0.0.1:9/none"
[lanes.out1.barrier]
wire = "pins"
bench = true
outputs = {{ {outputs} }}
inputs = {{ {inputs} }}
travel_s = 2.0
clear_before_close_s = 0.3
"""


def table(channels):
    return ", ".join(f"{name} = {channel}" for name, channel in channels.items())


class Pins:
    """The chip and a lane wired to it: a contact that is closed pulls its pin to ground."""

    def __init__(self, folder):
        file = folder / "pins"
        file.write_bytes(bytes(1 + 3 * LINES))
        with file.open("r+b") as opened:
            self.at = mmap.mmap(opened.fileno(), 0)
        source = Path(__file__).parents[2] / "tests" / "support" / "pins.c"
        self.env = {**os.environ, "LD_PRELOAD": str(library(source, folder)), "PINS": str(file)}
        self.config = folder / "gate.toml"
        self.config.write_text(SETTINGS.format(outputs=table(OUTPUTS), inputs=table(CHANNELS)))
        self.world = LaneWorld("out1", time.monotonic, 0.8)
        self.driven = dict.fromkeys(OUTPUTS, False)
        self.log = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._wired, daemon=True)
        self._sense()
        self._thread.start()

    def stop(self):
        self._ended.set()
        self._thread.join()

    def used(self, channel):
        return self.at[USE + channel]

    def _wired(self):
        while not self._ended.wait(0.005):
            for name, channel in OUTPUTS.items():
                on = bool(self.at[LEVEL + channel])
                if on != self.driven[name]:
                    self.driven[name] = on
                    self.log.append((name, on))
                    self.world.drive(name, on)
            self._sense()

    def _sense(self):
        for name, on in self.world.sense().items():
            if name in CHANNELS:
                closed = on != (name == "stop")
                self.at[LEVEL + CHANNELS[name]] = not closed


@pytest.fixture
def pins(tmp_path):
    made = Pins(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def guard(pins):
    process = GuardProcess(pins.config, pins.env)
    yield process
    process.stop()


def gate(pins, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "edge", *arguments, "--config", str(pins.config)],
        capture_output=True, text=True, timeout=120, env=pins.env,
    )  # fmt: skip


def test_a_vehicle_passes_a_barrier_on_pins(pins, guard):
    wait_for(lambda: pins.used(OUTPUTS["open"]) == OUTPUT)
    assert all(pins.at[PULLED_UP + channel] for channel in CHANNELS.values())
    look = Look("truck", (90, 90, 90), 1, "34A36837", "VN", "white", 1)
    vehicle = Vehicle(look, 3.0, True, Driver(patience_s=600))
    pins.world.add(vehicle)
    vehicle.front = -6.0
    wait_for(lambda: "VehicleArrived" in guard.facts())
    guard.authorise("a1")
    wait_for(lambda: "VehicleCrossed" in guard.facts())
    wait_for(lambda: pins.world.arm.position == 0.0)
    assert pins.world.truth.violations == []
    motions = [(name, on) for name, on in pins.log if name in ("open", "close")]
    assert motions == [("open", True), ("open", False), ("close", True), ("close", False)]


def test_a_chip_that_is_pulled_out_is_told_and_found_again(pins, guard):
    wait_for(lambda: "ArmMoved" in guard.facts())
    pins.at[GONE] = 1
    wait_for(lambda: "wire_lost" in guard.facts())
    pins.at[GONE] = 0
    wait_for(lambda: "'wire_lost'>, active=False" in guard.facts())
    assert [name for name, on in pins.log if on and name in ("open", "close")] == []


def test_a_broken_wire_of_the_stop_reads_as_pressed(pins):
    pins.world.overrides["stop"] = True
    done = gate(pins, "barrier", "watch", "out1", "--seconds", "1", "--json")
    assert done.returncode == 0, done.stderr
    inputs = json.loads(done.stdout.splitlines()[-1])["inputs"]
    assert inputs["stop"] is True
    assert inputs["limit_closed"] is True
    assert inputs["entry_loop"] is False


def test_a_line_of_another_program_and_a_channel_that_the_chip_lacks_are_told(pins):
    pins.at[USE + OUTPUTS["close"]] = TAKEN
    done = gate(pins, "barrier", "watch", "out1", "--seconds", "1")
    assert done.returncode == 1
    assert "lane out1: /dev/gpiochip0: a line is in use by another program" in done.stderr
    pins.at[USE + OUTPUTS["close"]] = 0
    pins.config.write_text(pins.config.read_text().replace("close = 2", "close = 40"))
    done = gate(pins, "barrier", "watch", "out1", "--seconds", "1")
    assert done.returncode == 1
    assert "are all channels lines of this chip?" in done.stderr
