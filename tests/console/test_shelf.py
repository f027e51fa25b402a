"""What was put on the shelf stays there until its end, also over a restart; and never longer."""

from datetime import timedelta

import pytest

from edge.console.shelf import FILE, Shelf
from edge.gate.port import AlarmView
from tests.support.operations_twin import NOW

CAMERA = AlarmView("camera", "out1", "no picture", NOW, severity="medium")


class Clock:
    """Both clocks of a computer, from boot to boot."""

    def __init__(self):
        self.seconds, self.booted = 0.0, 0.0

    def mono(self):
        return self.seconds - self.booted

    def now(self):
        return NOW + timedelta(seconds=self.seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def begun(operations, tmp_path, clock):
    operations.alarms = (CAMERA,)
    return lambda: Shelf(operations, tmp_path, clock.mono, clock.now)


def test_it_outlives_a_restart_and_ends_at_its_time(begun, clock):
    begun().put("camera", "out1", 30, "ordered", "lan")
    clock.seconds = clock.booted = 20 * 60
    shelf = begun()
    assert shelf.of([CAMERA])["camera", "out1"].by == "lan"
    clock.seconds = 30 * 60 - 1
    assert shelf.of([CAMERA])
    clock.seconds = 30 * 60
    assert not shelf.of([CAMERA])
    assert not begun().of([CAMERA])


def test_after_a_restart_an_alarm_may_be_raised_anew_first(begun):
    begun().put("camera", "out1", 30, "ordered", "lan")
    shelf = begun()
    assert shelf.of([]) == {}
    assert shelf.of([CAMERA])
    # From then on it is as before: one that has ended comes back as a new alarm.
    assert shelf.of([]) == {}
    assert shelf.of([CAMERA]) == {}
    assert begun().of([CAMERA]) == {}


def test_a_clock_that_was_set_back_shelves_nothing_for_longer_than_a_shift(begun, clock):
    begun().put("camera", "out1", 30, "ordered", "lan")
    clock.seconds = -300 * 24 * 3600
    shelf = begun()
    assert shelf.of([CAMERA])
    clock.seconds += 8 * 3600
    assert not shelf.of([CAMERA])


@pytest.mark.parametrize("damage", [b"", b"[{]", b"{}", b'[{"code": 1}]', b"\xff"])
def test_a_damaged_file_shelves_nothing(begun, tmp_path, damage, caplog):
    (tmp_path / FILE).write_bytes(damage)
    assert begun().of([CAMERA]) == {}
    assert FILE in caplog.text


def test_a_disk_that_takes_nothing_keeps_nobody_from_shelving(begun, tmp_path, caplog):
    shelf = begun()
    (tmp_path / FILE).mkdir()
    shelf.put("camera", "out1", 30, "ordered", "lan")
    assert shelf.of([CAMERA])
    assert FILE in caplog.text
