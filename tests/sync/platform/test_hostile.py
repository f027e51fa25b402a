"""What a platform, or whoever answers in its place, may not do to the gate."""

import gzip
import json
import os
import resource
import signal
import time
import zlib
from datetime import timedelta
from multiprocessing import resource_tracker
from urllib.parse import parse_qs

import psutil
import pytest

from edge.config import JournalConfig, OAuthConfig, PlatformConfig, PlatformWords
from edge.domain.assignment import AssignmentBook, AssignmentState
from edge.domain.decision import decide
from edge.domain.events import PASSAGE_COMPLETED, Event
from edge.domain.facts import PlateView
from edge.domain.question import LanePolicy, Vehicle
from edge.domain.reason import Reason, Verdict
from edge.sync.journal.journal import open_journal
from edge.sync.platform.assignment_cache import AssignmentCache
from edge.sync.platform.http import HttpPlatform
from edge.sync.platform.http_exchange import TooLarge, unpacked
from edge.sync.platform.link import PlatformLink
from edge.sync.platform.list_reader import SHORT, ListReader
from edge.sync.platform.list_reading import HTTP, UnreadableList, read_list
from edge.sync.platform.port import PassageRefused, PassageReport, PlatformDown
from edge.system.clock import SystemClock
from simulator.platform import Platform
from tests.support.builders import NOON
from tests.support.hostile_server import HostileServer, flood, nothing, trickle, whole
from tests.support.platform_items import an_item, states
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)
PASSAGE = PassageReport(7, "id-7", {"passage": "p1", "assignment": "A1"})


def readings():
    """The processes that read a list now, also one that is dead and not yet waited for: all
    children of this process but the one that Python's multiprocessing keeps for good once a test
    has made a pool or a vision process."""
    keeps = resource_tracker._resource_tracker._pid
    return [child for child in psutil.Process().children() if child.pid != keeps]


def a_driver(url, **options):
    settings = PlatformConfig(url=url, wait_s=0, **options.pop("settings", {}))
    return HttpPlatform(settings, "g", SystemClock(), **options)


def a_list(*items, cursor="7", full=True):
    return json.dumps({"cursor": cursor, "full": full, "items": items}).encode()


def fetched(answer, kept, **options):
    """What a driver makes of an answer; the cache has taken it up."""
    with HostileServer(answer) as server:
        driver = a_driver(server.url, **options)
        try:
            found = driver.fetch(kept.cursor)
        finally:
            driver.close()
    kept.take_up(found)
    return found


@pytest.fixture
def kept(tmp_path):
    """A book with one assignment."""
    made = AssignmentCache(tmp_path)
    fetched(whole("200 OK", a_list(an_item())), made)
    made.current.as_of = NOON
    return made


def ids(kept):
    return [a.assignment_id for a in kept.current.find().items]


# --- a passage is taken by 201 alone ---


NOT_TAKEN = {
    "a login page": whole("200 OK", b"<html>sign in</html>"),
    "an error in a 200": whole("200 OK", b'{"status":"error"}'),
    "a friendly 200": whole("200 OK", b'{"accepted": true}'),
    "202": whole("202 Accepted", b""),
    "204": lambda c: c.sendall(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "302": whole("302 Found", b"", ["Location: /login"]),
    "nothing": nothing,
    "no HTTP": lambda c: c.sendall(b"hello\r\n\r\n"),
    "201 with a page": whole("201 Created", b"<html>sign in</html>"),
    "201 with an error": whole("201 Created", b'{"status":"error"}'),
    "201 not accepted": whole("201 Created", b'{"accepted": false}'),
    "201 not accepted, and accepted": whole("201 Created", b'{"accepted":false,"accepted":true}'),
    "201 in capitals": whole("201 Created", b'{"Status":"ERROR"}'),
    "201 that failed": whole("201 Created", b'{"status":"failed"}'),
    "201 with a code": whole("201 Created", b'{"status":500}'),
    "201 without success": whole("201 Created", b'{"success":false,"message":"full"}'),
    "201 with errors": whole("201 Created", b'{"errors":["no such gate"]}'),
    "201 cut short": lambda c: (
        c.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n{"),
        c.close(),
    ),
    "a flood": flood(b"HTTP/1.1 201 Created\r\n", b"x" * 65536, 10_000),
}


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_a_post_that_is_not_said_to_be_taken_is_not_taken(name):
    with HostileServer(NOT_TAKEN[name]) as server:
        driver = a_driver(server.url)
        with pytest.raises(PlatformDown) as down:
            driver.hand_over(PASSAGE)
        driver.close()
    assert len(str(down.value)) < 500


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"accepted": true}',
        b'{"id": "x-1"}',
        b'{"Success":"true","errors":[],"error":null,"status":"created"}',
    ],
)
def test_201_is_taken(body):
    with HostileServer(whole("201 Created", body)) as server:
        driver = a_driver(server.url)
        driver.hand_over(PASSAGE)
        driver.close()
        assert b"idempotency-key: id-7" in server.asked[0].lower()


