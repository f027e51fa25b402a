"""One lane's guard as others see it, and the core's times from its settings.

Others put in what they want and look at a snapshot; the thread (wire_loop.py) does the rest.
"""

from __future__ import annotations

import math
import queue
import threading
from dataclasses import replace

from edge.barrier.core.permit import PERMIT, Permit
from edge.barrier.core.safety import Authorised, Input, LineCrossed, Ordered, Revoked
from edge.barrier.core.state import Limits
from edge.barrier.port import BarrierStatus, Stance
from edge.config import BarrierConfig
from edge.domain.commands import Order
from edge.system.clock import Clock

STANDS_S = 0.5
"""An arm that was told to stop, or to turn, has run out after so long, its write included."""


class Guard:
    """One lane's guard as others see it; implements port.BarrierGuard."""

    def __init__(
        self, lane: str, inbox: queue.SimpleQueue[Input], wake: threading.Event, clock: Clock
    ) -> None:
        self.lane = lane
        self._inbox = inbox
        self._wake = wake
        self._clock = clock
        self.stance = Stance.KEEPS
        self._seen: tuple[BarrierStatus, float | None, float] = (BarrierStatus(lane), None, 0.0)

    def __repr__(self) -> str:
        return f"<Guard {self.lane} {self._seen[0].arm}>"

    def authorise(self, authorisation: str) -> None:
        self._put(Authorised(authorisation))

    def revoke(self, authorisation: str) -> None:
        self._put(Revoked(authorisation))

    def stand(self, stance: Stance) -> None:
        if stance is not self.stance:
            self.stance = stance
            self._wake.set()

    def order(self, order: Order) -> None:
        self._put(Ordered(order))

    def line_crossed(self, forward: bool, sure: float) -> None:
        self._put(LineCrossed(forward, sure))

    def status(self) -> BarrierStatus:
        """As last seen; how old that is, is told by the clock and not by who saw it."""
        status, read_at, watchdog_s = self._seen
        if read_at is None:
            return status
        age = max(0.0, self._clock.now().mono - read_at)
        return replace(status, age_s=age, wire_ok=status.wire_ok and age <= watchdog_s)

    def publish(self, status: BarrierStatus, read_at: float | None, watchdog_s: float) -> None:
        """For the owner thread: the newest snapshot."""
        self._seen = (status, read_at, watchdog_s)

    def _put(self, given: Input) -> None:
        self._inbox.put(given)
        self._wake.set()


def permit_of(config: BarrierConfig) -> Permit:
    return Permit(config.permit_s if PERMIT in config.output_names else 0.0)


def may_fall_s(config: BarrierConfig) -> float:
    """So long after a start the arm may come down that was sent down before it, in seconds; 0 where
    no limit switches tell an arm on its way from one at rest."""
    switched = {"limit_open", "limit_closed"} <= set(config.input_names)
    return config.travel_s + config.travel_margin_s if switched else 0.0


def fall_s(config: BarrierConfig) -> float:
    """So long after its closing pulse an arm comes down at most, in seconds."""
    return config.pulse_s + config.travel_s + config.travel_margin_s


def limits_of(config: BarrierConfig) -> Limits:
    """The core's times from the settings."""
    return Limits(
        config.fresh_s,
        config.travel_s,
        config.travel_margin_s,
        config.clear_before_close_s,
        config.entry_timeout_s,
        config.retries,
        config.open_on_fire,
        config.pulse_s + config.dead_time_s,
        config.entry_held_s,
        config.close_alarm_s,
        config.hold_alarm_s,
        config.occupied_alarm_s,
        config.warn_s,
        stands_s=STANDS_S if "stop" in config.output_names else math.inf,
    )
