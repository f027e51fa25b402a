"""An example receiver: python customs_receiver.py HOST PORT SITE GATE FILE.db"""

import json
import sqlite3
import sys
from hashlib import sha256

import rfc8785
from paho.mqtt import subscribe

host, port, site, gate, file = sys.argv[1:6]
base, start, early = f"bordergate/v1/{site}/{gate}", "0" * 64, {}
db = sqlite3.connect(file, isolation_level=None)  # an INSERT commits
db.execute("CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, id TEXT, body TEXT)")
last = db.execute("SELECT seq, body FROM events ORDER BY seq DESC LIMIT 1").fetchone()
through, before = (last[0], json.loads(last[1])["hash"]) if last else (0, start)


def tell(client, topic, **what):
    client.publish(f"{base}/{topic}", json.dumps({"consumer": "example", **what}), qos=1)


def received(client, data, message):
    global through, before
    said, kind = json.loads(message.payload), message.topic.removeprefix(f"{base}/")
    if kind == "status" and said["state"] == "online":  # one of us was away
        tell(client, "replay", after=through)
    if kind == "replay/result" and said["after"] <= through < said["first"] - 1:
        through, before = said["first"] - 1, said["previoushash"]  # the gate holds none between
    if kind.startswith("events/"):
        number = int(said["sequence"])
        held = db.execute("SELECT id FROM events WHERE seq = ?", [number]).fetchone()
        if held and held[0] != said["id"]:
            print(f"number {number} was given twice: tell a person", flush=True)
        elif number > through:
            early[number] = said  # live events may come ahead of their turn
            if said["previoushash"] == start:
                through, before = number - 1, start  # a new series: what lies between was lost
    while event := early.pop(through + 1, None):
        bare = rfc8785.dumps({k: event[k] for k in event if k not in ("hash", "replayed")})
        if (event["previoushash"], event["hash"]) != (before, sha256(bare).hexdigest()):
            sys.exit(f"event {through + 1} was changed, or one before it left out: tell a person")
        through, before = through + 1, event["hash"]
        db.execute("INSERT INTO events VALUES (?, ?, ?)", [through, event["id"], json.dumps(event)])
    tell(client, "ack", through=through)  # only what is committed; also when it comes again


topics, name = [f"{base}/{t}" for t in ("events/#", "status", "replay/result")], f"example-{gate}"
subscribe.callback(received, topics, 1, None, host, int(port), name, clean_session=False)
