"""A real browser for tests: Debian's Chromium, driven by Playwright."""

import contextlib
import shutil

import pytest

CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed (apt install chromium)"
)
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
]


@contextlib.contextmanager
def a_page():
    """One page; what goes wrong in its scripts fails the test in the end."""
    from playwright.sync_api import sync_playwright

    errors = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        page = browser.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        browser.close()
    assert errors == []


def sign_in(page, url, user, password):
    page.goto(url)
    page.fill("[name=user]", user)
    page.fill("[name=password]", password)
    page.click("button.primary")
