"""A process ends when it is told to, whatever it does at that moment and however often."""

import subprocess
import sys
import textwrap

import pytest

PROGRAM = textwrap.dedent("""
    import os, signal, sys, threading
    from edge.system.ending import ended_by_signal

    ended = ended_by_signal()
    left = 20

    def at(frame, event, what):
        # A signal whenever the main thread is within the event, or within its lock.
        global left
        if frame.f_code.co_filename == threading.__file__ and left:
            left -= 1
            os.kill(os.getpid(), (signal.SIGTERM, signal.SIGINT)[left % 2])
        return at

    sys.settrace(at)
    assert ended.wait(60)
    sys.settrace(None)
    print("ended", 20 - left, flush=True)
    os._exit(0)
""")


@pytest.mark.timeout(120)
def test_a_signal_that_comes_at_the_worst_moment_and_again_keeps_nobody_from_ending():
    """systemd, timeout and a person's second Ctrl-C send more than one."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True
    ) as told:
        try:
            said, _ = told.communicate(timeout=60)
        finally:
            told.kill()
    word, signals = said.split()
    assert (word, told.returncode) == ("ended", 0)
    assert int(signals) > 1
