"""The first administrator sets his own password, over a link that counts once."""

import pytest
from fastapi.testclient import TestClient

from edge.console.app import create_app
from edge.console.first_user import FirstUser
from edge.console.users import UserStore
from tests.support.operations_twin import PASSWORD, OperationsTwin


class NewJournal:
    """Of a gate that has done nothing yet."""

    lost = ()

    def states_under(self, prefix):
        return {}


@pytest.fixture
def place(tmp_path, settings):
    users = UserStore(tmp_path)
    first = FirstUser(users)
    link = first.offer(NewJournal())
    app = create_app(OperationsTwin(), users, settings, first=first)
    with TestClient(app, follow_redirects=False) as client:
        yield users, client, link


def token_of(link):
    return link.partition("token=")[2]


def test_the_link_makes_one_administrator_and_then_counts_no_more(place):
    users, client, link = place
    assert client.get(link).status_code == 200
    form = {"token": token_of(link), "user": "admin", "password": "mưa rơi trên bến"}
    assert client.post("/first", data={**form, "password": "short"}).status_code == 409
    assert users.all() == []
    assert client.post("/first", data=form).headers["location"] == "/sign-in"
    assert [(user.name, user.role) for user in users.all()] == [("admin", "administrator")]
    assert client.get(link).status_code == 404
    assert client.post("/first", data={**form, "user": "another"}).status_code == 404
    assert len(users.all()) == 1
    signed = {"user": "admin", "password": "mưa rơi trên bến"}
    assert client.post("/api/session", json=signed).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "\u202e", "a" * 32])
def test_nobody_makes_an_administrator_without_the_link(place, token):
    users, client, _ = place
    form = {"token": token, "user": "admin", "password": "mưa rơi trên bến"}
    assert client.post("/first", data=form).status_code == 404
    assert client.get("/first", params={"token": token}).status_code == 404
    assert users.all() == []


def test_the_link_counts_no_more_once_there_is_a_user(place):
    users, client, link = place
    users.add("lan", "administrator", PASSWORD)
    form = {"token": token_of(link), "user": "admin", "password": "mưa rơi trên bến"}
    assert client.post("/first", data=form).status_code == 404
    assert [user.name for user in users.all()] == ["lan"]


def test_a_gate_with_users_offers_no_link(place):
    users, _, _ = place
    users.add("lan", "administrator", PASSWORD)
    assert FirstUser(users).offer(NewJournal()) is None


def test_a_gate_that_never_offered_one_makes_nobody(client):
    assert client.get("/first?token=").status_code == 404
    form = {"token": "", "user": "admin", "password": "mưa rơi trên bến"}
    assert client.post("/first", data=form).status_code == 404
