"""PURE. The barrier's decision table: phase x signal -> next phase and deed. It is total.

A signal is the one most urgent thing true at this moment; the order of `Signal` is the order of
urgency (stop before fire before obstruction before any wish). A pair that should not happen holds.
docs/barrier.md shows the same table, generated from here.
"""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """Where the arm is, as far as the guard may believe."""

    UNREAD = "unread"
    CLOSED = "closed"
    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    STOPPED = "stopped"
    FAULT = "fault"
    OUT_OF_SERVICE = "out_of_service"


class Signal(StrEnum):
    """The most urgent thing true now, most urgent first."""

    LOST = "lost"
    """no fresh look at the inputs, or the guard's own loop stood still"""
    CONFLICT = "conflict"
    """both limit switches at once"""
    STOP = "stop"
    """the local stop is pressed, or stop was ordered"""
    RETIRED = "retired"
    """out of service, by a person or after too many failed motions"""
    FIRE = "fire"
    """the fire contact is closed"""
    OBSTRUCTED = "obstructed"
    """the safety loop or the photocell is occupied or unknown"""
    REACHED_OPEN = "reached_open"
    REACHED_CLOSED = "reached_closed"
    MOVED_BY_HAND = "moved_by_hand"
    """the arm has left its limit, or came to one, without our doing"""
    WISH_OPEN = "wish_open"
    """an authorisation, an order or the local button asks to open"""
    OVERDUE = "overdue"
    """a motion has not reached its limit switch in time"""
    WISH_CLOSE = "wish_close"
    """a passage is complete or a close was ordered, and everything has been clear long enough"""
    NOTHING = "nothing"


class Deed(StrEnum):
    """What is done with the outputs."""

    NONE = "none"
    OPEN = "open"
    """release close, pulse open (after the dead time)"""
    CLOSE = "close"
    """release open, pulse close (after the dead time); only ever from WISH_CLOSE"""
    STOP = "stop"
    """release open and close, pulse stop where wired"""
    RELEASE = "release"
    """release open and close"""
    RETRY = "retry"
    """the same motion once more if retries are left and it is safe, else out of service"""


Cell = tuple[Phase, Deed]
_P, _S, _D = Phase, Signal, Deed


def _row(phase: Phase, **cells: Cell) -> dict[tuple[Phase, Signal], Cell]:
    """A row: the cells named, the rules for every phase, and otherwise hold."""
    row = {(phase, signal): (phase, _D.NONE) for signal in Signal}
    moving = phase in (_P.OPENING, _P.CLOSING)
    row[phase, _S.LOST] = (_P.UNREAD, _D.RELEASE if moving else _D.NONE)
    row[phase, _S.CONFLICT] = (_P.FAULT, _D.STOP if moving else _D.NONE)
    row[phase, _S.STOP] = (_P.STOPPED, _D.STOP if moving else _D.RELEASE)
    row[phase, _S.RETIRED] = (_P.OUT_OF_SERVICE, _D.STOP if moving else _D.RELEASE)
    row.update({(phase, Signal(name)): cell for name, cell in cells.items()})
    return row


_BY_LIMIT = {
    "reached_open": (_P.OPEN, _D.NONE),
    "reached_closed": (_P.CLOSED, _D.NONE),
}

