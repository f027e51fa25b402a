"""A platform that is only a folder: lists in, passages out, whatever a file share does."""

import json
import time

import pytest

from edge.config import FolderPlatformConfig, JournalConfig, PlatformWords
from edge.domain.assignment import AssignmentState
from edge.domain.events import PASSAGE_COMPLETED, Event
from edge.domain.moment import iso
from edge.sync.journal.journal import open_journal
from edge.sync.platform.folder import ERRORS, FolderPlatform
from edge.sync.platform.folder_list import read_csv, read_json
from edge.sync.platform.link import PlatformLink
from edge.system.clock import SystemClock
from tests.support.builders import NOON
from tests.support.platform_items import an_item, states
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)
HEAD = "assignment_id,plates,direction,lanes,valid_from,valid_to,state,clearances,priority\n"
LATER = "2099-01-15T08:00:00.000Z"


def a_row(id="A1", plates="24C-123.45", lanes="out1 out2", more=",,"):
    return f"{id},{plates},export,{lanes},{iso(NOON)},{LATER},{more}\n"


class Yard:
    """A share, a journal and the link between them."""

    def __init__(self, folder):
        self.share, self.data = folder / "share", folder / "data"
        self.share.mkdir()
        config = JournalConfig(max_mb=20, ballast_mb=0)
        self.journal = open_journal(self.data, config, "/s/g", SystemClock())
        self.open()

    def open(self):
        config = FolderPlatformConfig(
            kind="folder", folder=self.share, look_every_s=0.1, settle_s=0.2
        )
        clock = SystemClock()
        driver = FolderPlatform(config, clock)
        self.link = PlatformLink(driver, self.data, self.journal, clock)
        self.link.start(lambda book: None, lambda parked: None)

    def put(self, text, name="assignments.csv"):
        (self.share / name).write_text(text, encoding="utf-8")

    def plates(self):
        return sorted(p.text for a in self.link.book().find().items for p in a.plates)

    def complete(self, passage):
        data = {"passage": passage, "plate": "24C12345", "verdict": "allow"}
        self.journal.record([Event(PASSAGE_COMPLETED, "out1", NOON, data)])
        self.link.wake()

    def handed_over(self):
        files = sorted((self.share / "passages").glob("*.json"))
        return [json.loads(f.read_text(encoding="utf-8"))["passage"] for f in files]

    def close(self):
        self.link.stop()
        self.journal.close()


@pytest.fixture
def yard(tmp_path):
    made = Yard(tmp_path)
    yield made
    made.close()


def test_a_csv_row_becomes_an_assignment_with_tractor_and_trailer():
    clearances = "held,customs=done yard=pending,5"
    items, wrong = read_csv(HEAD + a_row(plates="24C-123.45+51R-012.34", more=clearances))
    assert wrong == []
    (item,) = items
    assert [(p.text, p.country, p.role) for p in item.plates] == [
        ("24C12345", "VN", "tractor"),
        ("51R01234", "VN", "trailer"),
    ]
    assert item.lanes == ("out1", "out2")
    assert item.state is AssignmentState.HELD
    assert [(c.authority, c.state) for c in item.clearances] == [
        ("customs", "done"),
        ("yard", "pending"),
    ]
    assert item.priority == 5


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (a_row(lanes="out1", more="open,,"), "line 3: assignment A1: state"),
        (a_row(more=",customs=maybe,"), "clearances"),
        ("A1,24C12345,export,out1,yesterday," + LATER + ",,,\n", "valid_from"),
        ("A1,24C12345,export\n", "line 3: it has more or fewer fields"),
        (a_row(more=",,urgent"), "line 3: priority: a whole number"),
    ],
)
def test_a_wrong_row_is_named_and_the_others_are_taken(row, what):
    items, wrong = read_csv(HEAD + a_row("A0", "24C00001") + row)
    assert [i.assignment_id for i in items] == ["A0"]
    assert what in wrong[0].why


