"""Twin boards on a real serial wire: a pty whose far end answers Modbus RTU as the boards do.

The frames are decoded here on their own, not with the product's codec, so that one mistake cannot
hide another.
"""

from __future__ import annotations

import os
import random
import select
import threading
import time
import tty
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simulator.barrier.bad_wires import Clean, Fault, checksum
from simulator.barrier.coming import Coming
from simulator.barrier.own_processor import as_a_device
from simulator.contacts import LaneHardware

CHANNELS = 8

TICK_S = 0.01
"""So often a board looks whether a pulse is over."""


MOST_BITS = 2000
"""Of one question; Modbus application protocol, 6.1 and 6.2."""


@dataclass(slots=True)
class Board:
    """One board: relays drive the lane's outputs, inputs show its contacts.

    `outputs` and `inputs`: name -> channel from 1. `make`: "waveshare", "lctech", "laskakit",
    "r421a", or a plain one whose inputs lie in "registers" or in one register "each".
    `clock`: monotonic seconds, for the board's own pulse timers. `watchdog`: the register of its
    communications watchdog, in ms, 0 until it is written; when nothing is asked for so long, all
    relays fall.
    """

    hardware: LaneHardware
    outputs: Mapping[str, int]
    inputs: Mapping[str, int]
    inverted: tuple[str, ...] = ()
    make: str = "waveshare"
    clock: Callable[[], float] = time.monotonic
    relays: dict[int, bool] = field(default_factory=dict)
    ends: dict[int, float] = field(default_factory=dict)
    watchdog: int | None = None
    after_s: float = 0.0
    asked_at: float = 0.0

    def tick(self) -> None:
        """Ends the pulses that are over; all of them, where nobody asks any more."""
        now = self.clock()
        if self.after_s and now - self.asked_at >= self.after_s:
            self.fall()
        for channel, end in list(self.ends.items()):
            if now >= end:
                del self.ends[channel]
                self._relay(channel, False)

    def fall(self) -> None:
        """All relays fall, as without power."""
        self.ends.clear()
        for channel in list(self.relays):
            self._relay(channel, False)

    def handle(self, pdu: bytes) -> bytes:
        """The answer to function code and data; an exception answer for what it does not know."""
        self.tick()
        self.asked_at = self.clock()
        function = pdu[0]
        if function in (1, 2) and len(pdu) == 5:
            return self._bits(function, int.from_bytes(pdu[1:3]), int.from_bytes(pdu[3:5]))
        if function in (3, 4) and len(pdu) == 5 and self.make in ("registers", "each"):
            return self._registers(function, int.from_bytes(pdu[3:5]))
        if function == 5 and len(pdu) == 5 and self.make != "r421a":
            return self._coil(int.from_bytes(pdu[1:3]), int.from_bytes(pdu[3:5]), pdu)
        if function == 6 and len(pdu) == 5 and int.from_bytes(pdu[1:3]) == self.watchdog:
            self.after_s = int.from_bytes(pdu[3:5]) / 1000
            return pdu
        if function == 6 and len(pdu) == 5 and self.make in ("laskakit", "r421a"):
            return self._register(int.from_bytes(pdu[1:3]), int.from_bytes(pdu[3:5]), pdu)
        if function == 16 and len(pdu) == 10 and self.make == "lctech":
            return self._flash(pdu)
        return bytes((function | 0x80, 1))

    def _bits(self, function: int, first: int, count: int) -> bytes:
        """`first`: from 0. What is beyond the last channel is off."""
        if not 1 <= count <= MOST_BITS:
            return bytes((function | 0x80, 3))
        sensed = self.hardware.sense()
        if function == 1:
            states = {c: self.relays.get(c, False) for c in range(1, CHANNELS + 1)}
        else:
            states = {c: sensed[n] != (n in self.inverted) for n, c in self.inputs.items()}
        value = sum(1 << (channel - 1) for channel, on in states.items() if on)
        value = value >> first & (1 << count) - 1
        size = (count + 7) // 8
        return bytes((function, size)) + value.to_bytes(size, "little")

    def _registers(self, function: int, count: int) -> bytes:
        """Sixteen inputs to a register, the lowest bit first, or one in each."""
        sensed = self.hardware.sense()
        on = {c for n, c in self.inputs.items() if sensed[n] != (n in self.inverted)}
        size = 1 if self.make == "each" else 16
        places = [range(n * size + 1, (n + 1) * size + 1) for n in range(count)]
        words = [sum(1 << k for k, channel in enumerate(p) if channel in on) for p in places]
        return bytes((function, 2 * count)) + b"".join(w.to_bytes(2) for w in words)

    def _coil(self, address: int, value: int, pdu: bytes) -> bytes:
        if address < CHANNELS and value in (0xFF00, 0):
            self.ends.pop(address + 1, None)
            self._relay(address + 1, value == 0xFF00)
            return pdu
        if self.make == "waveshare" and 0x0200 <= address < 0x0200 + CHANNELS and value:
            self._pulse(address - 0x0200 + 1, value * 0.1)
            return pdu
        return bytes((0x85, 2))

    def _register(self, address: int, value: int, pdu: bytes) -> bytes:
        if self.make == "laskakit":
            if address >= CHANNELS or value != 5:
                return bytes((0x86, 3))
            self._pulse(address + 1, 1.0)
            return pdu
        if not 1 <= address <= CHANNELS:
            return bytes((0x86, 2))
        if value == 0x0500:
            self._pulse(address, 1.0)
        elif value in (0x0100, 0x0200):
            self.ends.pop(address, None)
            self._relay(address, value == 0x0100)
        else:
            return bytes((0x86, 3))
        return pdu

    def _flash(self, pdu: bytes) -> bytes:
        address, mode = int.from_bytes(pdu[1:3]), int.from_bytes(pdu[6:8])
        channel, rest = divmod(address - 3, 5)
        if rest or not 0 <= channel < CHANNELS or mode != 4:
            return bytes((0x90, 2))
        self._pulse(channel + 1, int.from_bytes(pdu[8:10]) * 0.1)
        return pdu[:5]

    def _pulse(self, channel: int, seconds: float) -> None:
        self.ends[channel] = self.clock() + seconds
        self._relay(channel, True)

    def _relay(self, channel: int, on: bool) -> None:
        if self.relays.get(channel, False) == on:
            return
        self.relays[channel] = on
        for name, wired in self.outputs.items():
            if wired == channel:
                self.hardware.drive(name, on)


