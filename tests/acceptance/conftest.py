"""One real site, or one broker, for a module of tests."""

import pytest

from simulator.broker import Mosquitto
from tests.support.broker import a_broker
from tests.support.gate_site import Site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if not Mosquitto.installed():
        pytest.skip("Mosquitto is not installed (apt install mosquitto)")
    made = Site(tmp_path_factory.mktemp("site"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with a_broker(tmp_path_factory.mktemp("broker")) as server:
        yield server
