"""A console over the twin of the gate's operations, as if in another process, with one user of each
role."""

import pytest
from fastapi.testclient import TestClient

from edge.config import load
from edge.console.app import create_app
from edge.console.server import ConsoleServer
from edge.console.users import ROLES, UserStore
from tests.support.operations_twin import CONFIG, PASSWORD, OperationsTwin, a_lane
from tests.support.other_process import AcrossAPipe
from tests.support.raw_client import Clients


@pytest.fixture(scope="session")
def users(tmp_path_factory):
    store = UserStore(tmp_path_factory.mktemp("users"))
    for role in ROLES:
        store.add(role, role, PASSWORD)
    return store


@pytest.fixture
def operations():
    return OperationsTwin()


@pytest.fixture
def two_lanes(operations):
    """A vehicle waits in out1 and one in in1."""
    operations.lanes = (
        a_lane(),
        a_lane(lane="in1", name="Làn nhập 1", passage="q1", plate="51R12345", version=1),
    )
    return operations


@pytest.fixture
def settings(tmp_path):
    return load(CONFIG).model_copy(update={"data_folder": tmp_path})


@pytest.fixture
def app(operations, users, settings):
    return create_app(AcrossAPipe(operations), users, settings)


@pytest.fixture
def server(app):
    """The application over real sockets."""
    made = ConsoleServer(app, "127.0.0.1", 0)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def connect():
    """Connections to a server, closed in the end."""
    made = Clients()
    yield made
    made.close()


@pytest.fixture
def client(app):
    with TestClient(app, follow_redirects=False) as made:
        yield made


@pytest.fixture
def signed_in(client):
    """Signs in under a role; gives the CSRF token."""

    def sign_in(role="administrator"):
        answer = client.post("/api/session", json={"user": role, "password": PASSWORD})
        assert answer.status_code == 200
        return {"X-CSRF-Token": answer.json()["csrf"]}

    return sign_in