def test_a_refusal_is_shown_in_few_printable_words():
    body = ("\x1b[31m" + "x" * 60_000).encode()
    with HostileServer(whole("422 Unprocessable", body)) as server:
        driver = a_driver(server.url)
        with pytest.raises(PassageRefused) as refused:
            driver.hand_over(PASSAGE)
        driver.close()
    assert "\x1b" not in str(refused.value)
    assert len(str(refused.value)) < 300


def test_a_passage_answered_by_a_login_page_waits_and_is_taken_later(tmp_path):
    journal = open_journal(
        tmp_path / "j", JournalConfig(max_mb=20, ballast_mb=0), "/s/g", SystemClock()
    )
    journal.record([Event(PASSAGE_COMPLETED, "out1", NOON, {"passage": "p1"})])

    with HostileServer(whole("200 OK", b"<html>sign in</html>")) as server:
        link = PlatformLink(a_driver(server.url), tmp_path, journal, SystemClock())
        link.start(lambda book: None, lambda parked: None)
        try:
            wait_for(lambda: any(b"POST" in asked for asked in server.asked))
            wait_for(lambda: "answers 200" in link._hand_why)
            assert link.status().waiting == 1
            server.answer = whole("201 Created")
            wait_for(lambda: link.status().waiting == 0)
        finally:
            link.stop()
            journal.close()


# --- every exchange ends ---


HEAD = b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 500
BODY = b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n" + b" " * 500


@pytest.mark.parametrize("text", [HEAD, BODY], ids=["head", "body"])
def test_an_answer_that_comes_byte_by_byte_is_given_up_in_time(text, kept):
    with HostileServer(trickle(text)) as server:
        driver = a_driver(server.url, list_s=1.0, post_s=1.0)
        for ask in (lambda: driver.hand_over(PASSAGE), lambda: driver.fetch(kept.cursor)):
            began = time.monotonic()
            with pytest.raises(PlatformDown, match="no whole answer within 1 s"):
                ask()
            # A tenth of what the whole answer takes, even on a crowded computer.
            assert time.monotonic() - began < 20
        driver.close()


def test_a_list_that_comes_byte_by_byte_after_a_long_beginning_is_given_up_in_time(kept):
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n" + b" " * (2 * SHORT)

    def answer(connection):
        connection.sendall(start)
        trickle(b" " * 500)(connection)

    began = time.monotonic()
    with pytest.raises(PlatformDown, match="no whole answer"):
        fetched(answer, kept, list_s=1.0)
    assert time.monotonic() - began < 30
    assert not readings()


# --- every answer has a size ---


def test_a_small_answer_that_unpacks_to_gigabytes_takes_no_memory_and_keeps_the_list(kept):
    packer = zlib.compressobj(1, wbits=31)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(1000)) + packer.flush()
    assert len(packed) < 10_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(PlatformDown, match="when unpacked"):
        fetched(whole("200 OK", packed, ["Content-Encoding: gzip"]), kept)
    # In KB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
    assert ids(kept) == ["A1"]


def test_a_flood_of_chunks_is_cut_off_and_keeps_the_list(kept):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(PlatformDown, match="more than 64000000 bytes"):
        fetched(flood(b"HTTP/1.1 200 OK\r\n", b" " * 1_000_000, 2_500), kept)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
    assert ids(kept) == ["A1"]


