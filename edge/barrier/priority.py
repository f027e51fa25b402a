"""The guard's threads come first on the processor, where the system permits it."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

REAL_TIME = 1
"""The lowest real-time priority: above everything ordinary, below the kernel's own."""

NICE = -10

HAND_OVER_S = 0.0005
"""The interpreter's other threads (console, journal) give way so soon; 5 ms are usual, and a poll
asks for it several times."""


SERVICE_NICE = -5


def raise_service() -> None:
    """Before any thread is made: the whole service comes before vision and other programs, where
    that is permitted. A guard that waits for the interpreter waits for whoever has it."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, SERVICE_NICE)


def raise_own() -> str:
    """Raises the calling thread's priority; what it has got, for the log."""
    sys.setswitchinterval(HAND_OVER_S)
    thread = threading.get_native_id()
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(thread, os.SCHED_RR, os.sched_param(REAL_TIME))
        return "real time"
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, thread, NICE)
        return f"nice {NICE}"
    return "ordinary; grant CAP_SYS_NICE or LimitRTPRIO (docs/gate.service)"
