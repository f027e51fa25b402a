"""Twin pins: what the kernel gives for a chip's lines, over a lane's contacts."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence

from simulator.contacts import LaneHardware


class GpioChip:
    """`request` stands in for the kernel's. `gone`: the chip has been unplugged."""

    def __init__(
        self,
        hardware: LaneHardware,
        outputs: Mapping[str, int],
        inputs: Mapping[str, int],
        inverted: tuple[str, ...] = (),
        path: str = "/dev/gpiochip0",
    ) -> None:
        self.hardware = hardware
        self.path = path
        self.gone = False
        self._outputs = {offset: name for name, offset in outputs.items()}
        self._inputs = {offset: name for name, offset in inputs.items()}
        self._inverted = inverted
        self._on: dict[int, bool] = {}
        self._mine: set[int] = set()

    def request(self, chip: str, inputs: Sequence[int], outputs: Sequence[int]) -> GpioChip:
        if chip != self.path:
            raise _error(errno.ENOENT)
        wanted = {*inputs, *outputs}
        if wanted & self._mine:
            raise _error(errno.EBUSY)
        self._mine = wanted
        return self

    def read(self, offsets: Sequence[int]) -> list[bool]:
        self._there(offsets)
        sensed = self.hardware.sense()
        names = [self._inputs[offset] for offset in offsets]
        return [sensed[name] != (name in self._inverted) for name in names]

    def write(self, offset: int, on: bool) -> None:
        self._there([offset])
        if self._on.get(offset, False) != on:
            self._on[offset] = on
            self.hardware.drive(self._outputs[offset], on)

    def release(self) -> None:
        self._mine = set()

    def _there(self, offsets: Sequence[int]) -> None:
        if self.gone:
            raise _error(errno.ENODEV)
        if not set(offsets) <= self._mine:
            raise _error(errno.EPERM)


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
