"""A real browser signs in, sees the lane, opens the barrier and settles a waiting vehicle."""

import pytest
from browser import a_page, needs_chromium, sign_in
from desk_twin import PASSWORD

from edge.console.server import ConsoleServer

pytestmark = [pytest.mark.timeout(300), needs_chromium]


@pytest.fixture
def server(app):
    made = ConsoleServer(app, "127.0.0.1", 0)
    made.start()
    yield made
    made.stop()


def test_an_operator_signs_in_and_opens_the_barrier(server, desk):
    with a_page() as page:
        sign_in(page, server.url, "operator", PASSWORD)
        page.wait_for_selector("[data-plate]:has-text('24C-123.45')")
        page.wait_for_selector("[data-arm]:has-text('Đóng')")
        page.click("[data-order=open]")
        page.click("dialog [data-fill=reason] >> nth=0")
        page.click("dialog button.primary")
        page.wait_for_selector(".banner.good")
    assert any(asked[:2] == ("out1", "open") for asked in desk.asked)


def test_an_operator_settles_a_waiting_vehicle_without_typing(server, desk):
    with a_page() as page:
        sign_in(page, server.url, "operator", PASSWORD)
        page.click("nav a[href='/exceptions']")
        page.click("[data-fill=plate]:has-text('24C12346')")
        page.click("[data-fill=reason] >> nth=0")
        page.click("button[value=admit]")
        page.wait_for_selector(".banner.good")
    assert ("out1", "p1", True, "24C12346") in {asked[:4] for asked in desk.asked}
