"""The siren: who makes it sound, and what ends it."""

from functools import partial

from edge.barrier.boards.modbus import ModbusBoard
from edge.barrier.core.outputs import Pulse, Set
from edge.barrier.core.siren import muted, sounded
from edge.barrier.guard.wire_loop import WireGuards
from edge.barrier.wires.serial import SerialLine
from edge.config import BarrierConfig
from edge.config.board import profile
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import GuardAlarm, TailgateSeen, VehicleArrived
from edge.system.clock import SystemClock
from simulator.barrier.modbus_board import Board, SerialBoards
from tests.support.waiting import wait_for


def test_a_tailgater_and_a_barriers_fault_sound_it_for_a_limited_time():
    assert sounded([VehicleArrived("a"), TailgateSeen("a")], 8.0) == [Pulse("siren", 8.0)]
    assert sounded([GuardAlarm("a", AlarmCode.BOTH_LIMITS, True)], 8.0) == [Pulse("siren", 8.0)]


def test_the_end_of_an_alarm_and_a_lost_wire_do_not():
    assert sounded([GuardAlarm("a", AlarmCode.BOTH_LIMITS, False)], 8.0) == []
    assert sounded([GuardAlarm("a", AlarmCode.WIRE_LOST, True)], 8.0) == []


def test_the_mute_button_ends_it_once():
    assert muted(False, True) == [Set("siren", False)]
    assert muted(True, True) == []
    assert muted(None, None) == []


def test_on_a_real_wire_it_sounds_and_is_muted():
    inputs = {"safety_loop": 1, "limit_open": 2, "limit_closed": 3, "mute": 4}
    outputs = {"open": 1, "close": 2, "siren": 5}

    class Cabinet:
        def __init__(self):
            self.inputs = dict.fromkeys(inputs, False) | {"limit_closed": True}
            self.log = []

        def drive(self, output, on):
            if output == "siren":
                self.log.append(on)

        def sense(self):
            return self.inputs

    cabinet = Cabinet()
    boards = SerialBoards({1: Board(cabinet, outputs, inputs)})
    boards.start()
    config = BarrierConfig(
        wire="bus", outputs=outputs, inputs=inputs, inverted=(), siren_s=100, fresh_s=3.0
    )
    line = SerialLine(boards.port, 9600, 0.1)
    driver = ModbusBoard(line, 1, profile("waveshare"), outputs, inputs, ())
    guards = WireGuards(line, [("a", config, driver)], SystemClock())
    guards.start(lambda fact: None)

    until = partial(wait_for, why=lambda: (cabinet.log, guards.guards["a"].status()))
    until(lambda: guards.guards["a"].status().limit_closed)
    assert cabinet.log == []
    cabinet.inputs["limit_open"] = True
    until(lambda: cabinet.log == [True])
    cabinet.inputs["mute"] = True
    until(lambda: cabinet.log == [True, False])
    guards.stop()
    boards.stop()
