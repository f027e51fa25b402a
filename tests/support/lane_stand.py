"""One lane's arm and board on a pty, and the real service on it."""

import time

from simulator.barrier.modbus_board import Board, SerialBoards
from simulator.rig import INPUTS, OUTPUTS
from simulator.service import Service
from simulator.world import LaneWorld
from tests.support.builders import a_configuration
from tests.support.waiting import wait_for


class Stand:
    """`barrier`: lines of the lane's barrier section; `outputs`: what the board has wired."""

    def __init__(self, folder, travel_s=4.0, barrier="travel_s = 6.0", outputs=OUTPUTS):
        self.world = LaneWorld("out1", time.monotonic, travel_s)
        board = Board(self.world, outputs, INPUTS, ("stop",))
        self.board = board
        self.boards = SerialBoards({1: board})
        self.boards.start()
        file = folder / "gate.toml"
        config = a_configuration(
            "[console]\nport = 0",
            port=self.boards.port,
            camera='source = "absent.mp4"\nstall_after_s = 60.0',
            barrier=barrier,
        )
        file.write_text(config)
        self.service = Service(file)
        self.service.add_user()

    def start(self):
        self.boards.seen.clear()
        self.service.start()
        self.service.wait_ready()
        wait_for(lambda: self.barrier()["wire_ok"])

    def barrier(self):
        return self.service.get("/api/gate")["lanes"][0]["barrier"]

    def order(self, action):
        body = {"lane": "out1", "action": action, "reason": "test"}
        assert self.service.post("/api/order", body).status_code == 200

    def alarms(self):
        """Code -> text."""
        return {alarm["code"]: alarm["text"] for alarm in self.service.get("/api/alarms")}

    @property
    def at(self):
        self.world.step()
        return self.world.arm.position

    def stop(self):
        self.service.stop()
        self.boards.stop()
