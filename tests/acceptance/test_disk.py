"""The real service on a real disk that is full, fails, or is slow."""

import sqlite3
import time
from contextlib import closing

import pytest

from simulator.broker import Mosquitto
from simulator.world import Driver
from tests.support.command_line import gate
from tests.support.disk_image import DiskImage
from tests.support.disturbance import Disturbance
from tests.support.gate_site import Site
from tests.support.waiting import wait_for

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not Mosquitto.installed(), reason="Mosquitto is not installed"),
]
GUARD_LATE_S = 1.0
"""A guard asks its board every 50 ms; here beside tests, simulator and vision on two processors."""


class Place(Site):
    def order(self, action):
        return self.service.post(
            "/api/order", {"lane": "out1", "action": action, "reason": "a test"}
        )

    @property
    def world(self):
        return self.rig.worlds["out1"]

    def send(self):
        """A declared vehicle whose driver waits as long as it takes."""
        self.rig.send("out1")
        self.world.vehicles[-1].driver = Driver(patience_s=1e9)

    def heard(self):
        """The numbers of the events that customs has."""
        return [int(e["sequence"]) for e in self.rig.customs.events()]

    def committed(self):
        file = self.rig.folder / "data" / "journal.db"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
            return db.execute("SELECT max(seq) FROM events").fetchone()[0]

    def latest_guard(self, seconds):
        """The longest pause between two questions to the board in the last so many seconds."""
        began = time.monotonic() - seconds
        times = [at for at, _, _ in list(self.rig.boards.seen) if at >= began]
        return max(b - a for a, b in zip([began, *times], [*times, time.monotonic()], strict=True))

    def whole(self):
        """Customs holds every event once, in a whole chain; the journal's own check agrees."""
        wait_for(self.everything_acknowledged)
        assert self.heard() == list(range(1, len(self.heard()) + 1))
        assert self.rig.customs.counts.broken == []
        done = gate("journal", "verify", "--config", self.rig.gate_config)
        assert done.returncode == 0, done.stdout


@pytest.fixture
def disk(tmp_path):
    made = DiskImage(tmp_path, tmp_path / "site" / "data", 32)
    yield made
    made.free()
    made.unmount()


@pytest.fixture
def place(tmp_path, request):
    made = []

    def make(env=None):
        made.append(Place(tmp_path / "site", env))
        made[0].start()
        wait_for(made[0].camera_lives)
        return made[0]

    yield make
    for one in made:
        one.stop()


def passes(place):
    """One declared vehicle, from its arrival to its end."""
    before = len(place.world.truth.crossed)
    place.send()
    wait_for(lambda: len(place.world.truth.crossed) == before + 1)
    done = "passage.completed"
    wait_for(lambda: len(place.rig.customs.events(done)) == before + 1)
    wait_for(lambda: place.world.sense()["limit_closed"])


def test_a_full_disk_stops_the_traffic_and_nothing_else(disk, place):
    place = place()
    passes(place)
    wait_for(place.everything_acknowledged)
    disk.fill()

    def stuck():
        answer = place.order("close")
        return answer.status_code != 200 and "not recorded" in answer.text

    wait_for(stuck)
    wait_for(lambda: "journal_stuck" in place.alarms())
    wait_for(lambda: place.rig.customs.through == place.committed())
    known = place.heard()
    place.send()
    place.world.overrides["stop"] = True
    wait_for(lambda: "stop_pressed" in place.alarms())
    place.world.overrides["stop"] = False
    until = time.monotonic() + 12
    while time.monotonic() < until:
        began = time.monotonic()
        assert place.lane()["barrier"]["wire_ok"]
        assert time.monotonic() - began < 5, "the console does not answer"
        assert place.world.sense()["limit_closed"], "opened without a record"
        time.sleep(0.5)
    assert place.latest_guard(10) < GUARD_LATE_S
    assert place.order("stop").status_code == 200
    # What nobody could commit nobody was told.
    assert place.heard() == known
    assert place.committed() == known[-1]
    disk.free()
    wait_for(lambda: "journal_stuck" not in place.alarms())
    wait_for(lambda: len(place.world.truth.crossed) == 2)
    wait_for(lambda: len(place.rig.customs.events("passage.completed")) == 2)
    raised = [e["data"] for e in place.rig.customs.events("alarm.raised")]
    assert {"journal_stuck", "stop_pressed"} <= {a["code"] for a in raised}
    dropped = place.service.get("/api/gate")["journal"]["dropped"]
    reported = [a["counts"] for a in raised if a["code"] == "journal_dropped"]
    assert sum(reported[-1].values() if reported else ()) == dropped
    assert place.world.truth.violations == []
    place.whole()


def test_a_disk_that_turns_read_only_is_told_and_all_is_there_when_it_is_mended(disk, place):
    place = place()
    passes(place)
    wait_for(place.everything_acknowledged)
    disk.fail()
    assert place.order("close").status_code != 200
    wait_for(lambda: "journal_stuck" in place.alarms())
    wait_for(lambda: place.rig.customs.through == place.committed())
    known = place.heard()
    place.send()
    place.world.overrides["stop"] = True
    wait_for(lambda: "stop_pressed" in place.alarms())
    place.world.overrides["stop"] = False
    until = time.monotonic() + 8
    while time.monotonic() < until:
        assert place.lane()["barrier"]["wire_ok"]
        assert place.world.sense()["limit_closed"], "opened without a record"
        time.sleep(0.5)
    assert place.latest_guard(6) < GUARD_LATE_S
    assert place.heard() == known
    place.service.stop()
    # It is not started on such a disk, and nothing is lost by trying.
    place.service.start()
    assert place.service.ended() == 1
    assert f"the disk at {disk.place} is read-only" in place.service.log.read_text()
    disk.unmount()
    disk.check()
    disk.mount()
    place.service.start()
    place.service.wait_ready()
    wait_for(lambda: len(place.rig.customs.events("passage.completed")) == 2)
    assert place.heard()[: len(known)] == known
    assert place.world.truth.violations == []
    place.whole()


def test_a_slow_disk_delays_the_traffic_and_disturbs_neither_guard_nor_record(tmp_path, place):
    disturbance = Disturbance(tmp_path)
    place = place(disturbance.env)
    passes(place)
    disturbance.slow_syncs(0.5, 3.0)
    began = time.monotonic()
    for _ in range(2):
        passes(place)
    took = time.monotonic() - began
    assert place.latest_guard(took) < GUARD_LATE_S
    assert disturbance.syncs > 10
    disturbance.slow_syncs(0.0, 0.0)
    assert place.world.truth.violations == []
    place.whole()
    # All that was said to customs was on the disk: a crash now loses none of it.
    reported = place.heard()
    place.service.kill()
    place.service.start()
    place.service.wait_ready()
    place.whole()
    assert place.heard()[: len(reported)] == reported
