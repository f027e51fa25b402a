"""docs/asyncapi.yaml says what is sent: every message of every type, from a real broker."""

import json
import re
import threading
from datetime import datetime
from pathlib import Path

import jsonschema
import paho.mqtt.client as mqtt
import pytest
import yaml
from referencing import Registry, Resource

from edge.domain.events import TYPES
from edge.domain.facts import (
    Arm,
    CameraChanged,
    CodeSeen,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
)
from edge.lane.state import LaneState
from simulator.broker import Mosquitto
from tests.support.builders import a_plate_view, a_vehicle_seen
from tests.support.gate_place import Place
from tests.support.waiting import wait_for
from tools.list_values import LISTED, written

pytestmark = pytest.mark.timeout(300)
DOCS = Path(__file__).parents[3] / "docs"
DESCRIPTION = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))


FORMATS = jsonschema.FormatChecker(["uuid"])
FORMATS.checks("date-time", ValueError)(datetime.fromisoformat)


def strict(part):
    """The schema as it is today: receivers are open for more, the gate sends nothing unlisted."""
    if isinstance(part, list):
        return [strict(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    made = {key: strict(inner) for key, inner in part.items()}
    if "properties" in part and "type" in part:
        made.setdefault("additionalProperties", False)
    if LISTED in part:
        made["enum"] = part[LISTED]
    return made


def stored(uri):
    return Resource.from_contents(
        strict(json.loads((DOCS / uri).read_text(encoding="utf-8")))
        if uri
        else {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    )


REGISTRY = Registry(retrieve=stored)


def properties(name):
    return json.loads((DOCS / "schemas" / f"{name}.json").read_text())["properties"]


def channel_of(topic):
    """The channel's name and what its address's parameters are in this topic."""
    for name, channel in DESCRIPTION["channels"].items():
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(channel["address"]))
        if found := re.fullmatch(pattern, topic):
            return name, found.groupdict()
    raise AssertionError(f"no channel for {topic}")


def fault(topic, payload):
    """What of a message is not as described, or ""."""
    name, where = channel_of(topic)
    (wanted,) = [where["type"]] if name == "events" else DESCRIPTION["channels"][name]["messages"]
    message = DESCRIPTION["components"]["messages"][wanted]
    checker = jsonschema.Draft202012Validator(
        message["payload"],
        registry=REGISTRY,
        format_checker=FORMATS,
    )
    body = json.loads(payload)
    if name == "events" and body["subject"] != where["lane"]:
        return f"{topic}: the subject is {body['subject']}"
    return "; ".join(f"{topic}: {e.json_path}: {e.message}" for e in checker.iter_errors(body))


class Listener:
    """Everything that goes over the broker."""

    def __init__(self, port):
        self.heard = []
        self._ready = threading.Event()
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "listener")
        self._client.on_connect = lambda c, *_: c.subscribe("#", qos=1)
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = lambda c, d, m: self.heard.append((m.topic, m.payload))
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._ready.wait(60)

    def types(self):
        named = (channel_of(topic) for topic, _ in list(self.heard))
        return {where["type"] if name == "events" else name for name, where in named}

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


def life(place, operations):
    """One of everything: decided, admitted by hand, crossed, abandoned, alarms, a command."""
    gate = place.gate
    wait_for(lambda: not gate.lanes["out1"].restored)
    gate.report(CameraChanged("out1", False, "no picture"))
    gate.report(CameraChanged("out1", True))
    gate.report(VehicleArrived("out1"))
    gate.report(a_vehicle_seen(a_plate_view()))
    wait_for(lambda: gate.lanes["out1"].state is LaneState.WAITING)
    passage = gate.lanes["out1"].passage.id
    operations.decide("out1", passage, True, "24C12345", "papers seen", "anna")
    wait_for(lambda: place.guards.guard("out1").status().authorisation == passage)
    gate.report(VehicleEntered("out1", passage))
    gate.report(VehicleCrossed("out1", passage))
    wait_for(lambda: gate.lanes["out1"].passage is None)
    gate.report(CodeSeen("out1", "no code of ours", "scanner"))
    gate.report(VehicleArrived("out1"))
    gate.report(VehicleBackedOff("out1"))
    place.relay.publish_state("out1", {
        "state": "empty", "plate": "", "verdict": "", "reason": "", "arm": "open",
        "light": "green", "camera": "live",
    })  # fmt: skip
    key, private = place.ring.make("customs")
    place.customs.command(json.dumps(place.command(key, private)).encode())
    place.customs.ask_replay(0)
    place.customs.speak_on_the_older_topics()


def test_every_message_that_is_sent_is_as_described(tmp_path):
    if not Mosquitto.installed():
        pytest.skip("Mosquitto is not installed (apt install mosquitto)")
    place = Place(tmp_path)
    listener = Listener(place.broker.port)
    try:
        place.open()
        life(place, place.shell.operations)
        place.relay.wake()
        every = {*TYPES, *DESCRIPTION["channels"]} - {"events"}
        wait_for(lambda: listener.types() == every)
        wait_for(lambda: any(b'"replayed": true' in payload for _, payload in listener.heard))
        place.relay.stop()
        wait_for(lambda: any(b'"offline"' in payload for _, payload in listener.heard))
    finally:
        place.close()
        listener.close()
    # The harness itself sends nonsense as a command, to hear it refused.
    good = [m for m in listener.heard if not (m[0].endswith("/command") and m[1] == b"{")]
    assert [f for topic, payload in good if (f := fault(topic, payload))] == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"extra": 1}, "extra"),
        ({"type": "bordergate.plate.read.v1"}, "type"),
        ({"data": {"arm": "sideways", "cause": "x"}}, "arm"),
        ({"data": {"arm": "open"}}, "cause"),
        ({"time": "noon"}, "time"),
        ({"sequence": 7}, "sequence"),
    ],
)
def test_what_is_not_as_described_is_found(change, where):
    body = {
        "specversion": "1.0", "id": "1d9f2f0a-6c1c-4b8e-9a57-1f6c1ab7f1aa", "source": "/s/g",
        "type": "bordergate.barrier.moved.v1", "time": "2026-01-15T08:00:00+00:00",
        "subject": "out1", "datacontenttype": "application/json", "sequence": "7",
        "previoushash": "0" * 64, "hash": "0" * 64, "monotonic": "1.000", "bootid": "b",
        "clocktrusted": False, "data": {"arm": "open", "cause": "operator"},
    }  # fmt: skip
    topic = "bordergate/v1/s/g/events/out1/barrier.moved"
    assert fault(topic, json.dumps(body)) == ""
    assert where in fault(topic, json.dumps({**body, **change}))


