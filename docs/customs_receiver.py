"""An example receiver: python customs_receiver.py HOST PORT SITE GATE FILE.db"""

import hashlib
import json
import sqlite3
import sys

import paho.mqtt.client as mqtt
import rfc8785

host, port, site, gate, file = sys.argv[1:6]
base = f"bordergate/v1/{site}/{gate}"
db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
db.execute("CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, body TEXT NOT NULL)")
last = db.execute("SELECT seq, body FROM events ORDER BY seq DESC LIMIT 1").fetchone()
through, before = (last[0], json.loads(last[1])["hash"]) if last else (0, "0" * 64)
early = {}


def connected(client, data, flags, reason, properties):
    client.subscribe(f"{base}/events/#", qos=1)
    # What was missed while we were away: ask from the first event that we lack.
    client.publish(f"{base}/replay", json.dumps({"consumer": "example", "after": through}), qos=1)


def received(client, data, message):
    global through, before
    event = json.loads(message.payload)
    sequence = int(event["sequence"])
    if sequence > through:
        early[sequence] = event  # live events may come ahead of their turn
    if event["previoushash"] == "0" * 64 and sequence > through:
        through, before = sequence - 1, "0" * 64  # a new series: what lies between was lost
    while through + 1 in early:
        event = early.pop(through + 1)
        bare = {k: v for k, v in event.items() if k not in ("hash", "replayed")}
        good = event["hash"] == hashlib.sha256(rfc8785.dumps(bare)).hexdigest()
        if not good or event["previoushash"] != before:
            sys.exit(f"event {through + 1} was changed, or one before it left out: tell a person")
        body = json.dumps(event, ensure_ascii=False)
        db.execute("INSERT INTO events VALUES (?, ?)", (through + 1, body))
        through, before = through + 1, event["hash"]
    # Only what is committed is acknowledged; the gate sends everything else again.
    client.publish(f"{base}/ack", json.dumps({"consumer": "example", "through": through}), qos=1)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"example-{gate}", clean_session=False)
client.on_connect, client.on_message = connected, received
client.connect(host, int(port))
client.loop_forever()
