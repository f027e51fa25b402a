"""Dry contacts on this computer's pins, through Linux's gpio character device (libgpiod 2).

Channels are line offsets of the chip. Inputs are pulled up and active low: a contact closes to
ground. The kernel does not end a pulse: where the gate dies in one, the contact may stay closed, so
put a timing relay behind it. The only place that imports gpiod (the package's extra `gpio`).
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from edge.barrier.boards.lane_part import LanePart
from edge.barrier.wires.port import Answered, WireGone
from edge.config import BarrierConfig, GpioWire
from edge.system.causes import cause


class Pins(Protocol):
    """Lines of a chip that are ours; True is active. Any method may raise OSError."""

    def read(self, offsets: Sequence[int]) -> list[bool]: ...

    def write(self, offset: int, on: bool) -> None: ...

    def release(self) -> None: ...


Request = Callable[[str, Sequence[int], Sequence[int]], Pins]
"""Takes chip, inputs and outputs; outputs start inactive."""


class GpioLine:
    """One chip; implements port.Wire. Not thread-safe."""

    def __init__(self, chip: str, request: Request | None = None) -> None:
        self.place = chip
        self._request = request or _kernel
        self._inputs: set[int] = set()
        self._outputs: set[int] = set()
        self._pins: Pins | None = None

    def __repr__(self) -> str:
        return f"<GpioLine {self.place} {'open' if self._pins else 'closed'}>"

    def uses(self, inputs: Sequence[int], outputs: Sequence[int]) -> None:
        """Lines of one board; all are requested at the next `open`."""
        self._inputs |= set(inputs)
        self._outputs |= set(outputs)

    def open(self) -> None:
        self.close()
        try:
            self._pins = self._request(self.place, sorted(self._inputs), sorted(self._outputs))
        except ImportError:
            raise WireGone(cause("wire.gpio_package")) from None
        except (OSError, ValueError) as error:
            raise WireGone(_cure(self.place, error)) from None

    def close(self) -> None:
        pins, self._pins = self._pins, None
        if pins is not None:
            pins.release()

    def read(self, offsets: Sequence[int]) -> list[bool]:
        try:
            return self._mine().read(offsets)
        except OSError as error:
            raise WireGone(_cure(self.place, error)) from None

    def write(self, offset: int, on: bool) -> None:
        try:
            self._mine().write(offset, on)
        except OSError as error:
            raise WireGone(_cure(self.place, error)) from None

    def _mine(self) -> Pins:
        if self._pins is None:
            raise WireGone(cause("wire.not_open", place=self.place))
        return self._pins


class GpioBoard:
    """One lane's contacts; implements port.BoardDriver."""

    def __init__(
        self,
        line: GpioLine,
        outputs: Mapping[str, int],
        inputs: Mapping[str, int],
        inverted: tuple[str, ...],
    ) -> None:
        self._line = line
        self._outputs = outputs
        self._inputs = inputs
        self._inverted = frozenset(inverted)
        self._ends: dict[str, float] = {}
        line.uses(list(inputs.values()), list(outputs.values()))

    def __repr__(self) -> str:
        return f"<GpioBoard at {self._line.place}>"

    @property
    def asked_at(self) -> None:
        return None

    def read_inputs(self) -> dict[str, bool]:
        found = self._line.read(list(self._inputs.values()))
        names = zip(self._inputs, found, strict=True)
        return {name: on != (name in self._inverted) for name, on in names}

    def read_outputs(self) -> dict[str, bool]:
        return {}

    def pulse(self, output: str, seconds: float) -> bool:
        self._ends[output] = time.monotonic() + seconds
        self._line.write(self._outputs[output], True)
        return True

    def set(self, output: str, on: bool) -> bool:
        self._line.write(self._outputs[output], on)
        self._ends.pop(output, None)
        return True

    def tend(self, now: float) -> Sequence[Answered]:
        for output, end in list(self._ends.items()):
            if now >= end:
                self.set(output, False)
        return ()


def line(wire: GpioWire, lanes: Sequence[BarrierConfig]) -> GpioLine:
    return GpioLine(wire.chip)


def board(line: GpioLine, part: LanePart) -> GpioBoard:
    return GpioBoard(line, part.outputs, part.inputs, part.barrier.inverted)


class _KernelPins:
    def __init__(self, lines: Any, active: Any, inactive: Any) -> None:
        self._lines, self._active, self._inactive = lines, active, inactive

    def read(self, offsets: Sequence[int]) -> list[bool]:
        if not offsets:
            return []
        return [value == self._active for value in self._lines.get_values(list(offsets))]

    def write(self, offset: int, on: bool) -> None:
        self._lines.set_value(offset, self._active if on else self._inactive)

    def release(self) -> None:
        self._lines.release()


def _kernel(chip: str, inputs: Sequence[int], outputs: Sequence[int]) -> Pins:
    import gpiod
    from gpiod.line import Bias, Direction, Value

    wanted = {}
    if inputs:
        wanted[tuple(inputs)] = gpiod.LineSettings(
            direction=Direction.INPUT, bias=Bias.PULL_UP, active_low=True
        )
    if outputs:
        wanted[tuple(outputs)] = gpiod.LineSettings(
            direction=Direction.OUTPUT, output_value=Value.INACTIVE
        )
    lines = gpiod.request_lines(chip, config=wanted, consumer="gate")
    return _KernelPins(lines, Value.ACTIVE, Value.INACTIVE)


def _cure(chip: str, error: OSError | ValueError) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.ENOENT:
        return cause("wire.no_such_chip", place=chip)
    if number in (errno.EACCES, errno.EPERM):
        return cause("wire.no_permission", place=chip, group="gpio")
    if number == errno.EBUSY:
        return cause("wire.pin_in_use", place=chip)
    return cause("wire.gpio_other", place=chip, error=error)
