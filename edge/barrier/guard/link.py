"""A wire as its owner thread holds it: open or gone, and when it is opened again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from edge.barrier.wires.port import REOPEN, NoAnswer, Wire, WireGone
from edge.system.causes import cause_of
from edge.system.clock import Clock

START_S = 2.0
"""Seconds after the opening of a wire for which a silent board is not reported: a device behind a
network has to be connected to first."""

STOOD_S = 2.0
"""Seconds after which a wire counts as working: when it is lost, the first try comes at once."""

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


class WireLink:
    """`open`: whether something can be said over it."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self.open = False
        self._wire = wire
        self._clock = clock
        self._opened_at = 0.0
        self._gone_why = ""
        self._reopen_at = 0.0
        self._reopen_tries = 0

    def __repr__(self) -> str:
        return f"<WireLink {self._wire} {'open' if self.open else self._gone_why or 'closed'}>"

    def connect(self, lost: Callable[[str], None]) -> bool:
        """Whether it was opened just now, where that is due. `lost` is told why it is gone, or
        cannot be opened."""
        if self._gone_why:
            why, self._gone_why = self._gone_why, ""
            lost(why)
        now = self._clock.now().mono
        if self.open or now < self._reopen_at:
            return False
        try:
            self._wire.open()
        except WireGone as error:
            self._reopen_at = now + REOPEN.pause_s(self._reopen_tries)
            self._reopen_tries += 1
            lost(cause_of(error))
            return False
        self.open, self._opened_at, self._reopen_tries = True, now, 0
        return True

    def starts(self) -> bool:
        """Whether it has been opened so lately that a silent board is none yet."""
        return self._clock.now().mono - self._opened_at < START_S

    def over(self, go: Callable[[], Answer]) -> Answer | None:
        """What `go` gives, or None where the board does not answer."""
        try:
            return go()
        except NoAnswer as error:
            log.warning("%s", error)
        except WireGone as error:
            self.gone(cause_of(error))
        return None

    def hurry(self) -> None:
        """The next try to open it comes at once: an arm may come down."""
        self._reopen_at = self._clock.now().mono

    def gone(self, why: str) -> None:
        """The wire is lost; the next `connect` tells it."""
        self.open = False
        self._wire.close()
        now = self._clock.now().mono
        stood = now - self._opened_at >= STOOD_S
        self._reopen_at = now if stood else now + REOPEN.first_s
        self._gone_why = why
