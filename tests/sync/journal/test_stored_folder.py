"""A data folder written before the rooms were made is opened, and nothing of it is lost."""

import re
import shutil
from pathlib import Path

import pytest

from edge.config import JournalConfig, load
from edge.console.users import UserStore
from edge.domain import alarms
from edge.lane import snapshot
from edge.lane.state import LaneState
from edge.lane.vocabulary import Stage
from edge.sync.customs.keyring import Keyring
from edge.sync.journal.journal import open_journal
from edge.sync.platform.assignment_cache import AssignmentCache
from edge.sync.platform.passage_queue import KEY
from edge.system.clock import ManualClock
from tests.support.builders import NOON
from tests.support.command_line import gate

ROOT = Path(__file__).parents[3]
STORED = ROOT / "tests" / "stored"
CONFIGURATIONS = STORED / "configurations_before_the_rooms"


def a_copy(of, tmp_path):
    made = tmp_path / "data"
    shutil.copytree(STORED / of, made)
    (made / "keys").chmod(0o700)
    for file in made.rglob("*.*"):
        file.chmod(0o600)
    return made


@pytest.fixture
def folder(tmp_path):
    return a_copy("before_the_rooms", tmp_path)


@pytest.fixture
def busy(tmp_path):
    """Of a gate that was ended in the middle of everything."""
    return a_copy("before_the_rooms_busy", tmp_path)


def test_events_states_and_parked_passages_are_all_there(folder):
    clock = ManualClock(NOON)
    journal = open_journal(folder, JournalConfig(max_mb=20, ballast_mb=0), "/kim-thanh/gate", clock)
    try:
        assert journal.quarantined is None
        assert [r.event.type for r in journal.recent()] == [
            "passage.completed", "passage.decided", "plate.read",
        ]  # fmt: skip
        lane = snapshot.revive("out1", journal.state("lane:out1"), clock.now(), 6.0)
        assert lane.state is LaneState.ADMITTED
        assert lane.passage is not None
        assert (lane.passage.id, lane.passage.plate) == ("p1", "24C12345")
        (parked,) = journal.states_under(KEY).values()
        assert (parked["sequence"], parked["why"]) == (3, "http 500")
    finally:
        journal.close()


def test_its_chain_is_whole(folder):
    config = folder.parent / "gate.toml"
    text = (CONFIGURATIONS / "gate.toml").read_text(encoding="utf-8")
    config.write_text(re.sub(r"(?m)^data_folder = .*$", f'data_folder = "{folder}"', text))
    done = gate("journal", "verify", "--config", config)
    assert (done.returncode, done.stderr) == (0, "")


def test_its_users_sign_in(folder):
    user = UserStore(folder).verify("thu", "mật khẩu dài 12")
    assert user is not None
    assert user.role == "supervisor"


@pytest.mark.parametrize("name", ["gate.toml", "site.example.toml"])
def test_its_configuration_is_read(name):
    assert len(load(CONFIGURATIONS / name).lanes) == 2


STAGES = {
    "empty": (Stage.RESUMING_EMPTY, ""),
    "reading": (Stage.RESUMING_STANDING, "24C12345"),
    "waiting": (Stage.RESUMING_STANDING, "24C12345"),
    "rejected": (Stage.RESUMING_REJECTED, "24C12345"),
    "admitted": (Stage.RESUMING_ADMITTED, "24C12345"),
    "crossing": (Stage.RESUMING_CROSSING, "24C54321"),
}
"""By the name of the lane: where its passage goes on, and with which plate."""


def test_every_lane_goes_on_with_its_vehicle_and_everything_that_stood_stands(busy):
    clock = ManualClock(NOON)
    journal = open_journal(busy, JournalConfig(max_mb=20, ballast_mb=0), "/kim-thanh/gate", clock)
    try:
        assert (journal.quarantined, journal.lost) == (None, ())
        for name, wanted in STAGES.items():
            lane = snapshot.revive(name, journal.state(f"lane:{name}"), clock.now(), 6.0)
            assert (lane.stage, lane.passage.plate if lane.passage else "") == wanted
            assert lane.passage is None or lane.passage.id == f"p-{name}"
        standing = alarms.revive(journal.state("alarms")).standing
        assert [(a.code, a.lane, a.acknowledged_by) for a in standing] == [
            ("tailgate", "admitted", ""), ("wire_lost", "reading", ""),
            ("held_long", "waiting", "thu"),
        ]  # fmt: skip
        assert journal.consumers() == {"customs": 4, "yard": 0}
        assert [p["sequence"] for p in journal.states_under(KEY).values()] == [3, 5]
        assert journal.state("command-counter:customs") == {"counter": 41}
        assert (journal.state("command-answer:c1") or {})["outcome"] == "pending"
        assert journal.state("journal:told") == {"told": {"plate.read": 2}, "before": {}}
    finally:
        journal.close()


def test_its_list_its_spent_assignments_and_its_issuers_are_known(busy):
    cache = AssignmentCache(busy, trusted=lambda: False)
    try:
        assert (cache.cursor, cache.current.as_of) == ("c7", NOON)
        found = cache.current.find(most=10).items
        assert {a.assignment_id: a.state.value for a in found} == {
            "A1": "active",
            "A2": "active",
            "A3": "used",
        }
        assert {plate.text for plate in cache.current.item("A2").plates} == {"29C11111", "51R00001"}
    finally:
        cache.close()
    assert [key.issuer for key in Keyring(busy / "keys").all()] == ["customs"]
