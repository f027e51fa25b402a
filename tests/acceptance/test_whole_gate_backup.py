"""The whole gate in one file, taken while it runs, and put back on another computer."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from simulator.broker import Mosquitto
from simulator.service import Service
from tests.support.command_line import gate
from tests.support.gate_site import Site
from tests.support.waiting import wait_for

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(not Mosquitto.installed(), reason="Mosquitto is not installed"),
]


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path / "site")
    try:
        made.start()
        yield made
    finally:
        made.stop()


def ordered(service, count):
    """So many things that people do, each recorded before it is done."""
    for n in range(count):
        body = {"lane": "out1", "action": "close", "reason": f"number {n}"}
        assert "not recorded" not in service.post("/api/order", body).text


def ids_after(data, number):
    with closing(sqlite3.connect(f"file:{data / 'journal.db'}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT seq, id FROM events WHERE seq > ? ORDER BY seq", (number,))
        return dict(rows.fetchall())


def test_a_gate_put_back_on_another_computer_gives_no_number_twice(site, tmp_path):
    rig, copy = site.rig, tmp_path / "gate.backup"
    ordered(site.service, 3)
    done = gate("backup", copy, "--json", "--config", rig.gate_config)
    assert done.returncode == 0, done.stderr
    reported = json.loads(done.stdout)
    assert copy.stat().st_mode & 0o777 == 0o600
    # The gate goes on, customs hears it, and then the computer is gone.
    ordered(site.service, 5)
    wait_for(site.everything_acknowledged)
    held = rig.customs.through
    assert held > reported["last_sequence"]
    site.service.kill()
    shutil.rmtree(rig.folder / "data")

    other = tmp_path / "other" / "gate.toml"
    done = gate("restore", copy, "--config", other)
    assert done.returncode == 0, done.stderr
    assert gate("journal", "verify", "--config", other).returncode == 0
    again = Service(other)
    # Who might sign in before may now, with the password of before.
    again.password = site.service.password
    site.service = again
    again.start()
    again.wait_ready("/healthz")
    wait_for(lambda: again.get("/readyz") is not None)
    ordered(again, 3)
    wait_for(site.everything_acknowledged)
    new = ids_after(other.parent / "data", reported["last_sequence"])
    assert min(new) > held

    def at_customs():
        return {int(e["sequence"]): e["id"] for e in rig.customs.events()}

    # One more may have come to pass since.
    wait_for(lambda: new.keys() <= at_customs().keys())
    assert new.items() <= at_customs().items()
    assert rig.customs.counts.broken == []
    again.stop()
    done = gate("journal", "verify", "--config", other)
    assert done.returncode == 0, done.stdout
    assert "whole" in done.stdout


def test_a_running_gate_is_not_replaced(site, tmp_path):
    copy = tmp_path / "gate.backup"
    config = site.rig.gate_config
    assert gate("backup", copy, "--config", config).returncode == 0
    before = ids_after(config.parent / "data", 0)
    for command in (
        ("restore", copy),
        ("journal", "restore", config.parent / "data" / "journal.db"),
        ("journal", "above", 1000),
    ):
        done = gate(*command, "--config", config)
        assert done.returncode == 1, command
        assert "stop it first" in done.stderr
    second = gate("run", "--config", config)
    assert second.returncode == 1
    assert "a gate runs with" in second.stderr
    ordered(site.service, 1)
    assert before.items() <= ids_after(config.parent / "data", 0).items()
