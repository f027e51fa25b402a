"""A real browser for tests: Debian's Chromium, driven by Playwright."""

import contextlib
import shutil

import pytest

from tests.support.waiting import wait_for

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
def a_page(**more):
    """One page; what goes wrong in its scripts fails the test in the end. `more`: of its context,
    as its size."""
    from playwright.sync_api import sync_playwright

    errors = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        page = browser.new_page(**more)
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        browser.close()
    assert errors == []


def card(passage):
    """The selector of a waiting vehicle's card."""
    return f"[data-passage='{passage}']"


def sign_in(page, url, user, password):
    page.goto(url)
    page.fill("[name=user]", user)
    page.fill("[name=password]", password)
    # What is clicked next must not take the place of the signing in.
    with page.expect_navigation():
        page.click("button.primary")


def press(page, selector, done=lambda: False):
    """A finger on what is held; pressed again where the page has just moved under it. `done`: that
    it was held to the end meanwhile."""
    at = page.locator(selector).first
    at.evaluate("at => at.scrollIntoView({block: 'center'})")

    def pressed():
        box = at.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        if page.query_selector(".holding") or done():
            return True
        page.mouse.up()
        return False

    wait_for(pressed, every=0.1)


def hold(page, selector):
    """Holds it until it is done; anew where the page let go of it first."""
    counted = page.evaluate_handle(
        """() => {
            const counted = { held: 0 };
            document.addEventListener("held", () => { counted.held += 1; });
            return counted;
        }"""
    )

    def done():
        return counted.evaluate("counted => counted.held") > 0

    def held():
        press(page, selector, done)
        page.wait_for_selector(".holding", state="detached")
        page.mouse.up()
        return done()

    wait_for(held, every=0.1)
