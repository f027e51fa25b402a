"""Waiting for what real processes and wires do in their own time."""

import time


def wait_for(what, seconds=180.0, every=0.02, why=None):
    """Waits until `what()` is true; its value. The limit is for a crowded computer; `why()` says
    how things stand where it is reached."""
    until = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < until, f"not within {seconds} s: {why() if why else what}"
        time.sleep(every)
    return value
