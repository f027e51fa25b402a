"""The barrier as the rest of the gate sees it.

The guard is the sole holder of a barrier's driver: it accepts wishes (an authorisation, an order),
decides by its own total table whether a motion is safe, and reports facts. No method blocks on the
wire or raises for what a barrier does; callers may be on any thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from edge.domain.commands import Order
from edge.domain.facts import Arm, BarrierFact


class Stance(StrEnum):
    """How a guard stands to its arm."""

    KEEPS = "keeps"
    """moves it as it is asked, where that is safe"""
    HOLDS_OPEN = "holds_open"
    """free flow: raises it and holds it, as soon as that may be"""
    LISTENS = "listens"
    """moves nothing and writes nothing: another controller does"""


@dataclass(frozen=True, slots=True)
class BarrierStatus:
    """One snapshot of a barrier, shared by console, logs and tests.

    Inputs are None where no such input is wired or nothing fresh is known; True means occupied,
    pressed or reached. `age_s`: since the inputs were last read (None: never). `cycle_ms`:
    between the lane's last two polls. `alarms`: codes that stand, each with its variant or "".
    """

    lane: str
    arm: Arm = Arm.UNKNOWN
    entry_loop: bool | None = None
    safety_loop: bool | None = None
    photocell: bool | None = None
    exit_loop: bool | None = None
    limit_open: bool | None = None
    limit_closed: bool | None = None
    stop_pressed: bool | None = None
    light: str = "red"
    authorisation: str | None = None
    locked: bool = False
    held_open: bool = False
    in_service: bool = True
    wire_ok: bool = False
    age_s: float | None = None
    cycle_ms: float | None = None
    error_rate: float | None = None
    exchanges: int = 0
    failed_exchanges: int = 0
    travel_open_s: float | None = None
    travel_close_s: float | None = None
    alarms: dict[str, str] = field(default_factory=dict)
    note: str = ""


class BarrierGuard(Protocol):
    """One lane's guard."""

    @property
    def lane(self) -> str: ...

    def authorise(self, authorisation: str) -> None:
        """Admit one vehicle; the arm opens when that is safe. The same id again changes nothing."""

    def revoke(self, authorisation: str) -> None:
        """Take back an authorisation that no vehicle has used."""

    def stand(self, stance: Stance) -> None:
        """How the guard stands to the arm from now on; the same again changes nothing."""

    def order(self, order: Order) -> None:
        """A manual or remote order; answered by one RequestHandled fact with its id."""

    def line_crossed(self, forward: bool, sure: float) -> None:
        """Vision's line under the arm: a whole vehicle, its rear too, has gone over it, `forward`
        or back; `sure`: how sure that is, 0 to 1."""

    def status(self) -> BarrierStatus: ...


class GuardRunner(Protocol):
    """Starts and stops all guards of a gate (one owner thread per wire).

    Facts go to `report`, called on the wire's thread; it must be quick and must not raise.
    """

    def start(self, report: Callable[[BarrierFact], None]) -> None: ...

    def stop(self) -> None:
        """Stops the threads and releases the outputs. Begins no motion; an arm on its way down is
        stopped, or opened where no stop is wired."""

    def guard(self, lane: str) -> BarrierGuard: ...

    def silent_s(self) -> float:
        """How long the slowest owner thread has not come round; for the service's watchdog."""
