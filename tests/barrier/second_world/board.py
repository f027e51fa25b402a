"""A relay board with firmware of its own: Modbus RTU as the vendor's table of bytes says.

Inputs are sampled when a question is worked on; a flash-on relay drops by itself. What goes wrong
on its way is the cable's business; what the board itself does wrong stands here.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.barrier.second_world.world import World


def crc(data: bytes) -> bytes:
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


_SEEN: dict[bytes, bytes] = {}


def sealed(body: bytes) -> bytes:
    """With its checksum; the few bodies there are, are remembered."""
    if body not in _SEEN:
        if len(_SEEN) > 10_000:
            _SEEN.clear()
        _SEEN[body] = body + crc(body)
    return _SEEN[body]


class Board:
    """`inputs` gives the eight contacts at that moment; `relay` is called for each change."""

    def __init__(
        self,
        world: World,
        address: int,
        inputs: Callable[[], int],
        relay: Callable[[int, bool], None],
        works_s: float = 0.004,
    ) -> None:
        self.world = world
        self.address = address
        self.works_s = works_s
        self.inputs = inputs
        self._relay = relay
        self.relays = [False] * 8
        self._flash = [0] * 8
        self.powered = True
        self._boots = 0

    def take(self, frame: bytes) -> bytes | None:
        """The answer, or None where a board stays silent."""
        if not self.powered or len(frame) < 8 or frame[0] != self.address:
            return None
        if sealed(frame[:-2]) != frame:
            return None
        self.world.settle()
        function = frame[1]
        place, value = int.from_bytes(frame[2:4]), int.from_bytes(frame[4:6])
        if function == 2:
            if place or value > 8:
                return self._refused(function, 2)
            return sealed(bytes([self.address, 2, 1, self.inputs()]))
        if function != 5:
            return self._refused(function, 1)
        if place < 8 and value in (0xFF00, 0):
            self._flash[place] += 1
            self._set(place, value == 0xFF00)
        elif 0x200 <= place < 0x208:
            channel = place - 0x200
            self._flash[channel] += 1
            mine = self._flash[channel]
            self._set(channel, True)
            self.world.after(value / 10, lambda: self._drop(channel, mine))
        else:
            return self._refused(function, 2)
        return frame

    def _refused(self, function: int, code: int) -> bytes:
        return sealed(bytes([self.address, function | 0x80, code]))

    def _drop(self, channel: int, flash: int) -> None:
        if self._flash[channel] == flash:
            self._set(channel, False)

    def _set(self, channel: int, on: bool) -> None:
        if self.relays[channel] is not on:
            self.world.settle()
            self.relays[channel] = on
            self._relay(channel, on)

    def power_cut(self, seconds: float) -> None:
        """Every relay falls; after so long it has started again."""
        self.powered = False
        self.world.deaf.append((self.world.t, self.world.t + seconds, "board without power"))
        self._boots += 1
        boots = self._boots
        for channel in range(8):
            self._flash[channel] += 1
            self._set(channel, False)
        self.world.after(seconds, lambda: self._up(boots))

    def _up(self, boots: int) -> None:
        if boots == self._boots:
            self.powered = True