def test_a_list_that_would_take_gigabytes_when_read_is_given_up_where_it_is_read(kept):
    body = b'{"cursor":"","full":true,"items":[' + b"[]," * 12_000_000 + b"[]]}"
    with pytest.raises(PlatformDown, match="not understood"):
        fetched(whole("200 OK", body), kept)
    assert ids(kept) == ["A1"]


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [(b"no gzip", "gzip"), (gzip.compress(b"x" * 1000, mtime=0)[:-20], "gzip"), (b"x", "br")],
)
def test_what_is_badly_packed_is_said_to_be(packed, encoding):
    with pytest.raises(ValueError, match="compress"):
        b"".join(unpacked([packed], encoding, 10_000))
    with pytest.raises(TooLarge):
        b"".join(unpacked([gzip.compress(bytes(20_000))], "gzip", 10_000))


@pytest.mark.parametrize(
    "answer",
    [
        {"access_token": "a\r\nX: y"},
        {"access_token": "é"},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": "x" * 10_000},
        {"access_token": "x", "expires_in": "NaN"},
        {"access_token": "x", "expires_in": []},
        ["access_token"],
    ],
    ids=str,
)
def test_a_token_that_is_none_is_told(tmp_path, answer):
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    with HostileServer(whole("200 OK", json.dumps(answer).encode())) as server:
        oauth = OAuthConfig(
            token_url=f"{server.url}/token", client_id="g", client_secret_file=secret
        )
        driver = a_driver(server.url, settings={"oauth": oauth})
        with pytest.raises(PlatformDown, match="no token"):
            driver.hand_over(PASSAGE)
        driver.close()


# --- what is not understood ---


@pytest.mark.parametrize(
    "body",
    [
        b"<html>sign in</html>",
        b"[]",
        b"{}",
        b'{"cursor":"1","full":"yes","items":[]}',
        b'{"cursor":"1","full":true,"items":{}}',
        b'{"cursor":"%s","full":true,"items":[]}' % (b"x" * 5000),
        b'{"cursor":"\\ud800","full":true,"items":[]}',
        b'{"cursor":{},"full":true,"items":[]}',
        b'{"cursor":"1","full":true,"items":[],"status":"error"}',
        b'{"error":"the database is away","cursor":"1","full":true,"items":[]}',
        b'{"success":false,"cursor":"1","full":true,"items":[]}',
        b'{"cursor":"1","full":false,"items":[],"full":true}',
        b"[" * 60_000,
        b"[" * 100_000,
        b"7" * 10_000,
        b"\xff\xfe",
        b"",
    ],
    ids=lambda body: f"{body[:30]!r} of {len(body)}",
)
def test_an_answer_that_is_no_list_keeps_the_list_and_makes_it_no_younger(kept, body):
    with pytest.raises(PlatformDown) as down:
        fetched(whole("200 OK", body), kept)
    assert len(str(down.value)) < 500
    assert (ids(kept), kept.cursor, kept.current.as_of) == (["A1"], "7", NOON)


def test_a_whole_list_that_is_mostly_not_understood_keeps_the_last_one(kept):
    bad = [an_item(f"B{n}", state="odd") for n in range(3)]
    with pytest.raises(PlatformDown, match="3 of 5 assignments are not understood"):
        fetched(whole("200 OK", a_list(*bad, an_item("A2"), an_item("A3"), cursor="9")), kept)
    assert (ids(kept), kept.cursor, kept.current.as_of) == (["A1"], "7", NOON)
    # One in the middle of good ones costs nobody else anything, and an empty list is one.
    fetched(whole("200 OK", a_list(bad[0], an_item("A2"), an_item("A3"))), kept)
    assert ids(kept) == ["A2", "A3", "B0"]
    assert kept.current.item("B0").state is AssignmentState.NOT_UNDERSTOOD
    fetched(whole("200 OK", a_list(cursor="9")), kept)
    assert ids(kept) == []


def test_an_item_in_which_a_name_stands_twice_is_not_understood(kept):
    twice = json.dumps(an_item("A2"))[:-1]
    items = [
        twice + ',"state":"active"}',
        twice.replace('"A2"', '"A3"').replace('"text":', '"text":"24C00001","text":') + "}",
        *(json.dumps(an_item(f"A{n}")) for n in (4, 5)),
    ]
    body = f'{{"cursor":"9","full":true,"items":[{",".join(items)}]}}'
    told = fetched(whole("200 OK", body.encode()), kept)
    assert ids(kept) == ["A4", "A5", "A2", "A3"]
    strange = kept.current.not_understood().items
    assert [a.assignment_id for a in strange] == ["A2", "A3"]
    assert "A2: a name stands twice" in told.note


