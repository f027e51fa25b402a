"""Waiting for what real processes and wires do in their own time, and for what they must not do."""

import time


def wait_for(what, seconds=180.0, every=0.02, why=None):
    """Waits until `what()` is true; its value. The limit is for a crowded computer; `why()` says
    how things stand where it is reached."""
    until = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < until, f"not within {seconds} s: {why() if why else what}"
        time.sleep(every)
    return value


def stays(what, seconds, every=0.02, why=None):
    """`what()` holds for so long: that nothing happens shows by nothing else. Fails as soon as it
    does not; `why()` says how things stand then."""
    until = time.monotonic() + seconds
    while True:
        assert what(), f"not any more: {why() if why else what}"
        if time.monotonic() >= until:
            return
        time.sleep(every)
