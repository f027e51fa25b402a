"""A console over the twin desk, with one user of each role."""

import pytest
from desk_twin import CONFIG, PASSWORD, DeskTwin
from fastapi.testclient import TestClient

from edge.config import load
from edge.console.app import create_app
from edge.console.users import ROLES, UserStore


@pytest.fixture(scope="session")
def users(tmp_path_factory):
    store = UserStore(tmp_path_factory.mktemp("users"))
    for role in ROLES:
        store.add(role, role, PASSWORD)
    return store


@pytest.fixture
def desk():
    return DeskTwin()


@pytest.fixture
def app(desk, users):
    return create_app(desk, users, load(CONFIG))


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
