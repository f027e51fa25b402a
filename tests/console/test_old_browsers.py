"""In a browser of years ago, where one is given: GATE_OLD_BROWSER is its program. Headless builds
of Chromium are in npm's @sparticuz/chromium (its first is 92.0.0; bin/chromium.br)."""

import os

import pytest

from tests.support.browser import OPTIONS
from tests.support.operations_twin import PASSWORD
from tests.support.waiting import wait_for

OLD = os.environ.get("GATE_OLD_BROWSER", "")
FITS = 103
"""The version of Chromium from which on all scripts run."""

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not OLD, reason="GATE_OLD_BROWSER names no old browser"),
]


def test_a_browser_of_years_ago_shows_the_gate_or_says_that_it_is_too_old_and_stops(
    server, operations
):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=OLD, args=OPTIONS)
        fits = int(browser.version.split(".")[0]) >= FITS
        page = browser.new_page()
        page.goto(server.url)
        # Without Playwright's own clicks, which ask for more than such a browser has.
        sign_in = """([user, password]) => {
            document.querySelector("[name=user]").value = user;
            document.querySelector("[name=password]").value = password;
            document.querySelector("button.primary").click();
        }"""
        with page.expect_navigation(wait_until="load"):
            page.evaluate(sign_in, ["operator", PASSWORD])
        shown = "getComputedStyle(document.getElementById('too-old')).display !== 'none'"
        assert page.evaluate(shown) is not fits
        plate = "document.querySelector('[data-plate]').textContent"
        if fits:
            wait_for(lambda: page.evaluate(plate) == "24C-123.45", every=0.3)
        page.evaluate("document.querySelector('[data-order=stop]').click()")
        wait_for(lambda: ("out1", "stop", "", "operator") in operations.asked)
        browser.close()
