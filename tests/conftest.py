"""What every test may use."""

import logging
import os

import pytest
from hypothesis import HealthCheck, settings

from edge.system.unhandled import UNHANDLED

os.environ.setdefault("YOLO_OFFLINE", "true")
os.environ.setdefault("YOLO_AUTOINSTALL", "false")

# A slow machine is no failure: no example has a deadline.
settings.register_profile("gate", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gate")


@pytest.fixture(autouse=True)
def _nothing_is_left_unhandled(request):
    """An exception in a callback is logged and counted, and the thread lives on: here it fails the
    test, as one that ends a thread does. `@pytest.mark.unhandled`: the test causes it."""
    before = UNHANDLED.counts()
    yield
    if request.node.get_closest_marker("unhandled") is None:
        assert UNHANDLED.counts() == before, "a callback has failed; the log has its traceback"


@pytest.fixture(autouse=True)
def _the_log_is_heard():
    """A test that silences the log leaves it loud for the next, which may ask what is in it."""
    yield
    logging.disable(logging.NOTSET)
