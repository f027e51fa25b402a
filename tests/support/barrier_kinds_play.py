"""What several tests share: Lane, broker."""

import threading
import time

from edge.barrier.boards import registry
from edge.config import load
from edge.system.clock import SystemClock
from simulator.barrier.hardware import OUTPUTS, hardware
from simulator.barrier.modbus_board import Board, SerialBoards
from simulator.rig import INPUTS
from simulator.world import LaneWorld

SETTINGS = """
site = "here"
gate = "test"
[wires.bus]
kind = "serial"
port = "{port}"
{wires}
[lanes.out1]
direction = "export"
[lanes.out1.camera]
source = "http://127.0.0.1:9/none"
[lanes.out1.barrier]
{keys}
outputs = {{ open = 1, close = 2, green = 3, red = 4 }}
inputs = {{ {inputs} }}
travel_s = {travel_s}
clear_before_close_s = 0.3
entry_held_s = 2.0
{below}
"""


class Lane:
    """One lane with the hardware of a kind, and a guard on it."""

    def __init__(self, kind, broker, folder, arm_s=1.0, inputs=INPUTS):
        self.kind = kind
        self.world = LaneWorld("out1", time.monotonic, arm_s)
        board = self.board = Board(self.world, OUTPUTS, inputs, ("stop",))
        self.bus = SerialBoards({1: board})
        part = hardware(kind, "out1", self.world, board, (broker.host, broker.port), folder)
        self.part = part
        text = SETTINGS.format(
            port=self.bus.port,
            wires=part.wires,
            keys=part.keys,
            below=part.below,
            inputs=", ".join(f"{n} = {c}" for n, c in inputs.items()),
            travel_s=2.0 * arm_s if arm_s < 2 else arm_s,
        )
        (folder / "gate.toml").write_text(text)
        self.settings = load(folder / "gate.toml")
        self.facts = []
        self.guards = registry.build(self.settings, SystemClock())
        self.guard = self.guards.guard("out1")
        self.ended = threading.Event()
        self.physics = threading.Thread(target=self.move)

    def move(self):
        while not self.ended.wait(0.03):
            self.world.step()

    def __enter__(self):
        for twin in (self.bus, *self.part.twins):
            twin.start()
        self.physics.start()
        self.guards.start(self.facts.append)
        return self

    def __exit__(self, *error):
        self.guards.stop()
        self.ended.set()
        self.physics.join()
        for twin in (*self.part.twins, self.bus):
            twin.stop()
