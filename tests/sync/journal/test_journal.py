"""The journal: numbered, chained, committed, and nothing lost that it said it has."""

import json
import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.config import ConsumerConfig, CustomsConfig, JournalConfig
from edge.domain.events import ALARM_RAISED, DEVICE_STATE, PASSAGE_COMPLETED, PLATE_READ, Event
from edge.sync.customs.relay import MqttRelay
from edge.sync.journal import highwater, sql
from edge.sync.journal.chain import GENESIS, digest, signed_part
from edge.sync.journal.journal import FILE, open_journal
from edge.sync.journal.port import Unrecorded
from edge.sync.journal.reading import MOST_PLATES
from edge.sync.journal.restoring import restore
from edge.sync.journal.retention import CHECK_EVERY_S
from edge.sync.journal.signing import GateKey, verifies
from edge.sync.journal.verify import verify_chain
from edge.system.clock import ManualClock
from tests.support.builders import NOON

CONFIG = JournalConfig(max_mb=20, ballast_mb=1)
TWO_CONSUMERS = CustomsConfig(
    host="127.0.0.1", consumers=(ConsumerConfig(name="customs"), ConsumerConfig(name="port"))
)


@pytest.fixture
def make(tmp_path):
    made = []

    def open_(folder=tmp_path / "j", config=CONFIG, clock=None, trusted=lambda: False):
        journal = open_journal(folder, config, "/s/g", clock or ManualClock(NOON), trusted)
        made.append(journal)
        return journal

    yield open_
    for journal in made:
        journal.close()


def an_event(n=0, type=PLATE_READ, **data):
    return Event(type, "out1", NOON + timedelta(seconds=n), {"plate": f"24C{n:05d}", **data})


def test_events_are_numbered_and_chained(make):
    journal = make()
    one, two = journal.record([an_event(1), an_event(2)])
    assert (one.sequence, two.sequence) == (1, 2)
    assert one.previous_hash == GENESIS
    assert two.previous_hash == one.hash
    body = json.loads(journal.after(0, 10)[0][3])
    assert digest(body) == body["hash"]


def test_each_event_is_signed_and_its_signature_is_part_of_what_is_chained(make):
    journal = make()
    journal.record([an_event(1), an_event(2)])
    for *_, text in journal.after(0, 10):
        body = json.loads(text)
        assert verifies(journal.key.public, signed_part(body), body["signature"])
        assert digest({**body, "signature": "x"}) != body["hash"]
        assert not verifies(
            journal.key.public, signed_part({**body, "sequence": "9"}), body["signature"]
        )


def test_a_series_that_somebody_else_signed_is_found(make):
    journal = make()
    journal.record([an_event(1), an_event(2)])
    stranger = GateKey(Ed25519PrivateKey.generate()).public
    assert verify_chain(journal.all_rows(), [], journal.key.public) == (2, [])
    assert verify_chain(journal.all_rows(), [], stranger) == (
        2,
        ["event 2: its signature is not this gate's"],
    )


def test_events_from_before_they_were_signed_are_whole_without(make):
    journal = make()
    journal.record([an_event(1)])
    body = json.loads(journal.after(0, 1)[0][3])
    del body["signature"]
    body["hash"] = digest(body)
    rows = [(1, body["hash"], json.dumps(body))]
    assert verify_chain(rows, [], journal.key.public) == (1, [])


def test_events_and_the_state_they_report_are_committed_together(make):
    journal = make()
    journal.record([an_event(1)], {"lane:out1": {"state": "admitted"}})
    with pytest.raises(Unrecorded):
        journal.record([an_event(2)], {"lane:out1": {"state": object()}})
    assert journal.state("lane:out1") == {"state": "admitted"}
    assert journal.last_sequence() == 1


def test_a_reopened_journal_goes_on_where_it_was(make, tmp_path):
    first = make()
    first.record([an_event(1)])
    first.close()
    again = make()
    (two,) = again.record([an_event(2)])
    assert two.sequence == 2
    count, faults = verify_chain(again.all_rows(), again.checkpoints(), again.key.public)
    assert (count, faults) == (2, [])


def test_many_threads_record_without_gap_or_double(make):
    journal = make()

    def work(k):
        for n in range(25):
            journal.record([an_event(k * 100 + n)])

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row[0] for row in journal.after(0, 1000)] == list(range(1, 201))


def test_a_changed_row_and_a_cut_tail_are_found(make):
    journal = make()
    journal.record([an_event(n) for n in range(5)])
    journal.close()
    with sqlite3.connect(journal.file) as db:
        db.execute("UPDATE events SET body = replace(body, '24C00002', '99X99999') WHERE seq = 3")
        db.execute("DELETE FROM events WHERE seq = 5")
    db.close()
    again = make()
    _, faults = verify_chain(again.all_rows(), again.checkpoints(), again.key.public)
    assert any("event 3" in f and "changed" in f for f in faults)
    assert any("tail is cut" in f for f in faults)


