"""A camera that reads plates itself, over real HTTP."""

from contextlib import contextmanager

from simulator.plate_events import PlateReader


@contextmanager
def a_plate_reader():
    made = PlateReader()
    made.start()
    try:
        yield made
    finally:
        made.stop()
