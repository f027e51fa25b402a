"""Vision processes that go wrong in one way each, beside the real one's own life."""

import os
import queue
import threading
import time

from edge.system.supervision import Stage
from edge.vision.child import Pulse, _beat, _hear, _speak


def _begun(pipe):
    pulse, out = Pulse(), queue.Queue(1000)
    threading.Thread(target=_speak, args=(pipe, out), daemon=True).start()
    threading.Thread(target=_hear, args=(pipe, queue.SimpleQueue()), daemon=True).start()
    threading.Thread(target=_beat, args=(pulse, out), daemon=True).start()
    out.put(("pid", os.getpid()))
    return pulse, out


def works(settings, pipe):
    pulse, _ = _begun(pipe)
    while True:
        pulse.mark(Stage.WORKING)
        time.sleep(0.01)


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
    out.put(("fault", "the weights are none"))
    time.sleep(2.0)


def says_nonsense(settings, pipe):
    pulse, _ = _begun(pipe)
    pulse.mark(Stage.WORKING)
    time.sleep(1.0)
    pipe.send_bytes(b"no message at all")
    time.sleep(60.0)


def stops_within_a_message(settings, pipe):
    """As SIGSTOP does it: half of a picture has been sent."""
    pulse, _ = _begun(pipe)
    pulse.mark(Stage.WORKING)
    time.sleep(1.0)
    os.write(pipe.fileno(), (1_000_000).to_bytes(4, "big") + b"half")
    os.kill(os.getpid(), 19)
