"""docs/samples/ has one of every message, each as its schema says and as the gate signs it."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from edge.sync.journal.chain import canonical, checkpoint_part, digest, signed_part
from edge.sync.journal.signing import verifies
from tests.support.every_message import DESCRIPTION, fault

DOCS = Path(__file__).parents[3] / "docs"
SAMPLES = {
    file.stem: json.loads(file.read_text(encoding="utf-8"))
    for file in sorted((DOCS / "samples").glob("*.json"))
}
WRITE = "write them anew: python -m tests.support.samples"
HTTP = {
    "assignments": "Answer",
    "passages": "Passage",
    "turned-away": "TurnedAway",
    "not-understood": "NotUnderstood",
    "guidance": "Guidance",
}


def test_there_is_one_of_every_message():
    sent = {*DESCRIPTION["channels"]["events"]["messages"], *DESCRIPTION["channels"]} - {"events"}
    assert set(SAMPLES) == sent | set(HTTP), WRITE


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in HTTP])
def test_a_sample_is_as_the_schemas_have_it(name):
    sample = SAMPLES[name]
    assert fault(sample["topic"], json.dumps(sample["message"])) == "", WRITE


@pytest.mark.parametrize("name", HTTP)
def test_a_sample_is_as_the_platforms_description_has_it(name):
    described = yaml.safe_load((DOCS / "platform.openapi.yaml").read_text(encoding="utf-8"))
    schema = {"$ref": f"#/components/schemas/{HTTP[name]}", **described}
    jsonschema.validate(SAMPLES[name]["message"], schema)


def test_what_is_signed_in_the_samples_verifies():
    key = SAMPLES["status"]["message"]["public_key"]
    events = [s["message"] for s in SAMPLES.values() if "/events/" in s.get("topic", "")]
    assert len(events) == len(DESCRIPTION["channels"]["events"]["messages"])
    for event in events:
        assert event["hash"] == digest(event)
        assert verifies(key, signed_part(event), event["signature"])
    result = SAMPLES["replay_result"]["message"]
    signed = canonical({k: v for k, v in result.items() if k != "signature"})
    assert verifies(key, signed, result["signature"])
    said = SAMPLES["checkpoint"]["message"]
    signed = checkpoint_part(said["sequence"], said["hash"], said["time"])
    assert verifies(key, signed, said["signature"])
