"""docs/asyncapi.yaml says what is sent: every message of every type, from a real broker."""

import json

import jsonschema
import pytest

from edge.domain.events import TYPES
from edge.domain.facts import (
    Arm,
)
from edge.lane.state import LaneState
from simulator.broker import Mosquitto
from tests.support.every_message import DESCRIPTION, DOCS, Listener, fault, life
from tests.support.gate_place import Place
from tests.support.waiting import wait_for
from tools.list_values import written

pytestmark = pytest.mark.timeout(300)


def properties(name):
    return json.loads((DOCS / "schemas" / f"{name}.json").read_text())["properties"]


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
