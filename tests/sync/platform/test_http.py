"""The platform's client against the platform's twin, over real HTTP."""

import json
from pathlib import Path

import httpx
import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from edge.config import JournalConfig, OAuthConfig, PlatformConfig, PlatformWords
from edge.domain.assignment import AssignmentBook, AssignmentState
from edge.domain.events import PASSAGE_ABANDONED, PASSAGE_COMPLETED, Event
from edge.domain.moment import iso
from edge.sync.journal.journal import open_journal
from edge.sync.platform.assignment_cache import AssignmentCache
from edge.sync.platform.http import HttpPlatform
from edge.sync.platform.items import NotUnderstood, read_item, write_item
from edge.sync.platform.link import PlatformLink
from edge.sync.platform.notices import DEAF_S, KEY, Notices
from edge.sync.platform.passage_queue import Patience
from edge.sync.platform.port import PlatformDown
from edge.system.causes import cause
from edge.system.clock import ManualClock, SystemClock
from simulator.http_server import Tls
from simulator.platform import Platform
from tests.support.authority import Authority
from tests.support.builders import NOON
from tests.support.platform_items import an_item, states
from tests.support.waiting import wait_for

DOCS = Path(__file__).parents[3] / "docs"
pytestmark = pytest.mark.timeout(300)


def a_platform_link(config, folder, journal):
    clock = SystemClock()
    return PlatformLink(HttpPlatform(config, "g", clock), folder, journal, clock)


@pytest.fixture(scope="module")
def twin():
    platform = Platform()
    platform.start()
    yield platform
    platform.stop()


@pytest.fixture
def parts(tmp_path):
    platform = Platform()
    platform.start()
    config = JournalConfig(max_mb=20, ballast_mb=0)
    journal = open_journal(tmp_path / "j", config, "/s/g", SystemClock())
    made = []

    def client():
        settings = PlatformConfig(url=platform.url, wait_s=1)
        link = a_platform_link(settings, tmp_path, journal)
        link.start(lambda book: None, lambda parked: None)
        made.append(link)
        return link

    yield platform, journal, client
    for link in made:
        link.stop()
    journal.close()
    platform.stop()


def test_lists_and_changes_come_by_long_poll(parts):
    platform, _, client = parts
    platform.put(an_item("A1"))
    link = client()
    wait_for(lambda: states(link) == {"A1": "active"})
    platform.put(an_item("A2", "24C99999"))
    platform.change("A1", state="held")
    wait_for(lambda: states(link) == {"A1": "held", "A2": "active"})
    wait_for(lambda: link.status().connected)


def test_an_outage_keeps_the_last_list_and_ends_by_itself(parts):
    platform, _, client = parts
    platform.put(an_item())
    link = client()
    wait_for(lambda: states(link))
    platform.down = True
    wait_for(lambda: "503" in link.status().why)
    assert not link.status().connected
    assert states(link) == {"A1": "active"}
    platform.change("A1", state="cancelled")
    platform.down = False
    wait_for(lambda: states(link) == {"A1": "cancelled"})


def test_an_item_that_is_not_understood_does_not_lose_the_others(parts):
    platform, _, client = parts
    platform.put({**an_item("bad"), "direction": "up"})
    platform.put(an_item("good"))
    link = client()
    wait_for(lambda: states(link) == {"good": "active", "bad": "not_understood"})


def test_a_change_that_is_not_understood_makes_its_assignment_so(parts):
    platform, _, client = parts
    platform.put(an_item())
    link = client()
    wait_for(lambda: states(link) == {"A1": "active"})
    platform.change("A1", state="odd")
    wait_for(lambda: states(link) == {"A1": "not_understood"})
    wait_for(lambda: "A1" in link.status().why)
    platform.change("A1", state="active")
    wait_for(lambda: states(link) == {"A1": "active"})


def test_a_passage_forbidden_today_is_posted_when_the_right_is_given(parts):
    platform, journal, client = parts
    link = client()
    wait_for(lambda: link.status().connected)
    platform.forbidding = True
    journal.record([Event(PASSAGE_COMPLETED, "out1", NOON, {"passage": "p1"})])
    link.wake()
    wait_for(lambda: "403" in link.status().why)
    assert link.status().waiting == 1
    platform.forbidding = False
    wait_for(lambda: platform.posted)