class SerialBoards:
    """Several boards on one pty. `port` is the path for the controller; `seen` every good request
    as (monotonic time, address, pdu), for monitors; `unanswered` and `spoilt`: how many questions
    got no answer, or not the board's own, by address. A late answer keeps no board from hearing."""

    def __init__(
        self, boards: Mapping[int, Board], link: Path | None = None, seed: int = 1
    ) -> None:
        self.boards = boards
        self.fault: Fault = Clean()
        self.silent = False
        self.cut: set[int] = set()
        """Addresses of boards that are silent while the others answer."""
        self.seen: list[tuple[float, int, bytes]] = []
        self.unanswered: Counter[int] = Counter()
        self.spoilt: Counter[int] = Counter()
        self._rng = random.Random(seed)
        self._coming = Coming()
        self._link = link
        self._stop = threading.Event()
        self._open()
        self._thread = threading.Thread(target=self._run, name="twin boards", daemon=True)

    def _open(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        if self._link is not None:
            self._link.parent.mkdir(parents=True, exist_ok=True)
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(self.port)
            self.port = str(self._link)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)
        os.close(self._master)
        os.close(self._slave)
        if self._link is not None:
            self._link.unlink(missing_ok=True)

    def _run(self) -> None:
        as_a_device()
        held = b""
        heard = 0.0
        while not self._stop.is_set():
            ready, _, _ = select.select([self._master], [], [], self._coming.pause(TICK_S))
            for board in self.boards.values():
                board.tick()
            self._say()
            if not ready:
                continue
            try:
                data = os.read(self._master, 256)
            except OSError:
                continue
            now = time.monotonic()
            # A frame ends with silence; leftovers of a broken one are dropped.
            held = (held if now - heard < 0.2 else b"") + data
            heard = now
            held = self._frames(held[-256:])

    def _frames(self, held: bytes) -> bytes:
        for size in (8, 13):
            if len(held) >= size and checksum(held[: size - 2]) == held[size - 2 : size]:
                self._answer(held[0], held[1 : size - 2])
                return held[size:]
        return held

    def _answer(self, address: int, pdu: bytes) -> None:
        self.seen.append((time.monotonic(), address, pdu))
        del self.seen[:-20000]
        board = self.boards.get(address)
        if board is None or self.silent or address in self.cut:
            self.unanswered[address] += 1
            return
        body = bytes([address]) + board.handle(pdu)
        frame = body + checksum(body)
        pieces = self.fault(frame, self._rng)
        self.spoilt[address] += pieces != [(0.0, frame)]
        self._coming.put(pieces)
        self._say()

    def _say(self) -> None:
        """Puts on the wire what is due."""
        for piece in self._coming.arrived():
            os.write(self._master, piece)
