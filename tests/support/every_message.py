"""What several tests share: docs/asyncapi.yaml, and a gate's life that sends each message once."""

import json
import re
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import jsonschema
import paho.mqtt.client as mqtt
import yaml
from referencing import Registry, Resource

from edge.domain.evidence import Kind, name_of
from edge.domain.facts import (
    CameraChanged,
    CodeSeen,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
)
from edge.lane.state import LaneState
from tests.support.builders import NOON, a_plate_view, a_vehicle_seen
from tests.support.waiting import wait_for
from tools.list_values import LISTED

DOCS = Path(__file__).parents[2] / "docs"
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
    picture = name_of("20260115", "out1", NOON, b"a picture", Kind.PLATE)
    gate.report(replace(a_vehicle_seen(a_plate_view()), evidence=(picture,)))
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
