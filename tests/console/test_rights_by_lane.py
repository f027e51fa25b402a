"""Where a site wants it, people act in their own lanes alone; everybody may stop every arm. And
failed sign-ins are recorded."""

import pytest
from fastapi.testclient import TestClient

from edge.console.app import create_app
from edge.console.failed_sign_ins import MOST_A_MINUTE, FailedSignIns
from edge.console.users import UserStore
from tests.support.operations_twin import PASSWORD, OperationsTwin, a_lane


@pytest.fixture
def place(tmp_path, settings):
    """(client, operations, token) of one who acts in in1 alone; a vehicle waits in out1."""
    users, operations = UserStore(tmp_path), OperationsTwin()
    operations.lanes = (a_lane(), a_lane(lane="in1", passage="q1"))
    users.add("lan", "supervisor", PASSWORD, lanes=("in1",))
    with TestClient(create_app(operations, users, settings), follow_redirects=False) as client:
        made = client.post("/api/session", json={"user": "lan", "password": PASSWORD})
        yield client, operations, {"X-CSRF-Token": made.json()["csrf"]}


ACTS = {
    "/api/order": {"action": "open", "reason": "why"},
    "/api/decide": {"admit": True, "reason": "why"},
    "/api/acknowledge": {"code": "camera"},
    "/api/code": {"text": "of a driver"},
}


@pytest.mark.parametrize("path", list(ACTS))
def test_nobody_acts_in_another_ones_lane(place, path):
    client, operations, token = place
    before = list(operations.asked)
    body = {"lane": "out1", "passage": "p1", **ACTS[path]}
    answer = client.post(path, json=body, headers=token)
    assert answer.status_code == 409
    # By the lane's name, as people know it.
    assert "lan không phụ trách làn Làn xuất 1" in answer.json()["says"]
    assert operations.asked == before
    mine = {"lane": "in1", "passage": "q1", **ACTS[path]}
    assert client.post(path, json=mine, headers=token).status_code == 200


@pytest.mark.parametrize("what", ["again", "settle"])
def test_nobody_settles_a_passage_of_another_ones_lane(place, what):
    client, operations, token = place
    before = list(operations.asked)
    body = {"sequence": 9, "what": what, "reason": "by telephone"}
    assert client.post("/api/set-aside", json=body, headers=token).status_code == 409
    assert operations.asked == before
    assert 'name="sequence"' not in client.get("/system").text


def test_everybody_who_may_stop_may_stop_every_arm(place):
    client, operations, token = place
    body = {"lane": "out1", "action": "stop"}
    assert client.post("/api/order", json=body, headers=token).status_code == 200
    assert ("out1", "stop", "", "lan") in operations.asked


def test_lanes_are_set_by_an_administrator_and_must_be_there(tmp_path, settings):
    users, operations = UserStore(tmp_path), OperationsTwin()
    operations.lanes = (a_lane(), a_lane(lane="in1"))
    users.add("mai", "administrator", PASSWORD)
    with TestClient(create_app(operations, users, settings)) as client:
        made = client.post("/api/session", json={"user": "mai", "password": PASSWORD})
        token = {"X-CSRF-Token": made.json()["csrf"]}
        body = {"what": "add", "name": "binh", "role": "operator", "password": PASSWORD}
        wrong = client.post("/api/users", json={**body, "lanes": "out9"}, headers=token)
        assert wrong.status_code == 409
        assert "out9" in wrong.json()["error"]
        both = {**body, "lanes": "out1, in1"}
        assert client.post("/api/users", json=both, headers=token).is_success
        assert users.find("binh").lanes == ("out1", "in1")
        body = {"what": "restrict", "name": "binh", "lanes": ""}
        assert client.post("/api/users", json=body, headers=token).is_success
        assert users.find("binh").lanes == ()


def test_a_failed_sign_in_is_recorded_by_name_and_address_and_no_password(client, operations):
    for name in ("viewer", "viewer", "mat-khau-go-nham"):
        client.post("/api/session", json={"user": name, "password": "a-guess"})
    told = [asked for asked in operations.asked if asked[1] == "sign_in_failed"]
    assert [name for name, _ in told] == ["viewer", "viewer", "unknown"]


def test_a_flood_of_wrong_passwords_is_a_figure(users):
    class Recorded(OperationsTwin):
        def audit(self, user, action, data):
            self.asked.append((user, action, data))

    operations = Recorded()
    failed = FailedSignIns(operations, users)
    for n in range(50):
        failed(f"name{n}", "10.0.0.1")
    assert len(operations.asked) == MOST_A_MINUTE
    assert all(data["address"] == "10.0.0.1" for _, _, data in operations.asked)


def test_with_a_word_goes_who_else_may_admit_in_that_lane_by_now(tmp_path, settings):
    users, operations = UserStore(tmp_path), OperationsTwin()
    operations.lanes = (a_lane(), a_lane(lane="in1", passage="q1"))
    users.add("lan", "operator", PASSWORD)
    users.add("binh", "operator", PASSWORD, lanes=("in1",))
    users.add("chi", "operator", PASSWORD)
    users.add("dung", "viewer", PASSWORD)
    users.add("minh", "administrator", PASSWORD)
    users.disable("chi")
    with TestClient(create_app(operations, users, settings)) as client:
        made = client.post("/api/session", json={"user": "lan", "password": PASSWORD})
        token = {"X-CSRF-Token": made.json()["csrf"]}
        body = {"lane": "out1", "passage": "p1", "admit": True, "reason": "why"}
        assert client.post("/api/decide", json=body, headers=token).status_code == 200
    assert operations.who_may == {"lan", "minh"}
