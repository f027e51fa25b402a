"""What people do all day, counted in touches: docs/console.md says how many each takes."""

import re
from pathlib import Path

import pytest

from edge.gate.port import AlarmView
from tests.support.browser import a_page, hold, needs_chromium, sign_in
from tests.support.operations_twin import NOW, PASSWORD, a_lane
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.timeout(400), needs_chromium]

PAGE = Path(__file__).parents[2] / "docs" / "console.md"
ROW = re.compile(r"^\| (?P<job>[^|]+) \| (?P<touches>\d+)[^|]* \|", re.M)


class Hand:
    """Counts what a person does; a word typed is one."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def touch(self, selector):
        self.count += 1
        self.page.click(selector)

    def hold(self, selector):
        self.count += 1
        hold(self.page, selector)

    def type(self, selector, text):
        self.count += 1
        self.page.fill(selector, text)

    def key(self, name):
        self.count += 1
        self.page.keyboard.press(name)


REASON, HELD = "#confirm [data-fill=reason]", "#confirm [data-hold]"


def by_hand(action):
    def job(hand):
        hand.touch(f"[data-lane-card=out1] [data-order={action}]")
        hand.touch(REASON)
        hand.hold(HELD)

    return job


def settle(choice, *before):
    def job(hand):
        hand.touch("nav a[href='/exceptions']")
        for selector in before:
            hand.touch(selector)
        hand.touch("[data-passage] [data-fill=reason]")
        button = f"[data-passage] button[value={choice}]"
        hand.hold(button) if choice == "admit" else hand.touch(button)

    return job


def acknowledge(hand):
    hand.touch("nav a[href='/alarms']")
    hand.touch("form[action='/acknowledge'] button")


def shelve(hand):
    hand.touch("nav a[href='/alarms']")
    hand.type(".alarm [name=reason]", "đang sửa")
    hand.touch(".alarm [name=minutes]")


def search(hand):
    hand.touch("nav a[href='/passages']")
    hand.type("[name=plate]:visible", "54321")
    hand.touch(".search button")


def hold_open(hand):
    hand.touch("nav a[href='/barriers']")
    hand.touch("[data-order=hold_open]")
    hand.touch(REASON)
    hand.hold(HELD)


JOBS = {
    "stop an arm": (lambda hand: hand.touch("[data-lane-card=out1] [data-order=stop]"), "stop"),
    "raise an arm by hand": (by_hand("open"), "open"),
    "lower an arm": (by_hand("close"), "close"),
    "admit a referred vehicle": (settle("admit"), "p1"),
    "admit it by a declared plate that is like it": (
        settle("admit", "[data-passage] [data-fill=plate]"), "p1",
    ),
    "reject it": (settle("reject"), "p1"),
    "acknowledge an alarm": (acknowledge, "out1"),
    "shelve an alarm": (shelve, "shelve_alarm"),
    "find a vehicle of today": (search, None),
    "hold an arm open": (hold_open, "hold_open"),
}  # fmt: skip


@pytest.fixture(scope="module")
def promised():
    return {m["job"]: int(m["touches"]) for m in ROW.finditer(PAGE.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("job", list(JOBS))
def test_a_job_takes_no_more_than_the_page_says(server, operations, promised, job):
    do, done = JOBS[job]
    operations.lanes = (a_lane(),)
    operations.alarms = (AlarmView("camera", "out1", "no picture", NOW, severity="medium"),)
    with a_page() as page:
        sign_in(page, server.url, "supervisor", PASSWORD)
        page.wait_for_selector("[data-plate]:has-text('24C-123.45')")
        before = len(operations.asked)
        hand = Hand(page)
        do(hand)
        if done is None:
            page.wait_for_selector("td:has-text('24C54321')")
        else:
            wait_for(lambda: any(one[1] == done for one in operations.asked[before:]))
    assert hand.count == promised[job]
