"""Sessions outlive a restart, and who reads their file signs in nowhere."""

import json
import time

import pytest
from fastapi.testclient import TestClient

from edge.console.app import create_app
from edge.console.kept_sessions import KeptSessions
from edge.console.sessions import COOKIE, Sessions
from edge.console.users import UserStore
from tests.support.operations_twin import PASSWORD, OperationsTwin
from tests.support.waiting import wait_for


@pytest.fixture
def own_users(tmp_path):
    store = UserStore(tmp_path)
    store.add("anna", "administrator", PASSWORD)
    return store


def sessions(users, folder, hours=1.0, idle_s=0.0):
    return Sessions(users, hours, "vi", idle_s, KeptSessions(folder))


def kept(folder):
    """What stands on disk, as soon as that is as many as there are."""
    file = folder / "sessions.json"
    return json.loads(file.read_text()) if file.exists() else {}


def test_a_session_is_found_after_a_restart_with_its_token_and_language(own_users, tmp_path):
    before = sessions(own_users, tmp_path)
    token, session = before.begin(own_users.find("anna"), "zh")
    wait_for(lambda: len(kept(tmp_path)) == 1)
    after, user = sessions(own_users, tmp_path).find(token)
    assert (after.csrf, after.language, user.name) == (session.csrf, "zh", "anna")
    assert abs(after.ends - session.ends) < 1


def test_the_file_has_nothing_that_signs_in(own_users, tmp_path, settings):
    token, session = sessions(own_users, tmp_path).begin(own_users.find("anna"))
    wait_for(lambda: len(kept(tmp_path)) == 1)
    text = (tmp_path / "sessions.json").read_text()
    assert token not in text
    assert session.csrf not in text
    assert (tmp_path / "sessions.json").stat().st_mode & 0o077 == 0
    with TestClient(create_app(OperationsTwin(), own_users, settings)) as client:
        for stolen in json.loads(text):
            assert client.get(
                "/api/gate", headers={"Cookie": f"{COOKIE}={stolen}"}
            ).status_code in (
                401,
                303,
            )


def test_who_signed_out_or_was_disabled_before_a_restart_is_not_back_after_it(own_users, tmp_path):
    own_users.add("binh", "viewer", PASSWORD)
    before = sessions(own_users, tmp_path)
    out, _ = before.begin(own_users.find("anna"))
    disabled, _ = before.begin(own_users.find("binh"))
    before.sign_out(out)
    wait_for(lambda: len(kept(tmp_path)) == 1)
    own_users.disable("binh")
    after = sessions(own_users, tmp_path)
    assert (after.find(out), after.find(disabled)) == (None, None)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"a": 1}', '{"a": {"user": "anna"}}', '{"a": {"ends": "x"}}']
)
def test_a_damaged_file_signs_everybody_out_and_keeps_nobody_out(own_users, tmp_path, text):
    (tmp_path / "sessions.json").write_text(text)
    anew = sessions(own_users, tmp_path)
    token, _ = anew.begin(own_users.find("anna"))
    assert anew.find(token) is not None


def test_a_clock_that_was_set_back_makes_no_session_longer(own_users, tmp_path):
    token, _ = sessions(own_users, tmp_path).begin(own_users.find("anna"))
    wait_for(lambda: len(kept(tmp_path)) == 1)
    rows = kept(tmp_path)
    for row in rows.values():
        row["ends"] += 10 * 365 * 24 * 3600
    (tmp_path / "sessions.json").write_text(json.dumps(rows))
    found, _ = sessions(own_users, tmp_path).find(token)
    assert found.ends <= time.monotonic() + 3600


def test_an_ended_session_is_not_taken_up(own_users, tmp_path):
    token, _ = sessions(own_users, tmp_path).begin(own_users.find("anna"))
    wait_for(lambda: len(kept(tmp_path)) == 1)
    rows = kept(tmp_path)
    for row in rows.values():
        row["ends"] = time.time() - 1
    (tmp_path / "sessions.json").write_text(json.dumps(rows))
    assert sessions(own_users, tmp_path).find(token) is None


def test_pages_that_ask_by_themselves_keep_no_session_awake(operations, users, settings):
    console = settings.console.model_copy(update={"idle_minutes": 0.5 / 60})
    away = settings.model_copy(update={"console": console})
    with TestClient(create_app(operations, users, away), follow_redirects=False) as client:
        made = client.post("/api/session", json={"user": "operator", "password": PASSWORD})
        head = {"X-CSRF-Token": made.json()["csrf"]}

        def asks():
            client.get("/exceptions", headers={"X-By-Itself": "1"})
            client.get("/api/gate")
            return client.get("/api/session").json()["idle"]

        wait_for(asks)
        stop = {"lane": "out1", "action": "stop"}
        opening = {"lane": "out1", "action": "open", "reason": "why"}
        assert client.post("/api/order", json=stop, headers=head).status_code == 200
        assert client.post("/api/order", json=opening, headers=head).status_code == 401
        acknowledged = {"lane": "out1", "code": "camera"}
        assert client.post("/api/acknowledge", json=acknowledged, headers=head).status_code == 401
        # Touching the page is too late; the password is not.
        client.post("/active", headers=head)
        assert client.get("/api/session").json()["idle"]
        client.post("/api/session", json={"user": "operator", "password": PASSWORD})
        assert not client.get("/api/session").json()["idle"]


def test_every_answer_says_what_a_browser_may_do_with_it(client, signed_in, operations):
    signed_in()

    def broken():
        raise RuntimeError("a fault")

    large = "x" * 70_000
    answers = [
        client.get("/"), client.get("/nowhere"), client.get("/static/console.css"),
        client.get("/static/nowhere"), client.post("/api/order", content=large),
        client.get("/api/passages?day=x"), client.put("/"), client.get("/sign-in"),
        client.get("/healthz", headers={"X-Long": "y" * 40_000}),
    ]  # fmt: skip
    operations.view = broken
    with TestClient(client.app, raise_server_exceptions=False) as blunt:
        blunt.cookies = client.cookies
        answers.append(blunt.get("/api/gate"))
    assert answers[-1].status_code == 500
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "form-action 'self'" in policy, answer.request.url
        assert "base-uri 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert answers[0].headers["cache-control"] == "no-store"
    assert answers[2].headers["cache-control"] == "no-cache"


def test_a_language_is_kept_through_the_sign_in_and_by_the_browser(client):
    page = client.get("/sign-in?language=zh")
    assert 'lang="zh"' in page.text
    wrong = {"user": "viewer", "password": "nein", "language": "zh"}
    assert 'lang="zh"' in client.post("/sign-in", data=wrong).text
    form = {"user": "viewer", "password": PASSWORD, "language": "zh"}
    client.post("/sign-in", data=form)
    assert '<html lang="zh"' in client.get("/").text
    client.cookies.delete(COOKIE)
    assert 'lang="zh"' in client.get("/sign-in").text


def test_a_choice_of_language_leads_to_a_page_of_ours_whatever_sent_it(client, signed_in):
    token = signed_in()["X-CSRF-Token"]
    for referer in ("https://elsewhere/users", "//elsewhere/alarms"):
        form = {"csrf": token, "language": "en"}
        answer = client.post("/language", data=form, headers={"Referer": referer})
        assert answer.headers["location"] == "/"
        answer = client.post("/language", data={**form, "back": referer})
        assert answer.headers["location"] == "/"
    answer = client.post("/language", data={**form, "back": "/alarms"})
    assert answer.headers["location"] == "/alarms"
