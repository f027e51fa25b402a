"""One broker for a module of tests."""

import pytest

from tests.support.broker import a_broker


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with a_broker(tmp_path_factory.mktemp("broker")) as server:
        yield server
