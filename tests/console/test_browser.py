"""A real browser signs in, sees the lane and opens the barrier by hand."""

import shutil

import pytest
from desk_twin import PASSWORD

from edge.console.server import ConsoleServer

pytestmark = pytest.mark.timeout(300)
CHROMIUM = shutil.which("chromium")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
]


@pytest.fixture
def server(app):
    made = ConsoleServer(app, "127.0.0.1", 0)
    made.start()
    yield made
    made.stop()


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt install chromium)")
def test_an_operator_signs_in_and_opens_the_barrier(server, desk):
    from playwright.sync_api import sync_playwright

    errors = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        page = browser.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(server.url)
        page.fill("[name=user]", "operator")
        page.fill("[name=password]", PASSWORD)
        page.click("button.primary")
        page.wait_for_selector("[data-plate]:has-text('24C-123.45')")
        page.wait_for_selector("[data-arm]:has-text('Đóng')")
        page.click("[data-order=open]")
        page.click("dialog [data-fill=reason] >> nth=0")
        page.click("dialog button.primary")
        page.wait_for_selector(".banner.good")
        browser.close()
    assert any(asked[:2] == ("out1", "open") for asked in desk.asked)
    assert errors == []