def test_description_schemas_and_code_name_the_same_things():
    events = DESCRIPTION["channels"]["events"]["messages"]
    assert list(events) == DESCRIPTION["components"]["parameters"]["type"]["enum"] == list(TYPES)
    files = {file.stem for file in (DOCS / "schemas").glob("*.json")} - {"event"}
    assert files == set(DESCRIPTION["components"]["messages"])
    assert properties("event")["type"]["enum"] == [f"bordergate.{t}.v1" for t in TYPES]
    arms = [arm.value for arm in Arm]
    assert properties("barrier.moved")["arm"]["enum"] == arms
    assert properties("state")["arm"]["enum"] == arms
    assert properties("state")["state"]["enum"] == [state.value for state in LaneState]


def test_the_schemas_list_the_values_that_the_code_gives():
    for file, text in written().items():
        assert file.read_text(encoding="utf-8") == text, "run: python -m tools.list_values"


def test_what_the_gate_tells_may_grow_and_what_it_takes_is_checked_strictly():
    closed = [
        file.stem
        for file in (DOCS / "schemas").glob("*.json")
        if '"additionalProperties": false' in file.read_text(encoding="utf-8")
    ]
    assert closed == ["command"]


def test_every_reference_of_the_description_leads_somewhere():
    def references(part):
        if isinstance(part, dict):
            yield from ([part["$ref"]] if "$ref" in part else [])
            part = list(part.values())
        for inner in part if isinstance(part, list) else []:
            yield from references(inner)

    for reference in set(references(DESCRIPTION)):
        if reference.startswith("#"):
            found = DESCRIPTION
            for step in reference.removeprefix("#/").split("/"):
                found = found[step]
        else:
            jsonschema.Draft202012Validator.check_schema(json.loads((DOCS / reference).read_text()))
