"""The bad wires by the names of their faults; the share of the answers that suffers is told."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.barrier import bad_wires
from simulator.barrier.bad_wires import Bad, ByteByByte, Fault
from simulator.faults.catalogue import Value

_BAD: Mapping[str, type[Bad]] = {
    "wire_noise": bad_wires.Noise,
    "wire_loss": bad_wires.Loss,
    "wire_late": bad_wires.Late,
    "wire_doubled": bad_wires.Doubled,
    "wire_foreign": bad_wires.WrongAddress,
    "wire_stray": bad_wires.Stray,
    "wire_truncated": bad_wires.Truncated,
    "wire_refusals": bad_wires.Refusal,
    "wire_garbage": bad_wires.Garbage,
}
NAMES = (*_BAD, "wire_byte_by_byte")


def bad_wire(name: str, value: Value) -> Fault:
    return _BAD[name](float(value)) if name in _BAD else ByteByByte()