PASSAGE = {
    "passage": "p1", "plate": "24C12345", "country": "VN", "kind": "truck", "verdict": "allow",
    "reason": "assigned", "assignment": "A1", "trailers": [{"text": "51R00001", "country": "VN"}],
    "by": "gate", "read_plate": "24C12345", "arrived_at": iso(NOON),
    "decided_at": iso(NOON), "entered_at": iso(NOON), "completed_at": iso(NOON), "observed": True,
    "evidence": [],
}  # fmt: skip


def test_what_is_exchanged_is_what_the_description_says(parts):
    description = yaml.safe_load((DOCS / "platform.openapi.yaml").read_text())
    event = json.loads((DOCS / "schemas" / "passage.completed.json").read_text())
    passage = description["components"]["schemas"]["Passage"]
    assert set(passage["properties"]) == {"event", "lane", *event["properties"]}
    platform, journal, client = parts
    platform.put(an_item(clearances=[{"authority": "customs", "state": "done", "at": iso(NOON)}]))
    journal.record([Event(PASSAGE_COMPLETED, "out1", NOON, PASSAGE)])
    client()
    wait_for(lambda: {e.what for e in platform.exchanges} == {"assignments", "passages"})
    for exchange in platform.exchanges:
        if exchange.what == "assignments":
            name, body = "Answer", exchange.answered
        else:
            name, body = "Passage", exchange.asked
            assert exchange.headers["Idempotency-Key"] == exchange.asked["event"]
        jsonschema.validate(body, {"$ref": f"#/components/schemas/{name}", **description})


ABANDONED = {
    "passage": "p2", "plate": "24C99999", "country": "VN", "kind": "truck", "verdict": "refuse",
    "reason": "not_declared", "assignment": "", "by": "gate", "why": "backed_off",
    "outcome": "refused_left", "evidence": [],
}  # fmt: skip


GUIDED = {
    "lane": "out1", "passage": "p1", "plate": "24C12345", "assignment": "A1", "to": "out2",
    "reason": "wrong_lane", "at": iso(NOON),
}  # fmt: skip


def test_the_platform_hears_of_who_is_sent_to_another_lane_once_and_while_it_is_news(parts):
    platform, _, client = parts
    platform.down = True
    link = client()
    link.guide("out1", "p1:out2", GUIDED)
    link.guide("out1", "p1:out3", {**GUIDED, "to": "out3"})
    wait_for(lambda: platform.refused)
    platform.down = False
    wait_for(lambda: platform.told["guidance"])
    assert platform.told["guidance"] == {"p1:out3": {**GUIDED, "to": "out3"}}


def test_the_platform_hears_of_who_was_turned_away_and_of_what_is_not_understood(parts):
    description = yaml.safe_load((DOCS / "platform.openapi.yaml").read_text())
    platform, journal, client = parts
    link = client()
    journal.record([Event(PASSAGE_ABANDONED, "out1", NOON, ABANDONED)])
    link.wake()
    link.guide("out1", "p1:out2", GUIDED)
    platform.put(an_item("good", "24C00001"))
    platform.put({**an_item("bad"), "direction": "up"})
    wait_for(lambda: all(platform.told.values()), 60)
    ((key, away),) = platform.told["turned-away"].items()
    assert (away["plate"], away["reason"], away["lane"]) == ("24C99999", "not_declared", "out1")
    assert key == away["event"]
    (strange,) = platform.told["not-understood"].values()
    assert [(i["assignment_id"], i["plates"]) for i in strange["items"]] == [("bad", ["24C12345"])]
    (guided,) = platform.told["guidance"].values()
    for name, body in (
        ("TurnedAway", away), ("NotUnderstood", strange), ("Guidance", guided),
    ):  # fmt: skip
        jsonschema.validate(body, {"$ref": f"#/components/schemas/{name}", **description})
    # That all is understood again is told too; and each vehicle once, also after a restart.
    platform.change("bad", direction="export")
    wait_for(lambda: [] in [told["items"] for told in platform.told["not-understood"].values()])
    link.stop()
    platform.told["turned-away"].clear()
    client()
    journal.record([Event(PASSAGE_ABANDONED, "out1", NOON, {**ABANDONED, "passage": "p3"})])
    wait_for(lambda: platform.told["turned-away"])
    assert [told["passage"] for told in platform.told["turned-away"].values()] == ["p3"]