def test_a_list_may_have_words_of_its_own():
    words = PlatformWords(states={"duyệt": "active"}, clearance_states={"xong": "done"})
    row = a_row(more="duyệt,customs=xong,")
    (item,), wrong = read_csv(HEAD + row, words)
    assert wrong == []
    assert (item.state, item.clearances[0].state) == (AssignmentState.ACTIVE, "done")
    assert "xong" in read_csv(HEAD + row)[1][0].why


def test_missing_columns_and_broken_json_are_told():
    assert "columns are missing: plates" in read_csv("assignment_id;direction\n")[1][0].why
    assert "not JSON" in read_json("[{")[1][0].why
    assert "a list of assignments" in read_json('"x"')[1][0].why
    assert read_json(json.dumps({"items": [an_item()]}))[0][0].assignment_id == "A1"


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ((HEAD + a_row()).encode("utf-16"), "it is UTF-16; save it as UTF-8"),
        (HEAD.replace("plates", "plates,plates").encode(), "columns stand there twice: 'plates'"),
        ((HEAD + a_row("x" * 200_000)).encode(), "no CSV: field larger"),
    ],
    ids=["UTF-16", "a column twice", "a field without an end"],
)
def test_a_file_that_is_no_list_is_told_and_changes_nothing(yard, file, what):
    yard.put(HEAD + a_row("A1", "24C00001"))
    wait_for(lambda: yard.plates() == ["24C00001"])
    (yard.share / "new").write_bytes(file)
    (yard.share / "new").rename(yard.share / "assignments.csv")
    wait_for(lambda: (yard.share / ERRORS).exists())
    assert what in (yard.share / ERRORS).read_text(encoding="utf-8")
    assert yard.plates() == ["24C00001"]


def test_a_list_with_the_line_ends_of_an_old_mac_is_read():
    items, wrong = read_csv((HEAD + a_row("A1") + a_row("A2")).replace("\n", "\r"))
    assert ([i.assignment_id for i in items], wrong) == (["A1", "A2"], [])


def test_a_quotation_mark_that_is_not_closed_swallows_no_row_silently():
    head = HEAD.replace("\n", ",goods\n")
    rows = [a_row(f"A{n}").replace("\n", ",fruit\n") for n in range(9)]
    rows[0] = a_row("A0").replace("\n", ',"rice,\nfresh"\n') + "\n"
    rows[3] = a_row("A3").replace("\n", ',"fruit\n')
    items, wrong = read_csv(head + "".join(rows))
    assert [i.assignment_id for i in items] == ["A0", "A1", "A2"]
    assert [w.why.split(":")[0] for w in wrong] == [f"line {n}" for n in range(7, 13)]
    assert "not closed" in wrong[0].why


def test_an_assignment_that_stands_there_twice_and_differs_is_not_understood(yard):
    yard.put(HEAD + a_row("A1", "24C00001") + a_row("A1", "24C00002") + a_row("A2", "24C00003"))
    wait_for(lambda: states(yard.link) == {"A1": "not_understood", "A2": "active"})
    wait_for(lambda: (yard.share / ERRORS).exists())
    assert "A1: stands there more than once" in (yard.share / ERRORS).read_text(encoding="utf-8")


def test_a_new_list_replaces_the_old_one(yard):
    yard.put(HEAD + a_row("A1", "24C00001") + a_row("A2", "24C00002"))
    wait_for(lambda: yard.plates() == ["24C00001", "24C00002"])
    yard.put(HEAD + a_row("A2", "24C00002"))
    wait_for(lambda: yard.plates() == ["24C00002"])


def test_what_is_wrong_is_written_beside_the_list_and_goes_when_it_is_right(yard):
    yard.put(HEAD + a_row("A1", "24C00001") + "A2,x\n")
    wait_for(lambda: (yard.share / ERRORS).exists())
    assert "line 3" in (yard.share / ERRORS).read_text(encoding="utf-8")
    wait_for(lambda: yard.plates() == ["24C00001"])
    wait_for(lambda: "1 rows not understood" in yard.link.status().why)
    yard.put(HEAD + a_row("A1", "24C00001"))
    wait_for(lambda: not (yard.share / ERRORS).exists())


