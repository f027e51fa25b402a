"""One real site, or one broker, for a module of tests."""

import pytest

from simulator.broker import Embedded, Mosquitto
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
    kind = Mosquitto if Mosquitto.installed() else Embedded
    server = kind(tmp_path_factory.mktemp("broker"))
    server.start()
    yield server
    server.stop()
