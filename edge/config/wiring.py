"""Checks that the lanes can be wired as the file describes."""

from __future__ import annotations

from collections.abc import Iterator

from edge.config.barrier import BarrierConfig
from edge.config.board_kind import Contact, Place
from edge.config.board_kinds import PARTS, kind_of, on_wire, sensing, sensing_wires
from edge.config.channels import contacts
from edge.config.wires import Wire


def wiring_problems(wires: dict[str, Wire], barriers: dict[str, BarrierConfig]) -> Iterator[str]:
    """Everything that cannot be wired so, each with its key and cure."""
    known = ", ".join(wires) or "none"
    whole = {}
    for lane, barrier in barriers.items():
        key = f"lanes.{lane}.barrier"
        lacking = [
            f"{key}.{name}: no wire {where!r} under [wires]; known: {known}"
            for name, where in (("wire", barrier.wire), ("inputs_wire", barrier.inputs_wire))
            if where not in wires and (where or name == "wire")
        ]
        yield from lacking
        if not lacking:
            whole[lane] = barrier
            yield from (f"{key}{problem}" for problem in _lane_problems(barrier, wires))
    yield from _shared(wires, whole)


def _shared(wires: dict[str, Wire], barriers: dict[str, BarrierConfig]) -> Iterator[str]:
    """Contacts that two lanes both move or read: one lane would move the other's arm."""
    holders: dict[tuple[object, ...], str] = {}
    boards: dict[tuple[str, int], tuple[str, str]] = {}
    for lane, barrier in barriers.items():
        key = f"lanes.{lane}.barrier"
        for place, where in _places(barrier, wires):
            other = holders.setdefault(place, lane)
            if other != lane:
                yield (
                    f"{key}{where} already belongs to lane {other}; give it another address or "
                    "channel"
                )
                break
        for name in {c.wire for c in contacts(barrier, wires) if c.board.profiled}:
            profile, first = boards.setdefault((name, barrier.address), (barrier.board, lane))
            if profile != barrier.board:
                yield (
                    f"{key}.board: lane {first} calls the same board {profile!r}, this one "
                    f"{barrier.board!r}; say one of them, or give it another address"
                )


def _places(barrier: BarrierConfig, wires: dict[str, Wire]) -> Iterator[Place]:
    """Everything of a lane that can be nobody else's."""
    kind = kind_of(barrier, wires)
    picked = not kind.part or getattr(barrier, kind.part) is not None
    if kind.places is not None and picked:
        yield from kind.places(wires[barrier.wire], barrier)
    for c in contacts(barrier, wires):
        place = c.board.place
        yield _contact(c) if place is None else place(wires[c.wire], barrier, c)


def _contact(c: Contact) -> Place:
    return (c.wire, c.kind, c.channel), f".{c.kind}s.{c.name}: {c.kind} {c.channel} of {c.wire}"


def _lane_problems(barrier: BarrierConfig, wires: dict[str, Wire]) -> Iterator[str]:
    wire, kind = wires[barrier.wire], kind_of(barrier, wires)
    if kind.bench_only and not barrier.bench:
        yield (
            f".bench: {kind.bench_only}; it is for the bench only: write bench = true there, or "
            "wire a board with flash-on"
        )
    here = [k.part for k in on_wire(wire) if k.part]
    for part in PARTS:
        if getattr(barrier, part) is not None and part not in here:
            yield (f".{part}: {barrier.wire!r} is a {wire.kind} wire; name mqtt, or remove it")
    if kind.commands is None and "close" in barrier.outputs and "open" not in barrier.outputs:
        yield ".outputs: close is wired without open; nothing could turn the arm over a vehicle"
    if here and sum(getattr(barrier, part) is not None for part in here) != 1:
        sections = " or a ".join(f"[{part}]" for part in here)
        yield f": an {wire.kind.upper()} wire needs either a {sections} section below the barrier"
    if barrier.inputs_wire and sensing(wires[barrier.inputs_wire]) is None:
        there = wires[barrier.inputs_wire].kind
        yield f".inputs_wire: a {there} wire has no inputs; use {sensing_wires()}"
    sensed = barrier.inputs_wire or kind.inputs
    safe = sensed and {"safety_loop", "photocell"} & set(barrier.inputs)
    drives = kind.commands is not None or here or "close" in barrier.outputs
    if drives and not safe and not barrier.never_closes:
        yield (
            ".inputs: close is wired without a safety input; wire safety_loop or photocell (on "
            "inputs_wire where the wire has no inputs), or say never_closes = true"
        )