def test_a_corrupt_file_is_put_aside_and_numbers_are_never_given_again(make):
    journal = make()
    journal.record([an_event(n) for n in range(3)])
    journal.close()
    journal.file.write_bytes(b"this is no database" * 100)
    again = make()
    assert again.quarantined is not None
    assert again.quarantined.exists()
    (event,) = again.record([an_event(9)])
    assert event.sequence > highwater.STEP


def test_a_full_journal_drops_the_lowest_class_first_and_counts(make, tmp_path):
    journal = make(tmp_path / "small", JournalConfig(max_mb=8, ballast_mb=0))
    filler = "x" * 50_000

    def fill():
        for n in range(400):
            journal.record([an_event(n, ALARM_RAISED, filler=filler)])

    with pytest.raises(Unrecorded):
        fill()
    before = journal.last_sequence()
    journal.record([an_event(1, PLATE_READ, filler=filler)])
    assert journal.last_sequence() == before
    assert journal.losses().dropped == {PLATE_READ: 1}


def test_acknowledged_rows_make_room_when_it_is_full(make, tmp_path):
    journal = make(tmp_path / "small", JournalConfig(max_mb=8, ballast_mb=0))
    filler = "x" * 50_000
    for n in range(300):
        (event,) = journal.record([an_event(n, ALARM_RAISED, filler=filler)])
        journal.acknowledge("customs", event.sequence)
    assert journal.last_sequence() == 300


def test_what_a_consumer_that_never_answered_lacks_is_kept_when_it_is_full(make, tmp_path):
    journal = make(tmp_path / "small", JournalConfig(max_mb=8, ballast_mb=0))
    MqttRelay(TWO_CONSUMERS, "s", "g", journal, lambda *_: None, ManualClock(NOON))

    def fill():
        for n in range(300):
            (event,) = journal.record([an_event(n, ALARM_RAISED, filler="x" * 50_000)])
            journal.acknowledge("customs", event.sequence)

    with pytest.raises(Unrecorded):
        fill()
    assert [row[0] for row in journal.after(0, 1)] == [1]
    journal.acknowledge("port", journal.last_sequence())
    journal.record([an_event(300, ALARM_RAISED)])


