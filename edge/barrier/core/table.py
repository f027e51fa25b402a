"""PURE. The barrier's decision table: phase x signal -> next phase and action. It is total.

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

    STOP_ORDERED = "stop_ordered"
    """a person at the console stops the arm"""
    LOST = "lost"
    """no fresh look at the inputs, or the guard's own loop stood still"""
    CONFLICT = "conflict"
    """both limit switches at once"""
    STOP = "stop"
    """the local stop is pressed"""
    RETIRED = "retired"
    """out of service, by a person or after too many failed motions"""
    FIRE = "fire"
    """the fire contact is closed"""
    OBSTRUCTED = "obstructed"
    """something is, or may be, under an arm that comes down: by our doing the safety loop or the
    photocell is occupied or unknown, by its own one of them is occupied"""
    REACHED_OPEN = "reached_open"
    REACHED_CLOSED = "reached_closed"
    MOVED_BY_HAND = "moved_by_hand"
    """the arm has left its limit, or turned back to it, without our doing"""
    WISH_OPEN = "wish_open"
    """an authorisation, an order or the local button asks to open"""
    GIVEN_UP = "given_up"
    """a motion has not reached its limit switch in time, and no retry is left"""
    OVERDUE = "overdue"
    """a motion has not reached its limit switch in time, and a retry is left"""
    UNMOVED = "unmoved"
    """a closing arm has not left its upper end in time: nothing has come of the closing pulse"""
    WISH_CLOSE = "wish_close"
    """a passage is complete or a close was ordered, and everything has been clear long enough"""
    NOTHING = "nothing"


class ArmAction(StrEnum):
    """What is done with the outputs."""

    NONE = "none"
    OPEN = "open"
    """release close, pulse open (after the dead time)"""
    CLOSE = "close"
    """release open, pulse close (after the dead time); only ever from WISH_CLOSE"""
    STOP = "stop"
    """release open and close, pulse stop where wired"""
    HALT = "halt"
    """as stop; an arm sent down with no stop wired is sent up, for nobody watches it any more"""
    RELEASE = "release"
    """release close; no opening pulse is cut"""
    RETRY = "retry"
    """the same motion once more"""


Cell = tuple[Phase, ArmAction]
_P, _S, _D = Phase, Signal, ArmAction


def _row(phase: Phase, **cells: Cell) -> dict[tuple[Phase, Signal], Cell]:
    """A row: the cells named, the rules for every phase, and otherwise hold."""
    row = {(phase, signal): (phase, _D.NONE) for signal in Signal}
    moving = phase in (_P.OPENING, _P.CLOSING)
    row[phase, _S.STOP_ORDERED] = (_P.STOPPED, _D.HALT) if moving else (phase, _D.STOP)
    row[phase, _S.LOST] = (_P.UNREAD, _D.NONE)
    row[phase, _S.CONFLICT] = (_P.FAULT, _D.HALT if moving else _D.NONE)
    row[phase, _S.STOP] = (_P.STOPPED, _D.STOP if moving else _D.NONE)
    row[phase, _S.RETIRED] = (_P.OUT_OF_SERVICE, _D.HALT if moving else _D.NONE)
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
        nothing=(_P.STOPPED, _D.NONE),
        **_BY_LIMIT,
    ),
    **_row(
        _P.CLOSED,
        fire=(_P.OPENING, _D.OPEN),
        reached_open=(_P.OPEN, _D.NONE),
        moved_by_hand=(_P.STOPPED, _D.NONE),
        wish_open=(_P.OPENING, _D.OPEN),
    ),
    # An opening arm whose inputs are lost goes on: up is the safe way, and its pulse is never cut.
    **_row(
        _P.OPENING,
        obstructed=(_P.OPENING, _D.OPEN),
        reached_open=(_P.OPEN, _D.NONE),
        moved_by_hand=(_P.STOPPED, _D.HALT),
        given_up=(_P.OUT_OF_SERVICE, _D.HALT),
        overdue=(_P.OPENING, _D.RETRY),
    ),
    **_row(
        _P.OPEN,
        obstructed=(_P.OPENING, _D.OPEN),
        reached_closed=(_P.CLOSED, _D.NONE),
        moved_by_hand=(_P.STOPPED, _D.NONE),
        wish_close=(_P.CLOSING, _D.CLOSE),
    ),
    # A closing arm is never left to itself: whatever ends our watch halts it.
    **_row(
        _P.CLOSING,
        lost=(_P.UNREAD, _D.HALT),
        fire=(_P.OPENING, _D.OPEN),
        obstructed=(_P.OPENING, _D.OPEN),
        reached_closed=(_P.CLOSED, _D.NONE),
        moved_by_hand=(_P.STOPPED, _D.HALT),
        wish_open=(_P.OPENING, _D.OPEN),
        given_up=(_P.OUT_OF_SERVICE, _D.HALT),
        overdue=(_P.CLOSING, _D.RETRY),
        unmoved=(_P.OPEN, _D.HALT),
    ),
    **_row(
        _P.STOPPED,
        fire=(_P.OPENING, _D.OPEN),
        obstructed=(_P.OPENING, _D.OPEN),
        wish_open=(_P.OPENING, _D.OPEN),
        wish_close=(_P.CLOSING, _D.CLOSE),
        **_BY_LIMIT,
    ),
    # A fault ends only when the switches agree again; then the arm is where they say.
    **_row(_P.FAULT, nothing=(_P.STOPPED, _D.NONE), **_BY_LIMIT),
    # Only a person puts it back into service; the signal RETIRED then ends.
    **_row(
        _P.OUT_OF_SERVICE,
        stop=(_P.OUT_OF_SERVICE, _D.NONE),
        nothing=(_P.STOPPED, _D.NONE),
        **_BY_LIMIT,
    ),
}
