"""Whether a time server holds this computer's clock, as the kernel knows it: adjtimex(2).

Whatever disciplines the clock (systemd-timesyncd, chrony, ntpd, PTP) sets this state in the kernel,
and the kernel clears it by itself when no time server has been heard for hours.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

UNSYNCHRONISED = 0x0040  # STA_UNSYNC
TIME_ERROR = 5
"""The call's answer where the clock is not to be relied on."""


class _Timex(ctypes.Structure):
    """The beginning of `struct timex`; nothing is set, as `modes` is 0."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("frequency", ctypes.c_long),
        ("greatest_error_us", ctypes.c_long),
        ("estimated_error_us", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


@cache
def _adjtimex() -> Callable[..., int] | None:
    """The C library's call; none on other systems than Linux."""
    try:
        return ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError):
        return None


def synchronised() -> bool:
    """False too where the kernel cannot be asked."""
    ask = _adjtimex()
    if ask is None:
        return False
    reported = _Timex()
    answer = ask(ctypes.byref(reported))
    return 0 <= answer < TIME_ERROR and not reported.status & UNSYNCHRONISED
