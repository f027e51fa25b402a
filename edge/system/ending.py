"""SIGTERM and Ctrl-C, as an event.

A handler runs between any two steps of the main thread, also while that holds the event's lock, in
`wait` or in the handler of the signal before: setting the event there waits for itself for ever,
and the process ends no more. So a handler only writes a byte, and a thread sets the event.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading


def ended_by_signal() -> threading.Event:
    """Set once either signal has come. Call it in the main thread."""
    ended = threading.Event()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def handle(*_: object) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(writer, b".")

    def wait() -> None:
        while os.read(reader, 1024):
            ended.set()

    threading.Thread(target=wait, name="signals", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
    return ended
