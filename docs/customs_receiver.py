"""An example receiver: python customs_receiver.py HOST PORT SITE GATE FILE.db"""

import json
import sqlite3
import sys

import paho.mqtt.client as mqtt

host, port, site, gate, file = sys.argv[1:6]
base = f"bordergate/v1/{site}/{gate}"
db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
db.execute("CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, body TEXT NOT NULL)")
(through,) = db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
early = {}


def connected(client, data, flags, reason, properties):
    client.subscribe(f"{base}/events/#", qos=1)
    # What was missed while we were away: ask from the first event that we lack.
    client.publish(f"{base}/replay", json.dumps({"consumer": "example", "after": through}), qos=1)


def received(client, data, message):
    global through
    event = json.loads(message.payload)
    sequence = int(event["sequence"])
    if sequence > through:
        early[sequence] = event  # alarms may come ahead of their turn
    if event["previoushash"] == "0" * 64 and sequence > through:
        through = sequence - 1  # a new series: what lies between was lost with the gate's journal
    while through + 1 in early:
        body = json.dumps(early.pop(through + 1), ensure_ascii=False)
        db.execute("INSERT INTO events VALUES (?, ?)", (through + 1, body))
        through += 1
    # Only what is committed is acknowledged; the gate sends everything else again.
    client.publish(f"{base}/ack", json.dumps({"consumer": "example", "through": through}), qos=1)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"example-{gate}", clean_session=False)
client.on_connect, client.on_message = connected, received
client.connect(host, int(port))
client.loop_forever()
