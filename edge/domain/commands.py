"""PURE. Commands: what somebody wants done with a barrier, in the imperative."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """The actions of the contract, and the three only a person at the console has."""

    OPEN = "open"
    CLOSE = "close"
    HOLD_OPEN = "hold_open"
    RELEASE = "release"
    LOCK = "lock"
    UNLOCK = "unlock"
    STOP = "stop"
    OUT_OF_SERVICE = "out_of_service"
    IN_SERVICE = "in_service"


REMOTE_ACTIONS = frozenset(
    {Action.OPEN, Action.CLOSE, Action.HOLD_OPEN, Action.RELEASE, Action.LOCK, Action.UNLOCK}
)


LETTING_PASS = frozenset({Action.OPEN, Action.HOLD_OPEN})
"""Orders for whoever stands there: on another vehicle than the one that was seen they are void."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order to one barrier. The same `request` twice is one order."""

    request: str
    action: Action
    issuer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What stood in the lane for whoever gave an order: the `passage` ("": nobody) in that
    `version` (None: whichever)."""

    passage: str
    version: int | None = None
