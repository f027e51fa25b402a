"""A file that is gone or emptied while its neighbours are there is told, and nothing begins anew
without a word."""

import shutil

import pytest

from edge.assembly import Assembly
from edge.config import load
from edge.console.users import UserStore
from edge.domain.alarm_codes import AlarmCode
from edge.domain.events import PLATE_READ, Event
from edge.gate.monitors.data import HAD_USERS
from edge.gate.remote_commands import COUNTER
from edge.sync.customs.keyring import Keyring
from edge.sync.journal.highwater import STEP
from edge.sync.journal.journal import open_journal
from edge.system.clock import ManualClock
from tests.support.builders import NOON, a_configuration


class Place:
    """A gate that has run before; `opens` starts it again, without cameras and console."""

    def __init__(self, folder):
        (folder / "gate.toml").write_text(a_configuration("[journal]\nballast_mb = 0\n"))
        self.settings = load(folder / "gate.toml")
        self.data = self.settings.data_folder
        journal = self.journal()
        journal.record([Event(PLATE_READ, "out1", NOON, {"plate": "24C12345"}) for _ in range(9)])
        journal.record([], {f"{COUNTER}customs": {"counter": 4}, HAD_USERS: {}})
        journal.close()
        UserStore(self.data).add("lan", "administrator", "mat-khau-dai")
        Keyring(self.data / "keys").make("customs")
        self.gate = None

    def journal(self):
        return open_journal(self.data, self.settings.journal, "/s/g", ManualClock(NOON))

    def opens(self):
        """What it tells of lost data, or None."""
        self.close()
        self.gate = Assembly(self.settings)
        self.gate.open()
        self.gate.monitors.data.check()
        return self.reported()

    def reported(self):
        found = [a.text for a in self.gate.alarms.standing if a.code == AlarmCode.DATA_LOST]
        return found[0] if found else None

    def close(self):
        if self.gate is not None:
            self.gate.guards.stop()
            self.gate.journal.close()
            self.gate._alone.leave()
            self.gate = None


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    made.close()


def test_a_gate_that_has_everything_tells_nothing(place):
    assert place.opens() is None
    assert place.gate.first_administrator() is None


@pytest.mark.parametrize("how", ["missing", "empty"])
@pytest.mark.parametrize("noted", [True, False])
def test_a_journal_that_is_gone_is_told_and_its_numbers_are_not_given_again(place, how, noted):
    file = place.data / "journal.db"
    file.unlink()
    if how == "empty":
        file.touch()
    if not noted:
        (place.data / "highwater").unlink()
    reported = place.opens()
    assert f"{file} was {how}" in reported
    assert "restore" in reported
    if noted:
        assert place.gate.journal.last_sequence() >= STEP
    # Told until a person has seen it, also over a restart.
    assert place.opens() == reported
    place.gate.alarms.acknowledge_alarm(AlarmCode.DATA_LOST, "gate", "lan")
    assert place.reported() is None
    assert place.opens() is None


def test_what_the_log_of_a_lost_journal_holds_is_not_thrown_away(place):
    journal = place.journal()
    journal.record([Event(PLATE_READ, "out1", NOON, {"plate": "29B99999"})])
    shutil.copy(place.data / "journal.db-wal", place.data / "kept")
    journal.close()
    (place.data / "journal.db").unlink()
    (place.data / "kept").replace(place.data / "journal.db-wal")
    reported = place.opens()
    (log,) = place.data.glob("journal-lost-*.db-wal")
    assert str(log) in reported
    assert b"29B99999" in log.read_bytes()


def test_a_cut_journal_is_put_aside_and_told(place):
    with (place.data / "journal.db").open("r+b") as file:
        file.truncate(20_000)
    place.opens()
    assert place.gate.journal.quarantined is not None


def test_a_gates_key_that_is_gone_is_told(place):
    (place.data / "keys" / "gate.pem").unlink()
    assert "keys/gate.pem was missing" in place.opens()


@pytest.mark.parametrize("how", ["missing", "empty", "nobody", "cut"])
def test_users_that_are_gone_are_told_and_no_new_administrator_is_made(place, how):
    file = place.data / "users.json"
    match how:
        case "missing":
            file.unlink()
        case "empty":
            file.write_bytes(b"")
        case "nobody":
            file.write_bytes(b"[]")
        case "cut":
            file.write_bytes(file.read_bytes()[:40])
    assert "users.json" in place.opens()
    assert place.gate.first_administrator() is None
    place.gate.alarms.acknowledge_alarm(AlarmCode.DATA_LOST, "gate", "lan")
    place.gate.monitors.data.check()
    # Seen, but not mended.
    assert "users.json" in place.reported()


@pytest.mark.parametrize("how", ["missing", "empty"])
def test_issuers_keys_that_are_gone_are_told(place, how):
    file = place.data / "keys" / "issuers.json"
    file.unlink()
    if how == "empty":
        file.touch()
    assert "issuers.json" in place.opens()


def test_a_new_gate_is_no_gate_that_lost_something(place):
    shutil.rmtree(place.data)
    assert place.opens() is None
    made = place.gate.first_administrator()
    assert made is not None
    assert made.startswith("/first?token=")


def test_a_gate_that_has_worked_before_anybody_made_a_user_has_lost_none(place):
    shutil.rmtree(place.data)
    place.opens()
    event = Event(PLATE_READ, "out1", NOON, {"plate": "24C12345"})
    place.gate.journal.record([event])
    place.gate.monitors.data.check()
    assert place.reported() is None
    assert place.opens() is None
    assert place.gate.first_administrator() is not None


def test_a_gate_of_before_is_known_to_have_users_once_they_were_seen(place):
    place.opens()
    place.gate.journal.forget(HAD_USERS)
    assert place.opens() is None
    place.close()
    (place.data / "users.json").unlink()
    assert "users.json is gone" in place.opens()


@pytest.mark.parametrize("keys", [True, False])
def test_a_gate_that_lost_its_journal_and_its_users_makes_no_new_administrator(place, keys):
    (place.data / "journal.db").unlink()
    (place.data / "users.json").unlink()
    if keys:
        shutil.rmtree(place.data / "keys")
    reported = place.opens()
    assert "journal.db was missing" in reported
    assert "users.json is gone" in reported
    assert place.gate.first_administrator() is None
    assert "users.json is gone" in place.opens()
    assert place.gate.first_administrator() is None