def test_a_platform_of_before_that_answers_404_is_hindered_by_nothing(parts):
    platform, journal, client = parts
    platform.old = True
    link = client()
    for n in range(20):
        journal.record([Event(PASSAGE_ABANDONED, "out1", NOON, {**ABANDONED, "passage": f"p{n}"})])
    journal.record([Event(PASSAGE_COMPLETED, "out1", NOON, PASSAGE)])
    link.wake()
    wait_for(lambda: platform.posted)
    wait_for(lambda: journal.state(KEY)["through"] == 20 if journal.state(KEY) else False)
    assert link.parked() == ()
    wait_for(lambda: link.status().why == "")


class Stubborn:
    """A platform that fails at what it is told."""

    def __init__(self):
        self.told = []

    def notify(self, what, key, body):
        self.told.append(body.get("passage", what))
        raise PlatformDown(cause("platform.stopping"))


def test_what_a_platform_never_takes_is_left_out_and_comes_again_later(parts):
    _, journal, _ = parts
    clock, driver = ManualClock(NOON), Stubborn()
    told = Notices(driver, AssignmentBook, journal, clock, Patience(tries=3), lambda: True)
    for n in range(3):
        journal.record([Event(PASSAGE_ABANDONED, "out1", NOON, {**ABANDONED, "passage": f"p{n}"})])
    for _ in range(2):
        with pytest.raises(PlatformDown):
            told.once()
    assert [told.once() for _ in range(4)] == [True, True, True, False]
    assert driver.told == ["p0"] * 3
    clock.advance(DEAF_S + 1)
    journal.record([Event(PASSAGE_ABANDONED, "out1", NOON, {**ABANDONED, "passage": "p9"})])
    with pytest.raises(PlatformDown):
        told.once()
    assert driver.told[-1] == "p9"


def test_the_description_is_valid_openapi():
    text = (DOCS / "platform.openapi.yaml").read_text(encoding="utf-8")
    faults = OpenAPIV31SpecValidator(yaml.safe_load(text)).iter_errors()
    assert [f"{list(fault.path)}: {fault.message}" for fault in faults] == []


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=40) | JUNK.map(lambda value: json.dumps(value).encode()))
def test_the_twin_answers_whatever_is_posted_as_described(twin, body):
    described = yaml.safe_load((DOCS / "platform.openapi.yaml").read_text())
    post = described["paths"]["/v1/gates/{gate}/passages"]["post"]["responses"]
    headers = {"Idempotency-Key": "k"}
    answer = httpx.post(f"{twin.url}/v1/gates/g/passages", content=body, headers=headers)
    assert str(answer.status_code) in post, body
    for what in ("turned-away", "not-understood", "guidance"):
        told = described["paths"][f"/v1/gates/{{gate}}/{what}"]["post"]["responses"]
        answer = httpx.post(f"{twin.url}/v1/gates/g/{what}", content=body, headers=headers)
        assert str(answer.status_code) in told, body


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(cursor=st.text(max_size=30), later=st.text(max_size=10))
def test_the_twin_answers_whatever_cursor_it_is_asked_with_as_described(twin, cursor, later):
    described = yaml.safe_load((DOCS / "platform.openapi.yaml").read_text())
    get = described["paths"]["/v1/gates/{gate}/assignments"]["get"]["responses"]
    query = {"cursor": cursor, "wait": "0", "later": later}
    answer = httpx.get(f"{twin.url}/v1/gates/g/assignments", params=query)
    assert str(answer.status_code) in get
    if answer.status_code == 200:
        jsonschema.validate(answer.json(), {"$ref": "#/components/schemas/Answer", **described})