TABLE: dict[tuple[Phase, Signal], Cell] = {
    # After a start or a lost wire: where the switches say, or stopped; never a motion.
    **_row(
        _P.UNREAD,
        lost=(_P.UNREAD, _D.NONE),
        stop=(_P.STOPPED, _D.NONE),
        retired=(_P.OUT_OF_SERVICE, _D.NONE),
        fire=(_P.STOPPED, _D.NONE),
        obstructed=(_P.STOPPED, _D.NONE),
        overdue=(_P.STOPPED, _D.NONE),
        moved_by_hand=(_P.STOPPED, _D.NONE),
        wish_open=(_P.STOPPED, _D.NONE),
        wish_close=(_P.STOPPED, _D.NONE),
        nothing=(_P.STOPPED, _D.NONE),
        **_BY_LIMIT,
    ),
    **_row(
        _P.CLOSED,
        fire=(_P.OPENING, _D.OPEN),
        wish_open=(_P.OPENING, _D.OPEN),
        reached_open=(_P.OPEN, _D.NONE),
        moved_by_hand=(_P.STOPPED, _D.NONE),
    ),
    **_row(
        _P.OPENING,
        reached_open=(_P.OPEN, _D.NONE),
        overdue=(_P.OPENING, _D.RETRY),
    ),
    **_row(
        _P.OPEN,
        reached_closed=(_P.CLOSED, _D.NONE),
        moved_by_hand=(_P.STOPPED, _D.NONE),
        wish_close=(_P.CLOSING, _D.CLOSE),
    ),
    **_row(
        _P.CLOSING,
        fire=(_P.OPENING, _D.OPEN),
        obstructed=(_P.OPENING, _D.OPEN),
        wish_open=(_P.OPENING, _D.OPEN),
        reached_closed=(_P.CLOSED, _D.NONE),
        overdue=(_P.CLOSING, _D.RETRY),
    ),
    **_row(
        _P.STOPPED,
        fire=(_P.OPENING, _D.OPEN),
        wish_open=(_P.OPENING, _D.OPEN),
        wish_close=(_P.CLOSING, _D.CLOSE),
        **_BY_LIMIT,
    ),
    # A fault ends only when the switches agree again; then the arm is where they say.
    **_row(
        _P.FAULT,
        conflict=(_P.FAULT, _D.NONE),
        stop=(_P.FAULT, _D.RELEASE),
        fire=(_P.STOPPED, _D.NONE),
        obstructed=(_P.STOPPED, _D.NONE),
        overdue=(_P.STOPPED, _D.NONE),
        moved_by_hand=(_P.STOPPED, _D.NONE),
        wish_open=(_P.STOPPED, _D.NONE),
        wish_close=(_P.STOPPED, _D.NONE),
        nothing=(_P.STOPPED, _D.NONE),
        **_BY_LIMIT,
    ),
    # Only a person puts it back into service; the signal RETIRED then ends.
    **_row(
        _P.OUT_OF_SERVICE,
        conflict=(_P.OUT_OF_SERVICE, _D.NONE),
        stop=(_P.OUT_OF_SERVICE, _D.RELEASE),
        retired=(_P.OUT_OF_SERVICE, _D.NONE),
        fire=(_P.OPENING, _D.OPEN),
        obstructed=(_P.STOPPED, _D.NONE),
        overdue=(_P.STOPPED, _D.NONE),
        moved_by_hand=(_P.STOPPED, _D.NONE),
        wish_open=(_P.STOPPED, _D.NONE),
        wish_close=(_P.STOPPED, _D.NONE),
        nothing=(_P.STOPPED, _D.NONE),
        **_BY_LIMIT,
    ),
}


def markdown() -> str:
    """The table for docs/barrier.md."""
    head = "| signal | " + " | ".join(p.value for p in Phase) + " |"
    rule = "|---" * (len(Phase) + 1) + "|"
    lines = [head, rule]
    for signal in Signal:
        cells = []
        for phase in Phase:
            to, deed = TABLE[phase, signal]
            moved = "·" if to is phase else to.value
            cells.append(moved if deed is Deed.NONE else f"{moved} / **{deed.value}**")
        lines.append(f"| {signal.value} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def mermaid() -> str:
    """The diagram for docs/barrier.md: what moves the arm or changes its phase."""
    lines = ["stateDiagram-v2"]
    for (phase, signal), (to, deed) in TABLE.items():
        if to is not phase and signal not in (Signal.LOST, Signal.CONFLICT, Signal.RETIRED):
            what = signal.value if deed is Deed.NONE else f"{signal.value} / {deed.value}"
            lines.append(f"    {phase.value} --> {to.value}: {what}")
    return "\n".join(lines) + "\n"