@pytest.mark.parametrize("order", [("cancelled", "active"), ("active", "cancelled")])
def test_an_assignment_that_one_answer_gives_twice_and_otherwise_in_one_revision_is_not_understood(
    kept, order
):
    first, second = (an_item("A2", state=state) for state in order)
    told = fetched(whole("200 OK", a_list(first, second, an_item("A3"), an_item("A3"))), kept)
    assert {a.assignment_id: a.state for a in kept.current.find().items} == {
        "A2": AssignmentState.NOT_UNDERSTOOD,
        "A3": AssignmentState.ACTIVE,
    }
    assert "A2" in told.note
    (doubted,) = kept.current.not_understood().items
    assert "A2: stands there more than once" in doubted.trouble
    # A higher revision says which is meant.
    fetched(whole("200 OK", a_list(first, second, an_item("A2", revision=2), full=False)), kept)
    assert kept.current.item("A2").state is AssignmentState.ACTIVE


@pytest.mark.parametrize(
    "plates",
    [
        [{"text": "24С12345", "country": "VN", "role": "tractor"}],  # A Cyrillic С.
        [{"text": "24C-???", "country": "VN", "role": "tractor"}],
        [],
        None,
        "24C12345",
        [{"text": 24, "role": "tractor"}],
    ],
)
def test_an_item_of_which_no_plate_can_be_read_stands_among_those_that_are_not_understood(
    kept, plates
):
    items = [an_item(f"A{n}") for n in range(3)]
    fetched(whole("200 OK", a_list({**an_item("B1"), "plates": plates}, *items)), kept)
    (item,) = kept.current.not_understood().items
    assert (item.assignment_id, item.plates) == ("B1", ())
    assert "B1: plates" in item.trouble
    for text in ("", "24C12345", "B1"):
        assert "B1" not in {a.assignment_id for a in kept.current.about({text}).items}
    # Once it is understood it is no longer among them, and as it was when the list is sent anew.
    fetched(whole("200 OK", a_list(an_item("B1"), full=False)), kept)
    assert kept.current.not_understood().items == ()
    fetched(
        whole("200 OK", a_list({**an_item("B1", revision=2), "plates": plates}, full=False)), kept
    )
    (item,) = kept.current.not_understood().items
    assert [plate.text for plate in item.plates] == ["24C12345"]


def test_an_item_of_a_megabyte_is_told_in_few_words(tmp_path, caplog):
    platform = Platform()
    platform.start()
    platform.put({**an_item("bad"), "state": "x" * 1_000_000})
    platform.put({**an_item("B" * 1_000_000), "plates": "y" * 1_000_000})
    for n in range(3):
        platform.put(an_item(f"A{n}"))
    journal = open_journal(
        tmp_path / "j", JournalConfig(max_mb=20, ballast_mb=0), "/s/g", SystemClock()
    )
    link = PlatformLink(a_driver(platform.url), tmp_path, journal, SystemClock())
    link.start(lambda book: None, lambda parked: None)
    try:
        wait_for(lambda: len(states(link)) == 4)
        assert states(link)["bad"] == "not_understood"
        assert len(link.book().not_understood().items[0].trouble) < 500
        wait_for(lambda: "bad" in link.status().why)
        assert len(link.status().why) < 500
        assert max(len(record.getMessage()) for record in caplog.records) < 500
    finally:
        link.stop()
        journal.close()
        platform.stop()


