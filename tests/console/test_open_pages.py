"""Pages that stay open while their session ends elsewhere, and what is sent from foreign ones."""

import pytest

from edge.console import access
from edge.console.app import create_app
from edge.console.catalogue import catalogue
from edge.console.server import ConsoleServer
from tests.support.browser import a_page, needs_chromium
from tests.support.browser import sign_in as sign_in_page
from tests.support.operations_twin import PASSWORD
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(180)


SIGN_IN = """([user, password]) => fetch("/api/session", {
    method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({user, password})})"""

FORMS = [p for p in access.POST_ROLES if not p.startswith("/api/")]


@pytest.mark.parametrize("path", [p for p in FORMS if p != "/sign-out"])
def test_a_form_of_one_who_is_signed_out_leads_to_the_sign_in_and_says_that_nothing_was_done(
    client, operations, path
):
    answer = client.post(path, data={"lane": "out1", "action": "stop"})
    assert answer.status_code == 303
    assert catalogue("vi")["not_done_sign_in"] in client.get(answer.headers["location"]).text
    assert operations.asked == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_foreign_page_signs_nobody_in(client, operations, site):
    head = {"Sec-Fetch-Site": site}
    form = {"user": "viewer", "password": PASSWORD}
    answers = [
        client.post("/sign-in", data=form, headers=head),
        client.post("/api/session", json=form, headers=head),
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert not client.cookies
    assert operations.asked == []


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_page_signs_in(client, site):
    form = {"user": "viewer", "password": PASSWORD}
    assert client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": site}).status_code == 303


@pytest.mark.parametrize("path", FORMS)
def test_a_form_of_too_many_fields_is_refused_and_no_fault_of_ours(client, signed_in, path):
    signed_in()
    form = {"csrf": "x", **{f"a{n}": "1" for n in range(1500)}}
    answer = client.post(path, data=form)
    assert answer.status_code == 400
    assert "1000" in answer.json()["error"]


def test_every_refusal_of_the_api_says_error(client, signed_in):
    token = {**signed_in(), "Content-Type": "application/json"}
    answers = [
        client.post("/api/order", content=b'{"reason": ' + b"[" * 20_000, headers=token),
        client.get("/api/passages?plate=%00"),
        client.put("/api/session", json={}),
    ]
    assert [answer.status_code for answer in answers] == [400, 422, 405]
    assert all(answer.json()["error"] for answer in answers)


@needs_chromium
def test_a_page_whose_session_is_gone_asks_for_the_password_over_what_it_shows(
    operations, users, settings
):
    server = ConsoleServer(create_app(operations, users, settings), "127.0.0.1", 0)
    server.start()
    try:
        with a_page() as page:
            sign_in_page(page, server.url, "operator", PASSWORD)
            page.wait_for_selector("[data-plate]:has-text('24C-123.45')")
            server.stop()
            # As with a data folder that was lost.
            (settings.data_folder / "sessions.json").unlink(missing_ok=True)
            server = ConsoleServer(
                create_app(operations, users, settings), "127.0.0.1", server.port
            )
            server.start()
            page.wait_for_selector("#again[open]")
    finally:
        server.stop()


@needs_chromium
def test_a_page_in_whose_browser_another_person_signs_in_is_his(server, operations):
    with a_page() as page:
        sign_in_page(page, server.url, "viewer", PASSWORD)
        page.wait_for_selector("[data-plate]:has-text('24C-123.45')")
        # As another tab of the same browser does it.
        page.evaluate(SIGN_IN, ["operator", PASSWORD])
        page.wait_for_selector(".who :text('operator')")
        page.click("[data-order=stop]")
        page.wait_for_selector(".banner.good")
    wait_for(lambda: ("out1", "stop", "", "operator") in operations.asked)


@needs_chromium
@pytest.mark.parametrize("path", ["/", "/barriers"])
def test_a_stop_needs_no_script(server, operations, path):
    with a_page() as page:
        page.route("**/*.js*", lambda route: route.abort())
        sign_in_page(page, server.url, "operator", PASSWORD)
        page.goto(server.url + path)
        page.click("[data-order=stop]")
        page.wait_for_selector(".banner.good")
        assert page.url.startswith(f"{server.url}{path}")
    assert ("out1", "stop", "", "operator") in operations.asked
