"""One real site for a module of tests."""

import pytest
from gate_site import Site

from simulator.broker import Mosquitto


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
