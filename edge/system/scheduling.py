"""Order of the threads on the processor: the guards, the rest of the service, then vision.

Guard and service share one interpreter, and a guard that waits for it waits for the thread that has
it. So the whole service runs at real-time priority where that is permitted: neither vision nor
another program can delay the thread that has the interpreter. It uses some hundredths of a
processor.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

SERVICE_REAL_TIME = 1
"""The lowest real-time priority: above everything ordinary, below the kernel's own."""

GUARD_REAL_TIME = 2
"""Above the service's own threads."""

SERVICE_NICE = -5
GUARD_NICE = -10
"""Niceness of the guard where real time is not permitted."""

VISION_NICE = 10
"""Vision gives way to everything else of the gate."""

HAND_OVER_S = 0.0005
"""Seconds after which another thread of the interpreter (console, journal) gives way; 5 ms are
usual, and a poll needs the interpreter several times."""


def raise_service() -> str:
    """Before any thread is made, which has the same then; what the service has got, for the log."""
    return _raised(SERVICE_REAL_TIME, SERVICE_NICE)


def raise_guard() -> str:
    """Raises the calling thread; what it has got, for the log."""
    sys.setswitchinterval(HAND_OVER_S)
    return _raised(GUARD_REAL_TIME, GUARD_NICE)


def spare_what_is_made() -> None:
    """Call it once the service is up. What has been made by now lives as long as the service, so
    the garbage collector leaves it out: a full collection keeps every thread waiting."""
    gc.freeze()


@contextlib.contextmanager
def ordinary_processes() -> Iterator[None]:
    """Processes that the calling thread begins meanwhile are ordinary from their first instruction.
    One that loads its libraries at the service's priority fills a processor for a second, and Linux
    then takes all real-time threads off it for 50 ms, the guards' too (sched_rt_runtime_us)."""
    _to_its_processes(ordinary=True)
    try:
        yield
    finally:
        # It cannot be taken back without CAP_SYS_NICE: then so are the threads that this one makes.
        _to_its_processes(ordinary=False)


def give_way(nice: int = VISION_NICE) -> None:
    """For a process beside the service: it gets the processor after all others, as do the threads
    that its libraries have made by now."""
    for thread in _own_threads():
        with contextlib.suppress(OSError, AttributeError):
            os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, nice)


def _to_its_processes(ordinary: bool) -> None:
    """Whether what the calling thread begins leaves the thread's priority behind."""
    with contextlib.suppress(OSError, AttributeError):
        policy = os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK
        flag = os.SCHED_RESET_ON_FORK if ordinary else 0
        os.sched_setscheduler(0, policy | flag, os.sched_getparam(0))


def _own_threads() -> list[int]:
    """0, the calling one, where they cannot be listed."""
    try:
        return [int(thread.name) for thread in Path("/proc/self/task").iterdir()]
    except OSError:
        return [0]


def _raised(real_time: int, nice: int) -> str:
    thread = threading.get_native_id()
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(thread, os.SCHED_RR, os.sched_param(real_time))
        return f"real time {real_time}"
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, thread, nice)
        return f"nice {nice}"
    return "ordinary; grant CAP_SYS_NICE or LimitRTPRIO (docs/gate.service)"
