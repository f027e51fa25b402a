"""Vision processes that go wrong in one way each, beside the real one's own life."""

import os
import pickle
import queue
import threading
import time
from pathlib import Path

from edge.domain.facts import VehicleLost
from edge.system.supervision import Stage
from edge.vision.channel import Fault, LivePicture
from edge.vision.child import Pulse, _beat, _hear, _speak


def _begun(pipe):
    pulse, out = Pulse(), queue.Queue(1000)
    threading.Thread(target=_speak, args=(pipe, out), daemon=True).start()
    threading.Thread(target=_hear, args=(pipe, queue.SimpleQueue()), daemon=True).start()
    threading.Thread(target=_beat, args=(pulse, out), daemon=True).start()
    return pulse, out


def works(settings, pipe):
    pulse, _ = _begun(pipe)
    while True:
        pulse.mark(Stage.WORKING)
        time.sleep(0.01)


def looks(settings, pipe):
    """It works, and has looked at a picture."""
    pulse, out = _begun(pipe)
    pulse.mark(Stage.WORKING)
    out.put(LivePicture("out1", b"a picture"))
    while True:
        pulse.mark(Stage.WORKING)
        time.sleep(0.01)


def is_stopped_while_it_loads(settings, pipe):
    _begun(pipe)
    os.kill(os.getpid(), 19)


def hangs_while_it_loads(settings, pipe):
    """Its loader waits for a lock for ever, while its other threads go on."""
    _begun(pipe)
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def hangs(settings, pipe):
    """Its loop waits for a lock for ever, while its other threads go on."""
    pulse, _ = _begun(pipe)
    pulse.mark(Stage.WORKING)
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def leaks(settings, pipe):
    pulse, _ = _begun(pipe)
    held = []
    while True:
        pulse.mark(Stage.WORKING)
        held.append(bytes(os.urandom(1)) * 20_000_000)
        time.sleep(0.02)


def says_why_it_cannot_go_on(settings, pipe):
    """As one whose weights are none; it ends by itself soon after."""
    _, out = _begun(pipe)
    out.put(Fault("the weights are none"))
    time.sleep(2.0)


def says_nonsense(settings, pipe):
    pulse, _ = _begun(pipe)
    pulse.mark(Stage.WORKING)
    time.sleep(1.0)
    pipe.send_bytes(b"no message at all")
    time.sleep(60.0)


class Program:
    """What a pickle may hold: a call that whoever reads it makes."""

    def __reduce__(self):
        return Path.touch, (Path(TAKEN),)


TAKEN = "taken-over"
"""A file in the working folder of whoever believes it."""


def says_a_program(settings, pipe):
    """As one that a camera's picture has taken over."""
    pulse, _ = _begun(pipe)
    pulse.mark(Stage.WORKING)
    time.sleep(1.0)
    pipe.send_bytes(pickle.dumps(("fact", Program())))
    time.sleep(60.0)


def says_a_fact_of_a_lane_that_is_not_there(settings, pipe):
    pulse, out = _begun(pipe)
    pulse.mark(Stage.WORKING)
    time.sleep(1.0)
    out.put(VehicleLost("out7", "1"))
    time.sleep(60.0)


def stops_within_a_message(settings, pipe):
    """As SIGSTOP does it: half of a picture has been sent."""
    pulse, _ = _begun(pipe)
    pulse.mark(Stage.WORKING)
    time.sleep(1.0)
    os.write(pipe.fileno(), (1_000_000).to_bytes(4, "big") + b"half")
    os.kill(os.getpid(), 19)
