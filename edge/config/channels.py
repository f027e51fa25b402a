"""Which contacts a lane really has, and whether each is there, on its wire, with its board. What
lies beside them is another contact, or another command of the board.
"""

from __future__ import annotations

from collections.abc import Iterator

from edge.config.barrier import ENDS, BarrierConfig, WiredBarrier
from edge.config.board import BoardError, profile
from edge.config.board_kind import Contact
from edge.config.board_kinds import ends_pulses, kind_of, sensing
from edge.config.wires import Wire

MOTIONS = ("open", "close")
"""Outputs whose contact must not stay closed."""


def contacts(barrier: BarrierConfig, wires: dict[str, Wire]) -> Iterator[Contact]:
    """The contacts of a lane that are really used; its wires must be there."""
    kind = kind_of(barrier, wires)
    there = barrier.inputs_wire or barrier.wire
    board = sensing(wires[there]) if barrier.inputs_wire else kind if kind.inputs else None
    if board is not None:
        for name, channel in barrier.inputs.items():
            yield Contact(there, "input", name, channel, board)
    for name, channel in barrier.outputs.items():
        if kind.commands is None:
            yield Contact(barrier.wire, "output", name, channel, kind)
        elif name not in kind.commands and barrier.inputs_wire and board is not None:
            yield Contact(there, "output", name, channel, board)


def effective(barrier: BarrierConfig, wires: dict[str, Wire]) -> WiredBarrier:
    """The barrier with exactly the inputs and outputs that the lane's wires have, and the times
    that its board keeps. Raises BoardError for a profile that cannot be used."""
    kind = kind_of(barrier, wires)
    used = list(contacts(barrier, wires))
    given = {
        **{name: getattr(barrier, name) for name in BarrierConfig.model_fields},
        "inputs": {c.name: c.channel for c in used if c.kind == "input"},
        "outputs": {c.name: c.channel for c in used if c.kind == "output"},
        **kind.timing(barrier),
    }
    reported = [name for name in ENDS if kind.tells_ends and name not in given["inputs"]]
    acted = sorted(kind.commands or ())
    back = kind.profiled and profile(barrier.board).switch.reads_back
    return WiredBarrier.model_construct(
        **given, reported=tuple(reported), acted=tuple(acted), reads_back=back
    )


def channel_problems(barrier: BarrierConfig, wires: dict[str, Wire]) -> Iterator[str]:
    """Channels that are not there, and boards that cannot be used, as `.key: reason and cure`."""
    used = list(contacts(barrier, wires))
    profiled = [c for c in used if c.board.profiled]
    if profiled:
        try:
            profile(barrier.board)
        except BoardError as error:
            yield f".board: {error}"
            return
    for name, board in {(c.wire, c.board) for c in used}:
        yield from board.problems(wires[name], barrier)
    for contact in used:
        first, last, cure = contact.board.span(wires[contact.wire], barrier, contact.kind)
        if not first <= contact.channel <= last:
            there = f"{first} to {last}" if last >= first else "none"
            yield (
                f".{contact.kind}s.{contact.name}: no {contact.kind} {contact.channel} at "
                f"{contact.wire!r}; there: {there} ({cure})"
            )
    for contact in used:
        other = next(c for c in used if c.channel == contact.channel and c.wire == contact.wire)
        if contact.board.one_line and other is not contact:
            yield (
                f".{contact.kind}s.{contact.name}: line {contact.channel} is {other.kind} "
                f"{other.name} too; give each a line of its own"
            )
    for contact in used:
        if contact.kind == "input" or ends_pulses(contact.board, wires[contact.wire], barrier):
            continue
        if contact.name == "permit":
            yield (
                ".outputs.permit: this board does not end a pulse itself, so the permit would "
                "outlive the gate; wire it to one that does"
            )
        if contact.name in MOTIONS and not barrier.bench:
            yield (
                f".outputs.{contact.name}: nothing at {contact.wire!r} ends a pulse when the gate "
                "dies in it, and the contact stays closed; take a board that does (flash-on, a "
                "watchdog, a timing relay), or write bench = true where it is for the bench"
            )
    if any(c.kind == "output" for c in profiled):
        try:
            profile(barrier.board).lasts_s(barrier.pulse_s)
        except BoardError as error:
            yield f".pulse_s: {error}"
