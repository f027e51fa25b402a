"""An example receiver: python customs_receiver.py HOST PORT SITE GATE FILE.db"""

import hashlib
import json
import sqlite3
import sys

import paho.mqtt.client as mqtt
import rfc8785

host, port, site, gate, file = sys.argv[1:6]
base, start = f"bordergate/v1/{site}/{gate}", "0" * 64
db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)  # an INSERT commits
db.execute("CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, id TEXT, body TEXT)")
last = db.execute("SELECT seq, body FROM events ORDER BY seq DESC LIMIT 1").fetchone()
through, before = (last[0], json.loads(last[1])["hash"]) if last else (0, start)
early = {}  # live events may come ahead of their turn


def tell(topic, **what):
    client.publish(f"{base}/{topic}", json.dumps({"consumer": "example", **what}), qos=1)


def received(client, data, message):
    global through, before
    said, kind = json.loads(message.payload), message.topic.removeprefix(f"{base}/")
    if kind == "status" and said["state"] == "online":  # one of us was away
        tell("replay", after=through)
    if kind == "replay/result" and said["after"] <= through < said["first"] - 1:
        through, before = said["first"] - 1, said["previoushash"]  # the gate holds none between
    if kind.startswith("events/"):
        number = int(said["sequence"])
        held = db.execute("SELECT id FROM events WHERE seq = ?", [number]).fetchone()
        if held and held[0] != said["id"]:
            print(f"number {number} was given twice: tell a person", flush=True)
        elif number > through:
            early[number] = said
            if said["previoushash"] == start:
                through, before = number - 1, start  # a new series: what lies between was lost
    while event := early.pop(through + 1, None):
        bare = {k: v for k, v in event.items() if k not in ("hash", "replayed")}
        good = event["hash"] == hashlib.sha256(rfc8785.dumps(bare)).hexdigest()
        if not good or event["previoushash"] != before:
            sys.exit(f"event {through + 1} was changed, or one before it left out: tell a person")
        row = (through + 1, event["id"], json.dumps(event, ensure_ascii=False))
        db.execute("INSERT INTO events VALUES (?, ?, ?)", row)
        through, before = through + 1, event["hash"]
    tell("ack", through=through)  # only what is committed; also when it comes again


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"example-{gate}", clean_session=False)
topics = [(f"{base}/{topic}", 1) for topic in ("events/#", "status", "replay/result")]
client.on_connect = lambda client, *_: client.subscribe(topics)
client.on_message = received
client.connect(host, int(port))
client.loop_forever()
