"""PURE. The warning before the arm comes down: a lamp or a buzzer that burns for `warn_s` before
the closing pulse, and until the arm is down, turned or halted.

It begins as soon as nothing but time keeps the arm from closing, and runs beside
`clear_before_close_s`; whatever comes in the way ends it, and the next one begins anew.
"""

from __future__ import annotations

from dataclasses import replace

from edge.barrier.core.signals import clear_to_close
from edge.barrier.core.state import Barrier, CloseWish, Step, Warn
from edge.barrier.core.table import Phase


def warn(b: Barrier, now: float) -> Step:
    """The warning as it has to burn now."""
    waits = b.phase in (Phase.OPEN, Phase.STOPPED) and b.claim.close_wish is not CloseWish.NO
    may = b.phase is Phase.CLOSING or (waits and clear_to_close(b, now))
    on = b.limits.warn_s > 0 and may
    if on == (b.warned_since is not None):
        return Step(b)
    return Step(replace(b, warned_since=now if on else None), (Warn(on),))
