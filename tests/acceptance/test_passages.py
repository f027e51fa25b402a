"""Vehicles pass a real gate: camera, board, platform and customs on real wires."""

import json
import sqlite3
from contextlib import closing
from itertools import groupby

import pytest

from edge.system.local_socket import ask
from simulator.service import USER
from simulator.world import Driver
from tests.support.browser import a_page, needs_chromium, order, sign_in
from tests.support.command_line import gate
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(600)


def completed(site):
    return site.rig.customs.events("passage.completed")


def test_declared_vehicles_pass_and_customs_holds_every_event_once(site):
    wait_for(site.camera_lives)
    world = site.rig.worlds["out1"]
    plates = [site.rig.send("out1") for _ in range(2)]
    wait_for(lambda: len(world.truth.crossed) == 2)
    assert world.truth.crossed == plates
    assert world.truth.violations == []
    wait_for(lambda: len(completed(site)) == 2)
    wait_for(site.everything_acknowledged)
    events = site.rig.customs.events()
    assert [int(e["sequence"]) for e in events] == list(range(1, len(events) + 1))
    assert site.rig.customs.counts.broken == []
    wait_for(lambda: len(site.rig.platform.posted) == 2)
    shown = site.rig.signs["out1"].history
    assert any(line.endswith("MOI VAO") for line in shown), shown


def test_a_receiver_that_is_no_more_is_let_go_by_the_running_service(site):
    data = site.rig.folder / "data"
    with closing(sqlite3.connect(data / "journal.db")) as db, db:
        db.execute("INSERT INTO consumers (name, through) VALUES ('port', 0)")
    command = ["journal", "forget", "port", "--reason", "contract ended"]
    done = gate(*command, "--config", site.rig.gate_config)
    assert done.returncode == 0, done.stderr
    assert "port had acknowledged 0 of" in done.stdout

    def acted():
        events = site.rig.customs.events("operator.acted")
        return [e for e in events if e["data"]["action"] == "forget_consumer"]

    (event,) = wait_for(acted)
    assert event["data"]["data"] == {"consumer": "port", "through": 0}
    refused = ask(data, {"do": "forget", "consumer": "customs", "reason": "x", "user": "lan"})
    assert "still in the service's configuration" in refused["error"]


def test_an_undeclared_vehicle_waits_until_a_person_admits_it(site):
    wait_for(site.camera_lives)
    world = site.rig.worlds["out1"]
    before = len(world.truth.crossed)
    vehicle, _ = site.rig.traffic["out1"].next()
    vehicle.driver = Driver(patience_s=1e9)
    world.add(vehicle)
    lane = wait_for(lambda: site.lane()["waiting"] and site.lane())
    assert lane["verdict"] in ("refuse", "refer")
    assert len(world.truth.crossed) == before
    answer = site.service.post(
        "/api/decide",
        {
            "lane": "out1",
            "passage": lane["passage"],
            "admit": True,
            "plate": vehicle.look.plate,
            "reason": "papers seen",
        },
    )
    assert answer.status_code == 200
    wait_for(lambda: len(world.truth.crossed) == before + 1)
    wait_for(lambda: [e["data"]["by"] for e in completed(site)][-1:] == ["operator:demo"])
    assert world.truth.violations == []


def test_the_doctor_finds_all_well_beside_the_running_service(site):
    wait_for(site.camera_lives)
    done = gate("doctor", "--json", "--config", site.rig.gate_config)
    found = {row["what"]: row for row in map(json.loads, done.stdout.splitlines())}
    expected = {"camera out1", "barrier out1", "broker", "broker hears", "broker takes"}
    expected |= {"platform", "journal", "receiver customs", "models"}
    assert {what for what in expected if not found[what]["good"]} == set(), found
    assert "the service" in found["barrier out1"]["found"]
    assert site.lane()["barrier"]["wire_ok"]


