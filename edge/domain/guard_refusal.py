"""PURE. Why the guard does not do what it was asked."""

from __future__ import annotations

from enum import StrEnum


class GuardRefusal(StrEnum):
    """The values stand in events and in answers to commands, and stay as they are. What people
    read is the cause `guard.<name>` (system/texts)."""

    LOCKED = "locked"
    OUT_OF_SERVICE = "out of service"
    STOP_PRESSED = "the local stop is pressed"
    BOTH_LIMITS = "both limit switches are active"
    UNREAD = "the inputs cannot be read; look at the barrier's wire"
    HELD_OPEN = "held open; release it first"
    OCCUPIED = "a vehicle is, or may be, under the arm"
    FIRE = "the fire contact holds it open"
    BUTTON = "the local button holds it open"
    OPENING = "the arm is opening; wait, or stop it first"
    ANOTHER = "another vehicle was authorised"
    CLOSED_BY_PERSON = "closed by a person"
    LISTENS = "another controller moves this arm"
    LANE_CLOSED = "the lane is closed; change its mode first"