def a_link(tmp_path, **settings):
    journal = open_journal(
        tmp_path / "j", JournalConfig(max_mb=20, ballast_mb=0), "/s/g", SystemClock()
    )
    link = a_platform_link(PlatformConfig(wait_s=1, **settings), tmp_path, journal)
    link.start(lambda book: None, lambda parked: None)
    return link, journal


def test_a_client_certificate_opens_the_platform_and_its_absence_is_told(tmp_path):
    ours = Authority(tmp_path / "pki", "authority")
    server, its_key = ours.issue("platform")
    cert, key = ours.issue("gate")
    platform = Platform(tls=Tls(server, its_key, ours.file))
    platform.put(an_item())
    platform.start()
    missing = tmp_path / "not-yet.crt"
    link, journal = a_link(
        tmp_path, url=platform.url, ca_file=ours.file, cert_file=missing, key_file=key
    )
    try:
        wait_for(lambda: "cert_file" in link.status().why)
        # Put there while the service runs.
        missing.write_bytes(cert.read_bytes())
        wait_for(lambda: states(link) == {"A1": "active"})
        link.stop()
        link, other = a_link(tmp_path / "bare", url=platform.url, ca_file=ours.file)
        wait_for(lambda: "no connection" in link.status().why)
        assert states(link) == {}
        other.close()
    finally:
        link.stop()
        journal.close()
        platform.stop()


def test_a_token_is_fetched_and_fetched_anew_when_it_counts_no_more(tmp_path):
    platform = Platform(client=("gate", "s3cret"))
    platform.put(an_item())
    platform.start()
    secret = tmp_path / "secret"
    oauth = OAuthConfig(
        token_url=f"{platform.url}/oauth/token", client_id="gate", client_secret_file=secret
    )
    link, journal = a_link(tmp_path, url=platform.url, oauth=oauth)
    try:
        wait_for(lambda: "client_secret_file" in link.status().why)
        secret.write_text("wrong")
        wait_for(lambda: "check the client's secret" in link.status().why)
        secret.write_text("s3cret")
        wait_for(lambda: states(link) == {"A1": "active"})
        platform.tokens.clear()
        platform.change("A1", state="held")
        wait_for(lambda: states(link) == {"A1": "held"})
        assert len(platform.tokens) >= 1
    finally:
        link.stop()
        journal.close()
        platform.stop()


AWKWARD_CLIENT = ("cổng 1/KT:A", "s3+cr%41et: t&ă=~")
"""An id and a secret with all that an encoding may lose; a colon in the id, too."""


@pytest.mark.parametrize(
    ("secret_in", "plain", "client"),
    [
        ("header", False, AWKWARD_CLIENT),
        ("plain_header", True, ("cổng 1/KT", "s3+cr%41et: t&ă=~")),
        ("header", True, ("gate-1", "s3cret_.~")),
    ],
)
def test_id_and_secret_reach_the_token_endpoint_as_it_reads_them(
    tmp_path, secret_in, plain, client
):
    """RFC 6749 2.3.1; there are endpoints that do not decode. What an encoding leaves alone suits
    both."""
    platform = Platform(client=client)
    platform.plain_basic = plain
    platform.put(an_item())
    platform.start()
    secret = tmp_path / "secret"
    secret.write_text(client[1], encoding="utf-8")
    oauth = OAuthConfig(
        token_url=f"{platform.url}/oauth/token",
        client_id=client[0],
        client_secret_file=secret,
        secret_in=secret_in,
    )
    link, journal = a_link(tmp_path, url=platform.url, oauth=oauth)
    try:
        wait_for(lambda: states(link) == {"A1": "active"})
    finally:
        link.stop()
        journal.close()
        platform.stop()


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
    kept = AssignmentCache(tmp_path)
    kept.merge([read_item(an_item())], True, "7", NOON)
    kept.spend("A1")
    kept.flush()
    again = AssignmentCache(tmp_path)
    assert again.cursor == "7"
    assert again.current.find().items[0].state is AssignmentState.USED
    again.merge([read_item(an_item(revision=1))], False, "8", NOON)
    assert again.current.find().items[0].state is AssignmentState.USED