@needs_chromium
def test_a_person_opens_the_real_arm_in_a_browser_and_it_is_recorded(site):
    world = site.rig.worlds["out1"]
    wait_for(lambda: site.lane()["barrier"]["arm"] == "closed" and not world.waiting())
    with a_page() as page:
        sign_in(page, site.service.url, USER, site.service.password)
        for action, there in (("open", "limit_open"), ("close", "limit_closed")):
            order(page, "out1", action)
            wait_for(lambda there=there: world.sense()[there])
    wait_for(site.everything_acknowledged)
    acted = site.rig.customs.events("operator.acted")
    orders = [e["data"]["action"] for e in acted if e["data"]["action"] in ("open", "close")]
    assert [action for action, _ in groupby(orders)][-2:] == ["open", "close"]
    assert world.truth.violations == []


def test_a_killed_service_goes_on_and_nothing_is_lost_or_doubled(site):
    wait_for(site.camera_lives)
    world = site.rig.worlds["out1"]
    before = len(world.truth.crossed)
    site.rig.send("out1")
    wait_for(lambda: world.vehicles and world.vehicles[-1].opened_at is not None, every=0.02)
    site.service.kill()
    wait_for(lambda: len(world.truth.crossed) == before + 1)
    site.service.start()
    site.service.wait_ready()
    wait_for(lambda: len(completed(site)) == len(world.truth.crossed))
    wait_for(site.everything_acknowledged)
    events = site.rig.customs.events()
    assert [int(e["sequence"]) for e in events] == list(range(1, len(events) + 1))
    assert len({e["id"] for e in events}) == len(events)
    passages = [e["data"]["passage"] for e in completed(site)]
    assert len(passages) == len(set(passages))
    assert site.rig.customs.counts.broken == []
    assert world.truth.violations == []
    # Nobody saw who passed while the gate was away: the arm stays up until a person closes it, or
    # comes down if somebody was still seen.
    order = {"lane": "out1", "action": "close", "reason": "the road is clear"}
    wait_for(
        lambda: (
            site.lane()["barrier"]["arm"] == "closed"
            or (site.service.post("/api/order", order) and False)
        ),
        every=1.0,
    )


def test_a_dead_broker_loses_nothing(site):
    wait_for(site.camera_lives)
    site.rig.broker.kill()
    world = site.rig.worlds["out1"]
    before = len(world.truth.crossed)
    site.rig.send("out1")
    wait_for(lambda: len(world.truth.crossed) == before + 1)
    links = {x["name"]: x for x in site.service.get("/api/gate")["links"]}
    wait_for(
        lambda: (
            not {x["name"]: x for x in site.service.get("/api/gate")["links"]}["customs"][
                "connected"
            ]
        )
    )
    assert "customs" in links
    site.rig.broker.start()
    wait_for(site.everything_acknowledged)
    assert len(completed(site)) == len(world.truth.crossed)


def test_a_silent_board_is_an_alarm_and_recovers(site):
    site.rig.boards.silent = True
    wait_for(lambda: "wire_lost" in site.alarms())
    site.rig.boards.silent = False
    wait_for(lambda: "wire_lost" not in site.alarms())


def test_a_frozen_camera_is_an_alarm_and_recovers(site):
    wait_for(site.camera_lives)
    site.rig.cameras.faults["out1"].frozen = True
    wait_for(lambda: "camera" in site.alarms())
    site.rig.cameras.faults["out1"].frozen = False
    wait_for(lambda: "camera" not in site.alarms())


def test_the_vision_process_may_die_without_disturbing_the_barrier(site):
    import os
    import signal

    import psutil

    wait_for(site.camera_lives)
    service = psutil.Process(site.service.pid)
    children = [
        c for c in service.children(recursive=True) if "spawn_main" in " ".join(c.cmdline())
    ]
    assert children
    os.kill(children[0].pid, signal.SIGKILL)
    wait_for(lambda: site.lane()["camera"]["state"] != "live" or "camera" in site.alarms())
    assert site.lane()["barrier"]["wire_ok"]
    wait_for(site.camera_lives)
