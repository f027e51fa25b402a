"""A real disk that fills up is told before anything has to go, and untold when there is room."""

import os

import pytest

from edge.config import load
from edge.domain.alarm_codes import AlarmCode
from edge.gate.monitors.disk import DiskMonitor
from tests.support.builders import a_configuration
from tests.support.small_disk import a_small_disk
from tests.support.standing_alarms import StandingAlarms


@pytest.fixture
def disk(tmp_path):
    with a_small_disk(tmp_path / "disk") as place:
        yield place


def test_a_disk_that_fills_is_told_once_with_place_and_cure_until_there_is_room(disk, tmp_path):
    (tmp_path / "gate.toml").write_text(
        a_configuration("[journal]\nballast_mb = 1\n").replace('"data"', f'"{disk}/data"')
    )
    alarms = StandingAlarms()
    monitor = DiskMonitor(load(tmp_path / "gate.toml"), alarms)

    def leaving(free):
        (disk / "glutton").unlink(missing_ok=True)
        now = os.statvfs(disk)
        (disk / "glutton").write_bytes(bytes(now.f_bavail * now.f_frsize - free))
        monitor.check()
        return AlarmCode.DISK_LOW in alarms.standing()

    assert not leaving(7_000_000)
    assert leaving(2_900_000)
    assert str(disk) in alarms.standing()[AlarmCode.DISK_LOW]
    assert "vision.evidence_mb" in alarms.standing()[AlarmCode.DISK_LOW]
    # Between the two it stays as it was.
    assert leaving(3_500_000)
    assert not leaving(4_500_000)
    assert not leaving(3_500_000)