def test_nothing_new_is_said_by_204_and_304_too(kept):
    for answer in (b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\n\r\n"):
        kept.current.as_of = NOON
        found = fetched(lambda c, text=answer: c.sendall(text), kept)
        assert (found.heard, found.answer) == (True, None)
        assert kept.current.as_of > NOON
    assert ids(kept) == ["A1"]


def test_a_cursor_that_is_too_old_brings_the_whole_list(kept):
    answers = [whole("410 Gone"), whole("200 OK", a_list(an_item("A2"), cursor="9"))]
    with HostileServer(lambda connection: answers.pop(0)(connection)) as server:
        driver = a_driver(server.url)
        kept.take_up(driver.fetch(kept.cursor))
        driver.close()
        assert [b"cursor=7&" in request for request in server.asked] == [True, False]
    assert (ids(kept), kept.cursor) == (["A2"], "9")


def test_a_platform_that_goes_on_from_no_cursor_is_down_and_the_list_stays(kept):
    with pytest.raises(PlatformDown, match="answers 410"):
        fetched(whole("410 Gone"), kept)
    assert (ids(kept), kept.cursor) == (["A1"], "7")


# --- long lists are read elsewhere ---


def a_long_list():
    items = [an_item(f"A{n}", f"24C{n:05d}", goods="Thanh long Bình Thuận") for n in range(1000)]
    return a_list(*items, an_item("bad", state="odd"), cursor="8")


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_long_list_is_read_in_a_process_of_its_own_and_is_the_same(packed):
    body = a_long_list()
    assert len(body) > SHORT
    words = PlatformWords()
    sent = gzip.compress(body) if packed else body
    pieces = [sent[n : n + 1000] for n in range(0, len(sent), 1000)]
    elsewhere = ListReader(words).read(HTTP, "gzip" if packed else "", pieces)
    here = read_list(HTTP, body, words)
    assert elsewhere == here
    assert (len(here.rows), here.wrong, here.doubted, here.cursor) == (1000, 1, {"bad"}, "8")


def test_a_reading_that_dies_keeps_the_list(kept):
    killed = []

    def answer(connection):
        body = a_long_list()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
        connection.sendall(body[:-100])
        (child,) = wait_for(readings)
        os.kill(child.pid, signal.SIGKILL)
        killed.append(child.pid)
        connection.sendall(body[-100:])

    with pytest.raises(PlatformDown, match="broken off"):
        fetched(answer, kept)
    assert killed
    assert (ids(kept), kept.cursor) == (["A1"], "7")
    assert not readings()


def test_stopping_does_not_wait_for_a_list_that_is_being_read():
    reader = ListReader(PlatformWords())

    def body():
        yield a_long_list()[:-1]
        wait_for(readings)
        reader.stop()
        yield b"}"

    with pytest.raises(UnreadableList, match="broken off"):
        reader.read(HTTP, "", body())


# --- manners ---


@pytest.mark.parametrize("code", ["400 Bad Request", "404 Not Found", "410 Gone"])
def test_a_cursor_that_the_platform_lost_is_given_up_whatever_it_answers(kept, code):
    answers = [whole(code), whole("200 OK", a_list(an_item("A2"), cursor="9"))]
    with HostileServer(lambda connection: answers.pop(0)(connection)) as server:
        driver = a_driver(server.url)
        kept.take_up(driver.fetch("7"))
        driver.close()
        assert [b"cursor=7" in asked for asked in server.asked] == [True, False]
    assert ids(kept) == ["A2"]


@pytest.mark.parametrize("code", [204, 304])
def test_nothing_yet_is_no_failure_and_confirms_no_list(tmp_path, code):
    kept = AssignmentCache(tmp_path)
    found = fetched(lambda c: c.sendall(b"HTTP/1.1 %d Nothing\r\n\r\n" % code), kept)
    assert found.heard
    assert kept.current.as_of is None


@pytest.mark.parametrize(
    ("given", "least", "most"),
    [
        ("37", 37, 37),
        ("999999999999", 600, 600),
        ("-5", 0, 0),
        ("soon", 0, 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 600, 600),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
        ("9" * 5000, 600, 600),
    ],
)
def test_retry_after_is_obeyed_within_bounds(given, least, most):
    head = f"HTTP/1.1 503 Busy\r\nRetry-After: {given}\r\nContent-Length: 0\r\n\r\n".encode()
    with HostileServer(lambda connection: connection.sendall(head)) as server:
        driver = a_driver(server.url)
        for ask in (lambda: driver.fetch("7"), lambda: driver.hand_over(PASSAGE)):
            with pytest.raises(PlatformDown) as raised:
                ask()
            assert least <= raised.value.after_s <= most
        driver.close()


def test_a_platform_that_asks_for_time_is_left_alone_for_so_long(tmp_path):
    head = b"HTTP/1.1 429 Too Many\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n"
    journal = open_journal(tmp_path / "j", JournalConfig(ballast_mb=0), "/s/g", SystemClock())
    with HostileServer(lambda connection: connection.sendall(head)) as server:
        link = PlatformLink(a_driver(server.url), tmp_path, journal, SystemClock())
        rests = []

        def rest(seconds):
            rests.append(seconds)
            link.stop()

        link._loop(link._fetch, lambda why: None, rest)
    journal.close()
    assert rests[0] == 120


@pytest.mark.parametrize(
    ("options", "sent", "basic"),
    [
        ({}, {"grant_type": ["client_credentials"]}, True),
        ({"scope": "gate"}, {"grant_type": ["client_credentials"], "scope": ["gate"]}, True),
        (
            {"secret_in": "form"},
            {
                "grant_type": ["client_credentials"],
                "client_id": ["gate-1"],
                "client_secret": ["s&cret"],
            },
            False,
        ),
    ],
)
def test_the_token_is_asked_for_as_the_platform_wants_it(tmp_path, options, sent, basic):
    secret = tmp_path / "secret"
    secret.write_text("s&cret")
    secret.chmod(0o600)
    answers = [
        whole("200 OK", b'{"access_token": "t", "expires_in": 3600}'),
        whole("200 OK", a_list(an_item())),
    ]
    with HostileServer(lambda connection: answers.pop(0)(connection)) as server:
        oauth = OAuthConfig(
            token_url=f"{server.url}/token",
            client_id="gate-1",
            client_secret_file=secret,
            **options,
        )
        driver = a_driver(server.url, settings={"oauth": oauth})
        driver.fetch("")
        driver.close()
    head, body = server.asked[0].split(b"\r\n\r\n", 1)
    assert parse_qs(body.decode(), keep_blank_values=True) == sent
    assert (b"authorization: basic" in head.lower()) is basic


def test_a_vehicle_of_an_item_that_is_not_understood_is_for_a_person(kept, tmp_path):
    """It was refused as not declared although the platform had declared it."""
    good = [an_item(f"A{n}", f"24C0000{n}") for n in range(5)]
    strange = an_item("B1", "29C11111", valid_to="2099-01-01T10:00:00")
    fetched(whole("200 OK", a_list(*good, strange)), kept)
    told = decide_on("29C11111", kept)
    assert (told.verdict, told.reason) == (Verdict.REFER, Reason.NOT_UNDERSTOOD)
    assert told.assignment == "B1"
    assert "valid_to" in told.detail
    assert decide_on("29C22222", kept).reason is Reason.NOT_DECLARED
    # After a restart as well, until one comes that is understood.
    kept.close()
    again = AssignmentCache(tmp_path)
    assert decide_on("29C11111", again).reason is Reason.NOT_UNDERSTOOD
    fetched(whole("200 OK", a_list(an_item("B1", "29C11111", state="held"), full=False)), again)
    assert decide_on("29C11111", again).reason is Reason.HELD
    assert again.current.not_understood().items == ()
    again.close()


def test_of_an_assignment_that_is_changed_to_something_strange_the_plates_of_both_are_for_a_person(
    kept,
):
    fetched(whole("200 OK", a_list(an_item("A1", "24C00001"))), kept)
    strange = an_item("A1", "24C00002", revision=2, direction="out")
    fetched(whole("200 OK", a_list(strange, full=False)), kept)
    for plate in ("24C00001", "24C00002"):
        assert decide_on(plate, kept).reason is Reason.NOT_UNDERSTOOD
    assert kept.current.count == 1


def test_an_item_without_an_id_that_can_be_read_is_known_by_its_plates(kept):
    strange = an_item("x" * 81, "29C11111")
    fetched(whole("200 OK", a_list(an_item("A1"), strange, full=False)), kept)
    assert decide_on("29C11111", kept).reason is Reason.NOT_UNDERSTOOD


def decide_on(plate, kept):
    read = PlateView(plate, plate, "VN", "yellow", 1, 0.99, True)
    policy = LanePolicy("out1", "export", (), timedelta(hours=4), 6.0)
    return decide(
        (read,),
        Vehicle("truck"),
        AssignmentBook(kept.current.about({plate}).items, NOON),
        policy,
        NOON,
    )
