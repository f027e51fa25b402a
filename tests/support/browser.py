"""A real browser for tests: Debian's Chromium, driven by Playwright."""

import contextlib
import shutil

import pytest

from edge.console.catalogue import translate
from edge.system.causes import texts
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


def order(page, lane, action):
    """Gives an order as a person does: what is shown is seen, the act chosen, a reason, held. Given
    anew where the page says that the lane changed, or had not come yet, or that the arm is slow to
    answer; any other refusal fails."""
    causes = ("refused.changed_meanwhile", "refused.unanswered")
    again = (translate("vi", "no_state_yet"), *(texts("vi")[f"cause.{name}"] for name in causes))
    card = f"[data-lane-card={lane}]"
    page.wait_for_selector(f"{card} [data-arm]")

    def given():
        page.click(f"{card} [data-order={action}]")
        page.click("dialog [data-fill=reason] >> nth=0")
        hold(page, "#confirm [data-hold]")
        page.wait_for_selector("#said .good, #said .bad")
        said = page.inner_text("#said")
        good = page.query_selector("#said .good")
        assert good or any(text in said for text in again), said
        page.click("#said button")
        return good

    wait_for(given, every=1.0)


def speak(page, language):
    """Chooses the language of the page; clicked anew where a page that moved took it away."""
    there = f"html[lang={language}]"

    def spoken():
        page.click(f"button[name=language][value={language}]")
        with contextlib.suppress(playwright_timeout()):
            page.wait_for_selector(there, state="attached", timeout=15_000)
        return page.query_selector(there)

    wait_for(spoken)


def playwright_timeout():
    from playwright.sync_api import TimeoutError

    return TimeoutError
