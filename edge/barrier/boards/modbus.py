"""The driver of a Modbus relay board, over a serial line or TCP alike."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from edge.barrier.boards.lane_part import LanePart
from edge.barrier.boards.trace import TracedLine
from edge.barrier.wires.modbus import (
    BadFrame,
    Line,
    bits,
    read_bits,
    read_registers,
    registers,
    write_coil,
    write_register,
    write_registers,
)
from edge.barrier.wires.port import Answered, NoAnswer
from edge.barrier.wires.serial import SerialLine
from edge.barrier.wires.tcp import TcpLine
from edge.config import BarrierConfig, SerialWire, TcpWire
from edge.config.board import BoardProfile, profile
from edge.system.causes import cause_of


class ModbusBoard:
    """One board at one address; implements port.BoardDriver."""

    def __init__(
        self,
        line: Line,
        address: int,
        profile: BoardProfile,
        outputs: Mapping[str, int],
        inputs: Mapping[str, int],
        inverted: tuple[str, ...],
    ) -> None:
        self._line = line
        self._address = address
        self._profile = profile
        self._outputs = outputs
        self._inputs = inputs
        self._inverted = frozenset(inverted)
        self._ends: dict[str, float] = {}
        self._watched = False

    def __repr__(self) -> str:
        return f"<ModbusBoard {self._address} at {self._line.place}>"

    @property
    def asked_at(self) -> float:
        return self._line.asked_at

    def read_inputs(self) -> dict[str, bool]:
        # A board that was without power has forgotten it.
        watched, self._watched = self._watched, False
        if self._profile.watchdog is not None and not watched:
            for register, value in self._profile.watchdog.writes:
                self._line.ask(self._address, write_register(register, value))
        found = self._contacts()
        self._watched = True
        return {
            name: found[channel - 1] != (name in self._inverted)
            for name, channel in self._inputs.items()
        }

    def _contacts(self) -> Sequence[bool]:
        """All inputs of the board, as it reports them."""
        how = self._profile.inputs
        if how is None:
            return ()
        count = how.registers
        if count:
            request = read_registers(how.function, how.start, count)
        else:
            request = read_bits(how.function, how.start, how.count)
        data = self._line.ask(self._address, request)
        try:
            if not count:
                return bits(data, how.count)
            words = registers(data)
            if how.packing == "each":
                return [word != 0 for word in words]
            return [bool(words[n // 16] >> (n % 16) & 1) for n in range(how.count)]
        except BadFrame as error:
            raise NoAnswer(cause_of(error)) from None

    def read_outputs(self) -> dict[str, bool]:
        how = self._profile.switch
        if not how.reads_back:
            return {}
        data = self._line.ask(self._address, read_bits(1, how.first, how.count))
        try:
            found = bits(data, how.count)
        except BadFrame as error:
            raise NoAnswer(cause_of(error)) from None
        return {name: found[channel - 1] for name, channel in self._outputs.items()}

    def pulse(self, output: str, seconds: float) -> bool:
        channel = self._outputs[output]
        how = self._profile.pulse
        if how is None:
            self._ends[output] = time.monotonic() + seconds
            return self.set(output, True)
        place = how.first + (channel - 1) * how.step
        value = how.value if how.value is not None else max(1, round(seconds * 1000 / how.unit_ms))
        if how.function == 16:
            values = [value] if how.mode is None else [how.mode, value]
            self._line.ask(self._address, write_registers(place, values))
        elif how.function == 6:
            self._line.ask(self._address, write_register(place, value))
        else:
            self._line.ask(self._address, write_coil(place, value))
        return True

    def set(self, output: str, on: bool) -> bool:
        how = self._profile.switch
        place = how.first + self._outputs[output] - 1
        value = how.on if on else how.off
        write = write_coil if how.function == 5 else write_register
        self._line.ask(self._address, write(place, value))
        if not on:
            self._ends.pop(output, None)
        return True

    def tend(self, now: float) -> Sequence[Answered]:
        for output, end in list(self._ends.items()):
            if now >= end:
                self.set(output, False)
        return ()


def line(wire: SerialWire | TcpWire, lanes: Sequence[BarrierConfig]) -> SerialLine | TcpLine:
    if isinstance(wire, TcpWire):
        return TcpLine(wire.host, wire.port)
    gap = max(b.quiet_gap_s for b in lanes)
    return SerialLine(wire.port, wire.baud, gap, parity=wire.parity, stop_bits=wire.stop_bits)


def board(line: SerialLine | TcpLine, part: LanePart) -> ModbusBoard:
    barrier = part.barrier
    tapped = line if part.trace is None else TracedLine(line, part.trace)
    made = profile(barrier.board)
    return ModbusBoard(tapped, barrier.address, made, part.outputs, part.inputs, barrier.inverted)