def test_an_assignment_used_here_is_free_again_only_by_a_platform_that_knows(tmp_path):
    kept = AssignmentCache(tmp_path)
    kept.merge([read_item(an_item())], True, "7", NOON)
    kept.spend("A1")
    # The goods were corrected before the platform heard of the passage.
    kept.merge([read_item(an_item(revision=2))], False, "8", NOON, asked=10.0)
    assert kept.current.find().items[0].state is AssignmentState.USED
    kept.reported("A1", 20.0)
    kept.merge([read_item(an_item(revision=3))], False, "9", NOON, asked=19.0)
    assert kept.current.find().items[0].state is AssignmentState.USED
    kept.merge([read_item(an_item(revision=4))], False, "10", NOON, asked=21.0)
    assert kept.current.find().items[0].state is AssignmentState.ACTIVE
    # And it stays free through a restart, although the journal still knows of its use.
    again = AssignmentCache(tmp_path)
    assert again.restore_spent({"A1": 1}) == ["A1"]
    assert again.current.find().items[0].state is AssignmentState.ACTIVE


def test_an_assignment_that_left_the_list_and_comes_back_is_still_used(tmp_path):
    kept = AssignmentCache(tmp_path)
    kept.merge([read_item(an_item())], True, "7", NOON)
    kept.spend("A1")
    kept.merge([], True, "8", NOON)
    kept.merge([read_item(an_item())], True, "9", NOON)
    assert kept.current.find().items[0].state is AssignmentState.USED


def test_a_damaged_list_is_an_empty_book(tmp_path):
    (tmp_path / "assignments.json").write_text("{nonsense")
    assert AssignmentCache(tmp_path).current.find().items == ()


def test_items_round_trip():
    item = read_item(
        an_item(clearances=[{"authority": "customs", "state": "done", "at": iso(NOON)}])
    )
    assert read_item(write_item(item)) == item


THEIR_WORDS = PlatformWords(
    states={"approved": "active"},
    clearance_states={"ok": "done"},
    authorities={"HQ": "customs"},
    directions={"XK": "export"},
    roles={"moóc": "trailer"},
)


def test_a_platform_may_have_words_of_its_own():
    theirs = an_item(
        state="approved",
        direction="XK",
        plates=[{"text": "24C12345"}, {"text": "51R00001", "role": "moóc"}],
        clearances=[{"authority": "HQ", "state": "ok"}, {"authority": "yard", "state": "pending"}],
    )
    item = read_item(theirs, THEIR_WORDS)
    assert item.state is AssignmentState.ACTIVE
    assert item.direction == "export"
    assert [p.role for p in item.plates] == ["tractor", "trailer"]
    assert [(c.authority, c.state) for c in item.clearances] == [
        ("customs", "done"),
        ("yard", "pending"),
    ]
    # Our own words still count, and nothing else does.
    assert read_item(an_item(), THEIR_WORDS) == read_item(an_item())
    for theirs_only in ({"state": "approved"}, {"direction": "XK"}):
        with pytest.raises(NotUnderstood, match=r"approved|XK"):
            read_item(an_item(**theirs_only))


def test_the_words_of_the_configuration_reach_what_the_platform_sends(tmp_path):
    platform = Platform()
    platform.put(an_item("A1", state="approved"))
    platform.put(an_item("A2", state="parked"))
    platform.start()
    link, journal = a_link(tmp_path, url=platform.url, words=THEIR_WORDS)
    try:
        wait_for(lambda: states(link) == {"A1": "active", "A2": "not_understood"})
        wait_for(lambda: "parked" in link.status().why)
    finally:
        link.stop()
        journal.close()
        platform.stop()


@pytest.mark.parametrize("raw", [None, [], {"plates": 3}, {"clearances": [7]}, {"state": []}])
def test_what_is_no_item_at_all_is_not_understood_in_any_words(raw):
    with pytest.raises(NotUnderstood):
        read_item(raw, THEIR_WORDS)


@pytest.mark.parametrize("change", [{"plates": []}, {"state": "odd"}, {"valid_from": "today"}])
def test_a_bad_item_is_named(change):
    with pytest.raises(NotUnderstood, match="A1"):
        read_item(an_item(**change))
