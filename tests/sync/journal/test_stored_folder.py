"""A data folder written before the rooms were made is opened, and nothing of it is lost."""

import re
import shutil
from pathlib import Path

import pytest

from edge.config import JournalConfig
from edge.console.users import UserStore
from edge.lane import snapshot
from edge.lane.state import LaneState
from edge.sync.journal.journal import open_journal
from edge.sync.platform.passage_queue import KEY
from edge.system.clock import ManualClock
from tests.support.builders import NOON
from tests.support.command_line import gate

ROOT = Path(__file__).parents[3]
STORED = ROOT / "tests" / "stored" / "before_the_rooms"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "data"
    shutil.copytree(STORED, made)
    (made / "keys").chmod(0o700)
    for file in made.rglob("*.*"):
        file.chmod(0o600)
    return made


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
    text = (ROOT / "config" / "gate.toml").read_text(encoding="utf-8")
    config.write_text(re.sub(r"(?m)^data_folder = .*$", f'data_folder = "{folder}"', text))
    done = gate("journal", "verify", "--config", config)
    assert (done.returncode, done.stderr) == (0, "")


def test_its_users_sign_in(folder):
    user = UserStore(folder).verify("thu", "mật khẩu dài 12")
    assert user is not None
    assert user.role == "supervisor"
