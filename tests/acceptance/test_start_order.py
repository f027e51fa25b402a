"""What must not wait for the disk: arms are guarded before the journal is looked through."""

import sqlite3
import time
from contextlib import closing

import pytest

from edge.assembly import Assembly, Phase
from edge.config import load
from edge.domain.events import ALARM_RAISED, Event
from edge.domain.facts import Arm
from edge.sync.journal.journal import FILE, open_journal
from edge.sync.journal.port import Unrecorded
from edge.system.clock import ManualClock
from simulator.barrier.modbus_board import Board, SerialBoards
from simulator.world import LaneWorld
from tests.support.builders import NOON, a_configuration
from tests.support.small_disk import a_small_disk, remounted
from tests.support.waiting import stays, wait_for

INPUTS = ("entry_loop", "safety_loop", "photocell", "limit_open", "limit_closed", "stop")


@pytest.fixture
def world():
    return LaneWorld("out1", time.monotonic)


@pytest.fixture
def boards(world):
    outputs = {"open": 1, "close": 2, "green": 3, "red": 4}
    inputs = {name: channel for channel, name in enumerate(INPUTS, 1)}
    made = SerialBoards({1: Board(world, outputs, inputs, ("stop",))})
    made.start()
    yield made
    made.stop()


def settings(folder, boards, data="data"):
    folder.mkdir(exist_ok=True)
    text = a_configuration(port=boards.port).replace('"data"', f'"{data}"')
    (folder / "gate.toml").write_text(text)
    return load(folder / "gate.toml")


def a_damaged_journal(settings):
    """Sound to look at, but not inside."""
    journal = open_journal(settings.data_folder, settings.journal, "/s/g", ManualClock(NOON))
    journal.record([Event(ALARM_RAISED, "out1", NOON, {"filler": "x" * 900}) for _ in range(500)])
    journal.close()
    with (settings.data_folder / FILE).open("r+b") as file:
        file.seek(60 * 4096)
        file.write(b"\xff" * 4096 * 20)


def test_arms_are_guarded_while_the_journal_is_still_to_be_checked(tmp_path, boards):
    made = settings(tmp_path, boards)
    a_damaged_journal(made)
    gate = Assembly(made)
    seen = []

    def phase(now):
        seen.append(now)
        if now is Phase.CHECKING:
            guard = gate.guards.guard("out1")
            wait_for(lambda: guard.status().arm is Arm.CLOSED)
            # Not yet looked through: what is wrong with it nobody knows.
            assert list(made.data_folder.glob("journal-corrupt-*")) == []

    gate.open(phase)
    try:
        assert seen == [Phase.CHECKING, Phase.STARTING]
        assert gate.journal.quarantined is not None
        assert gate.guards.guard("out1").status().wire_ok
    finally:
        gate.guards.stop()
        gate.journal.close()


def test_what_the_guards_saw_before_the_gate_was_there_is_recorded(tmp_path, boards, world):
    made = settings(tmp_path, boards)
    gate = Assembly(made)
    world.overrides["stop"] = True

    def phase(now):
        if now is Phase.CHECKING:
            wait_for(lambda: gate._inbox.qsize() > 0)

    gate.open(phase)
    try:
        gate.gate.start()
        wait_for(lambda: gate.alarms.stands("stop_pressed", "out1"))
    finally:
        gate.gate.stop()
        gate.guards.stop()
        gate.journal.close()


def test_where_nothing_can_be_recorded_no_guard_begins(tmp_path, boards):
    with a_small_disk(tmp_path / "disk") as place:
        made = settings(tmp_path / "site", boards, place / "data")
        open_journal(made.data_folder, made.journal, "/s/g", ManualClock(NOON)).close()
        remounted(place, "ro")
        with pytest.raises(Unrecorded, match="read-only"):
            Assembly(made).open()
        assert boards.seen == []


def test_a_gate_whose_journal_fails_after_the_guards_began_leaves_no_guard_behind(tmp_path, boards):
    made = settings(tmp_path, boards)
    journal = open_journal(made.data_folder, made.journal, "/s/g", ManualClock(NOON))
    journal.close()
    with closing(sqlite3.connect(made.data_folder / FILE)) as db:
        db.execute("PRAGMA user_version = 99")
    gate = Assembly(made)
    with pytest.raises(Unrecorded, match="newer version"):
        gate.open()
    count = len(boards.seen)
    stays(lambda: len(boards.seen) == count, 0.3)
