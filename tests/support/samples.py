"""Writes docs/samples/: one of every message, as a gate has really sent it.

    python -m tests.support.samples

The tests hold each against its schema, and the folder against the list of messages.
"""

import json
import shutil
import tempfile
from pathlib import Path

from tests.support.every_message import DESCRIPTION, Listener, channel_of, life
from tests.support.gate_place import Place
from tests.support.platform_items import an_item
from tests.support.waiting import wait_for

FOLDER = Path(__file__).parents[2] / "docs" / "samples"


def messages():
    """Topic and body of one of each, from a gate's life over a real broker."""
    with tempfile.TemporaryDirectory() as name:
        place = Place(Path(name))
        listener = Listener(place.broker.port)
        try:
            place.open()
            life(place, place.shell.operations)
            place.relay.wake()
            every = {*DESCRIPTION["channels"]["events"]["messages"], *DESCRIPTION["channels"]}
            lacking = lambda: every - {"events"} - listener.types()  # noqa: E731
            try:
                wait_for(lambda: not lacking(), 40)
            except AssertionError:
                raise SystemExit(f"not sent: {sorted(lacking())}") from None
            wait_for(lambda: any(t.endswith("/checkpoint") for t, _ in listener.heard))
        finally:
            place.close()
            listener.close()
    found = {}
    for topic, payload in listener.heard:
        channel, where = channel_of(topic)
        kind = where["type"] if channel == "events" else channel
        body = json.loads(payload) if payload.strip() != b"{" else None
        if body is not None and (kind != "status" or body["state"] == "online"):
            found.setdefault(kind, (topic, body))
    return found


def written():
    """By name of its file."""
    made = {}
    for kind, (topic, body) in sorted(messages().items()):
        made[f"{kind}.json"] = {"topic": topic, "message": body}
    item = an_item(
        clearances=[{"authority": "customs", "state": "done", "at": "2026-01-15T07:00:00Z"}]
    )
    made["assignments.json"] = {
        "answer to": "GET /v1/gates/g/assignments?cursor=&wait=25",
        "message": {"cursor": "1", "full": True, "items": [item]},
    }
    for what, kind in (("passages", "passage.completed"), ("turned-away", "passage.abandoned")):
        event = made[f"{kind}.json"]["message"]
        body = {"event": event["id"], "lane": event["subject"], **event["data"]}
        if what == "turned-away":
            body["sequence"] = int(event["sequence"])
        made[f"{what}.json"] = {
            "request": f"POST /v1/gates/g/{what}",
            "Idempotency-Key": event["id"],
            "message": body,
        }
    away = made["turned-away.json"]["message"]
    made["guidance.json"] = {
        "request": "POST /v1/gates/g/guidance",
        "Idempotency-Key": f"{away['passage']}:out2",
        "message": {
            "lane": "out1",
            "passage": away["passage"],
            "plate": "24C12345",
            "assignment": "A1",
            "to": "out2",
            "reason": "wrong_lane",
            "at": away["arrived_at"],
        },
    }
    made["not-understood.json"] = {
        "request": "POST /v1/gates/g/not-understood",
        "message": {
            "time": "2026-01-15T08:00:00.000Z",
            "items": [
                {
                    "assignment_id": "A2",
                    "plates": ["24C12345"],
                    "why": "assignment A2: valid_to: a date and time with its zone is expected",
                }
            ],
        },
    }
    return made


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    for file, body in written().items():
        text = json.dumps(body, ensure_ascii=False, indent=1)
        (FOLDER / file).write_text(text + "\n", encoding="utf-8")