def test_every_moment_of_a_power_cut_reopens_with_all_that_was_acknowledged(make, tmp_path):
    """Copies of the files after each commit, the log cut anywhere: what was committed stays."""
    source = tmp_path / "live"
    journal = make(source)
    journal.record([an_event(0)])
    for n in range(1, 8):
        wal = source / f"{FILE}-wal"
        kept = wal.stat().st_size
        journal.record([an_event(n)])
        data = wal.read_bytes()
        for cut in sorted({kept, (kept + len(data)) // 2, len(data) - 1, len(data)}):
            folder = tmp_path / f"cut-{n}-{cut}"
            shutil.copytree(source / "keys", folder / "keys")
            shutil.copy(source / FILE, folder / FILE)
            (folder / f"{FILE}-wal").write_bytes(data[:cut])
            again = make(folder)
            last = again.last_sequence()
            assert last in (n, n + 1), "an acknowledged row is gone"
            assert last == n + 1 or cut < len(data)
            assert verify_chain(again.all_rows(), [], again.key.public)[1] == []
            again.close()


def test_searches_find_by_type_lane_plate_and_page(make):
    journal = make()
    journal.record([an_event(n) for n in range(30)])
    journal.record([Event(DEVICE_STATE, "in1", NOON, {})])
    assert len(journal.recent(types=[PLATE_READ], limit=10)) == 10
    assert journal.recent(plate="00007")[0].event.data["plate"] == "24C00007"
    assert journal.recent(lane="in1")[0].event.type == DEVICE_STATE
    page = journal.recent(limit=5)
    assert journal.recent(before=page[-1].sequence, limit=1)[0].sequence == page[-1].sequence - 1


def test_a_passage_is_found_by_the_plate_of_its_trailer_too(make):
    journal = make()
    trailers = [{"text": "51R01234", "country": "VN"}]
    journal.record([an_event(), an_event(1, PASSAGE_COMPLETED, trailers=trailers)])
    assert [r.event.type for r in journal.recent(plate="51R01234")] == [PASSAGE_COMPLETED]
    assert [r.event.type for r in journal.recent(plate="24C00001")] == [PASSAGE_COMPLETED]


def test_a_part_of_a_plate_is_found_whether_few_or_many_have_it(make):
    journal = make()
    plates = [f"24C{n:05d}" for n in range(MOST_PLATES + 50)]
    journal.record([Event(PLATE_READ, "out1", NOON, {"plate": p}) for p in plates])
    rare = journal.recent(types=[PLATE_READ], plate="C00042")
    assert [r.event.data["plate"] for r in rare] == ["24C00042"]
    many = journal.recent(types=[PLATE_READ], plate="4C", limit=1000)
    assert [r.event.data["plate"] for r in many] == plates[::-1]
    assert journal.recent(plate="99Z") == []
    assert journal.recent(plate="C00042", lane="in9") == []


def test_a_journal_of_the_first_version_is_taken_over_with_its_plates(make, tmp_path):
    folder = tmp_path / "j"
    folder.mkdir()
    with closing(sqlite3.connect(folder / FILE)) as old, old:
        old.executescript(f"{sql.MIGRATIONS[0]} PRAGMA user_version = 1;")
        body = '{"id":"a","type":"bordergate.plate.read.v1","subject":"out1","time":'
        body += '"2026-01-15T08:00:00.000Z","sequence":"1","previoushash":"","hash":"",'
        body += '"data":{"plate":"24C12345"}}'
        row = (1, "a", PLATE_READ, "out1", "2026-01-15T08:00:00.000Z", "24C12345", "", body)
        old.execute(sql.INSERT_EVENT, row)
    old.close()
    assert len(make().recent(plate="C123")) == 1


def test_counts_by_hour_are_kept_with_the_events(make):
    journal = make()
    journal.record([an_event(n) for n in range(30)])
    ((hour, lane, count),) = journal.counts_by_hour(PLATE_READ, NOON - timedelta(days=1))
    assert (hour.hour, lane, count) == (NOON.hour, "out1", 30)


def test_a_jump_of_the_wall_clock_changes_neither_order_nor_chain(make):
    clock = ManualClock(NOON)
    journal = make(clock=clock)
    for jump in (0, 10 * 365 * 86400, -20 * 365 * 86400):
        clock.jump_wall(jump)
        journal.record([Event(PLATE_READ, "out1", clock.now().wall, {})])
    assert verify_chain(journal.all_rows(), [], journal.key.public) == (3, [])


@pytest.mark.parametrize("trusted", [True, False])
def test_events_past_their_time_go_only_by_a_clock_that_a_time_server_holds(make, trusted):
    clock = ManualClock(NOON)
    journal = make(clock=clock, trusted=lambda: trusted)
    journal.record([an_event(n) for n in range(3)])
    journal.acknowledge("customs", 3)
    clock.jump_wall(2 * 365 * 86400)
    clock.advance(CHECK_EVERY_S)
    journal.record([an_event(4)])
    journal.record([an_event(5)])
    assert len(journal.after(0, 10)) == (2 if trusted else 5)


def test_each_event_says_whether_the_clock_was_trusted_just_then(make):
    word = [True]
    journal = make(trusted=lambda: word[0])
    for said in (True, False, True):
        word[0] = said
        journal.record([an_event()])
    reported = [json.loads(row[3])["clocktrusted"] for row in journal.after(0, 10)]
    assert reported == [True, False, True]


def test_a_backup_is_whole_while_the_journal_is_written(make, tmp_path):
    journal = make()
    journal.record([an_event(n) for n in range(50)])
    journal.backup(tmp_path / "copy.db")
    db = sqlite3.connect(tmp_path / "copy.db")
    assert db.execute("SELECT count(*) FROM events").fetchone() == (50,)
    db.close()


def test_a_consumers_position_only_rises(make):
    journal = make()
    journal.record([an_event(n) for n in range(5)])
    for through in (3, 1, 99):
        journal.acknowledge("customs", through)
    assert journal.through("customs") == 5
    assert journal.through("nobody") == 0


def test_a_restored_copy_never_gives_a_number_again(make, tmp_path):
    journal = make()
    journal.record([an_event(n) for n in range(3)])
    copy = tmp_path / "copy.db"
    journal.backup(copy)
    journal.record([an_event(n) for n in range(4)])
    journal.close()
    kept = restore(copy, journal.file)
    assert kept is not None
    assert kept.exists()
    again = make()
    (event,) = again.record([an_event(9)])
    assert event.sequence == 8


@pytest.mark.parametrize("left", [None, b"this is no database" * 100])
def test_a_copy_put_where_the_journal_is_lost_goes_on_above_all_numbers(make, tmp_path, left):
    journal = make()
    journal.record([an_event(n) for n in range(3)])
    copy = tmp_path / "copy.db"
    journal.backup(copy)
    journal.close()
    journal.file.unlink()
    if left:
        journal.file.write_bytes(left)
    restore(copy, journal.file)
    again = make()
    (event,) = again.record([an_event(9)])
    assert event.sequence > highwater.STEP
    assert len(again.after(0, 10)) == 4
