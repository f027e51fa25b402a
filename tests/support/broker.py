"""A broker for a module of tests: Mosquitto where it is installed, else one in this process."""

from contextlib import contextmanager

from simulator.broker import Embedded, Mosquitto


@contextmanager
def a_broker(folder):
    """Started; stopped in the end."""
    server = (Mosquitto if Mosquitto.installed() else Embedded)(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
