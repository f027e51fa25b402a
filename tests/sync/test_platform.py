"""The platform's client against the platform's twin, over real HTTP."""

import time
from datetime import timedelta

import pytest
from builders import NOON

from edge.assignment import AssignmentState
from edge.clock import SystemClock, iso
from edge.config import JournalConfig, PlatformConfig
from edge.events import PASSAGE_COMPLETED, Event
from edge.sync.assignments_wire import NotUnderstood, read_item, write_item
from edge.sync.book import KeptBook
from edge.sync.journal import open_journal
from edge.sync.platform import HttpPlatform
from simulator.platform import Platform

pytestmark = pytest.mark.timeout(300)


def wait_for(true, seconds=90):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "did not happen"
        time.sleep(0.05)


def an_item(id="A1", text="24C12345", **changes):
    return {
        "assignment_id": id,
        "revision": 1,
        "state": "active",
        "direction": "export",
        "plates": [{"text": text, "country": "VN", "role": "tractor"}],
        "vehicle_kind": "truck",
        "lanes": ["out1"],
        "valid_from": iso(NOON),
        "valid_to": iso(NOON + timedelta(hours=8)),
        "priority": 0,
        "clearances": [],
        "goods": "",
        **changes,
    }


@pytest.fixture
def parts(tmp_path):
    platform = Platform()
    platform.start()
    config = JournalConfig(max_mb=20, ballast_mb=0)
    journal = open_journal(tmp_path / "j", config, "/s/g", SystemClock())
    made = []

    def client():
        settings = PlatformConfig(url=platform.url, wait_s=1)
        link = HttpPlatform(settings, "g", tmp_path, journal, SystemClock())
        link.start(lambda book: None)
        made.append(link)
        return link

    yield platform, journal, client
    for link in made:
        link.stop()
    journal.close()
    platform.stop()


def states(link):
    return {a.assignment_id: a.state.value for a in link.book().items}


def test_lists_and_changes_come_by_long_poll(parts):
    platform, _, client = parts
    platform.put(an_item("A1"))
    link = client()
    wait_for(lambda: states(link) == {"A1": "active"})
    platform.put(an_item("A2", "24C99999"))
    platform.change("A1", state="held")
    wait_for(lambda: states(link) == {"A1": "held", "A2": "active"})
    assert link.status().connected


def test_an_outage_keeps_the_last_list_and_ends_by_itself(parts):
    platform, _, client = parts
    platform.put(an_item())
    link = client()
    wait_for(lambda: states(link))
    platform.down = True
    wait_for(lambda: not link.status().connected)
    assert "503" in link.status().why
    assert states(link) == {"A1": "active"}
    platform.change("A1", state="cancelled")
    platform.down = False
    wait_for(lambda: states(link) == {"A1": "cancelled"})


def test_an_item_that_is_not_understood_does_not_lose_the_others(parts):
    platform, _, client = parts
    platform.put({**an_item("bad"), "direction": "up"})
    platform.put(an_item("good"))
    link = client()
    wait_for(lambda: states(link) == {"good": "active"})


def test_passages_are_posted_once_each_through_failures(parts):
    platform, journal, client = parts
    platform.failing = True
    for n in range(5):
        journal.record([Event(PASSAGE_COMPLETED, "out1", NOON, {"passage": f"p{n}"})])
    link = client()
    wait_for(lambda: not link.status().connected)
    platform.failing = False
    wait_for(lambda: len(platform.posted) == 5)
    assert [b["passage"] for b in platform.posted.values()] == [f"p{n}" for n in range(5)]


def test_the_list_survives_a_restart_and_spent_stays_spent(tmp_path):
    kept = KeptBook(tmp_path)
    kept.merge([read_item(an_item())], True, "7", NOON)
    kept.spend("A1")
    again = KeptBook(tmp_path)
    assert again.cursor == "7"
    assert again.current.items[0].state is AssignmentState.USED
    again.merge([read_item(an_item(revision=1))], False, "8", NOON)
    assert again.current.items[0].state is AssignmentState.USED
    again.merge([read_item(an_item(revision=2))], False, "9", NOON)
    assert again.current.items[0].state is AssignmentState.ACTIVE


def test_a_damaged_list_is_an_empty_book(tmp_path):
    (tmp_path / "assignments.json").write_text("{nonsense")
    assert KeptBook(tmp_path).current.items == ()


def test_items_round_trip():
    item = read_item(
        an_item(clearances=[{"authority": "customs", "state": "done", "at": iso(NOON)}])
    )
    assert read_item(write_item(item)) == item


@pytest.mark.parametrize("change", [{"plates": []}, {"state": "odd"}, {"valid_from": "today"}])
def test_a_bad_item_is_named(change):
    with pytest.raises(NotUnderstood, match="A1"):
        read_item(an_item(**change))
