"""One real site for a module of tests."""

import pytest

from simulator.broker import Mosquitto
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
