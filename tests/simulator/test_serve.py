"""`gate-sim serve`: where the development configuration looks for it, and faults by hand."""

import threading
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from edge.config import load
from simulator.broker import Embedded, Foreign
from simulator.rig import Rig
from simulator.scenario.by_hand import ByHand
from simulator.scenario.control import Control
from simulator.scenario.library import found
from simulator.scenario.real import lanes_of
from simulator.scenario.serving import SERIAL, SERVED, show, where

CONFIG = Path(__file__).parents[2] / "config" / "gate.toml"
(CALM_DAY,) = found(["calm-day"])


def test_the_development_gate_expects_the_served_addresses():
    settings = load(CONFIG)
    assert settings.customs.port == SERVED.broker
    assert urlsplit(settings.platform.url).port == SERVED.platform
    assert settings.console.port == SERVED.console
    assert {Path(w.port).name for w in settings.wires.values()} == {SERIAL}
    for name, lane in settings.lanes.items():
        source = urlsplit(lane.camera.source.whole)
        assert (source.port, source.path) == (SERVED.cameras, f"/{name}.mjpeg")


def test_the_development_gate_has_the_lanes_of_the_calm_day():
    lanes = {plan.name: plan.direction for plan in lanes_of(CALM_DAY.scenario)}
    assert lanes == {n: lane.direction for n, lane in load(CONFIG).lanes.items()}


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path, lanes_of(CALM_DAY.scenario))


@pytest.fixture
def control(rig):
    control = Control(ByHand(rig))
    control.start()
    with httpx.Client(base_url=control.url) as client:
        yield client
    control.stop()


def test_the_table_names_every_wire_of_every_lane(rig):
    rows = list(where(rig))
    assert [what for what, _, _ in rows if what.startswith("out1")] == [
        "out1: camera", "out1: camera, one picture", "out1: board", "out1: display",
    ]  # fmt: skip
    assert {"broker", "customs", "platform"} <= {what for what, _, _ in rows}
    assert all(place and speaks for _, place, speaks in rows)


def test_a_fault_by_hand_begins_is_shown_and_ends(rig, control):
    body = {"lane": "in1", "value": "safety_loop"}
    assert control.post("/faults/input_stuck_on", json=body).status_code == 201
    state = control.get("/state").json()
    lane = {one["lane"]: one for one in state["lanes"]}
    assert (lane["in1"]["inputs"]["safety_loop"], lane["out1"]["inputs"]["safety_loop"]) == (
        True,
        False,
    )
    assert state["faults"] == [{"name": "input_stuck_on", "lane": "in1", "value": "safety_loop"}]
    assert control.delete("/faults/input_stuck_on", params={"lane": "in1"}).status_code == 200
    assert control.get("/state").json()["faults"] == []
    assert not rig.worlds["in1"].inputs()["safety_loop"]


@pytest.mark.parametrize(
    ("name", "body", "word"),
    [
        ("service_killed", {}, "no fault"),
        ("nonsense", {}, "no fault"),
        ("loop_dead", {"lane": "out9"}, "out1, in1"),
        ("loop_dead", {}, "no lane"),
        ("loop_dead", {"lane": "in1", "value": "beam"}, "entry_loop"),
        ("loop_dead", {"lane": "in1", "for_s": -1}, "more than 0"),
        ("loop_dead", {"lane": "in1", "more": 1}, "unknown key"),
    ],
)
def test_what_cannot_happen_by_hand_is_told(control, name, body, word):
    answer = control.post(f"/faults/{name}", json=body)
    assert answer.status_code == 422
    assert word in answer.text


def test_a_truck_with_a_plate_of_ones_choice_comes_and_is_declared(rig, control):
    body = {"lane": "out1", "plate": "24C12345"}
    assert control.post("/vehicles", json=body).json() == {"plate": "24C12345"}
    (vehicle,) = control.get("/state").json()["lanes"][0]["vehicles"]
    assert (vehicle["plate"], vehicle["kind"], vehicle["may_pass"]) == ("24C12345", "truck", True)
    assert control.post("/vehicles", json={"lane": "out1", "plates": 1}).status_code == 422
    for key, value in (("at_s", 5), ("when", "arm is up"), ("read", "sure")):
        answer = control.post("/vehicles", json={"lane": "out1", key: value})
        assert answer.status_code >= 400
        assert f"{key}: of a scenario's file" in answer.text
    assert len(control.get("/state").json()["lanes"][0]["vehicles"]) == 1


def test_the_table_is_whole_also_where_nobody_has_a_wide_terminal(rig, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    rows = list(where(rig))
    show(rows)
    text = capsys.readouterr().out
    assert [place for _, place, _ in rows if place not in text] == []


def test_a_plate_that_is_none_is_told_in_words(control):
    answer = control.post("/vehicles", json={"lane": "out1", "plate": "NO!"})
    assert answer.status_code == 422
    assert "Phrase(" not in answer.text
    assert "U+0021" in answer.text


def test_a_fault_that_is_begun_twice_at_once_still_ends(rig, control):
    """Two people press the same button; a broker takes its time."""
    answers = []

    def press():
        url = f"{control.base_url}/faults/broker_refusing"
        answers.append(httpx.post(url, json={}, timeout=60).status_code)

    both = [threading.Thread(target=press) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert answers == [201, 201]
    assert control.delete("/faults/broker_refusing", timeout=60).status_code == 200
    assert (rig.broker.running, rig.broker.refusing) == (True, False)
    rig.broker.stop()


def test_ones_own_broker_is_left_alone_and_has_no_faults_by_hand(tmp_path):
    own = Embedded(tmp_path / "own")
    own.start()
    rig = Rig(tmp_path / "rig", lanes_of(CALM_DAY.scenario), broker=Foreign(own.host, own.port))
    rig.start()
    try:
        assert not [name for name in ByHand(rig).possible if name.startswith("broker_")]
        assert (rig.broker.host, rig.broker.port) == (own.host, own.port)
    finally:
        rig.stop()
    assert own.running
    own.stop()
    with pytest.raises(RuntimeError, match="no broker answers"):
        Foreign(own.host, own.port).start()


def test_a_platform_that_asks_for_tokens_serves_nobody_without_one(tmp_path):
    lanes = lanes_of(CALM_DAY.scenario)
    rig = Rig(tmp_path, lanes, client=("gate-1", "its:secret"))
    rig.start()
    try:
        url = f"{rig.platform.url}/v1/gates/demo/assignments"
        assert httpx.get(url).status_code == 401
        told = load(rig.gate_config).platform.oauth
        secret = told.client_secret_file.read_text()
        form = {"grant_type": "client_credentials"}
        answer = httpx.post(told.token_url, data=form, auth=(told.client_id, secret))
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert httpx.get(url, headers=bearer).status_code == 200
        assert "platform: tokens" in {what for what, _, _ in where(rig)}
    finally:
        rig.stop()