def test_a_list_that_cannot_be_read_at_all_does_not_wipe_the_good_one(yard):
    yard.put(HEAD + a_row("A1", "24C00001"))
    wait_for(lambda: yard.plates() == ["24C00001"])
    yard.put("<html>share login</html>")
    wait_for(lambda: (yard.share / ERRORS).exists())
    as_of = yard.link.book().as_of
    # Looked at once more.
    yard.put("<html>share login again</html>")
    (yard.share / ERRORS).unlink()
    wait_for(lambda: (yard.share / ERRORS).exists())
    assert yard.plates() == ["24C00001"]
    # Nobody has confirmed the good one since.
    assert yard.link.book().as_of == as_of


def test_a_file_that_is_still_being_written_is_waited_for(yard):
    text = HEAD + "".join(a_row(f"A{n}", f"24C{n:05d}") for n in range(20))
    for end in range(100, len(text), 100):
        yard.put(text[:end])
        time.sleep(0.02)
        assert yard.plates() == []
    yard.put(text)
    wait_for(lambda: len(yard.plates()) == 20)


def test_who_has_no_cursor_gets_the_list_that_was_taken_once_more(tmp_path):
    (tmp_path / "assignments.csv").write_text(HEAD + a_row(), encoding="utf-8")
    config = FolderPlatformConfig(kind="folder", folder=tmp_path, settle_s=0)
    driver = FolderPlatform(config, SystemClock())
    first = driver.fetch("").answer
    assert driver.fetch(first.cursor).answer is None
    assert driver.fetch("").answer.cursor == first.cursor
    driver.close()


def test_each_passage_is_handed_over_once_and_in_order_over_an_outage(yard):
    yard.put(HEAD + a_row())
    wait_for(lambda: yard.link.status().connected)
    yard.complete("p1")
    wait_for(lambda: yard.handed_over() == ["p1"])
    away = yard.share.with_name("away")
    yard.share.rename(away)
    yard.complete("p2")
    wait_for(lambda: "mounted" in yard.link.status().why)
    assert yard.link.status().waiting == 1
    yard.link.stop()
    away.rename(yard.share)
    yard.open()
    yard.complete("p3")
    wait_for(lambda: yard.handed_over() == ["p1", "p2", "p3"])
    wait_for(lambda: yard.link.status().waiting == 0)


def test_the_list_survives_a_restart_without_the_share_and_grows_no_younger(yard):
    yard.put(HEAD + a_row("A1", "24C00001"))
    wait_for(lambda: yard.plates() == ["24C00001"])
    yard.link.stop()
    as_of = yard.link.book().as_of
    (yard.share / "assignments.csv").unlink()
    yard.open()
    wait_for(lambda: "assignments.json" in yard.link.status().why)
    assert yard.plates() == ["24C00001"]
    assert yard.link.book().as_of <= as_of


def test_a_used_assignment_stays_used_though_the_list_still_has_it(yard):
    yard.put(HEAD + a_row("A1", "24C00001"))
    wait_for(lambda: yard.plates() == ["24C00001"])
    yard.link.spend("A1")
    yard.put(HEAD + a_row("A1", "24C00001") + a_row("A2", "24C00002"))
    wait_for(lambda: len(yard.plates()) == 2)
    states = {a.assignment_id: a.state for a in yard.link.book().find().items}
    assert states == {"A1": AssignmentState.USED, "A2": AssignmentState.ACTIVE}


def test_what_a_crash_kept_from_being_noted_is_taken_up_after_it(yard):
    yard.put(HEAD + a_row("A1", "24C00001"))
    wait_for(lambda: yard.plates() == ["24C00001"])
    assert yard.link.restore_spent({"A1": 0, "gone": 3}) == []
    assert yard.link.book().find().items[0].state is AssignmentState.USED
