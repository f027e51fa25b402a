"""HTTPS push: python https_forwarder.py HOST PORT SITE GATE FILE URL KEY[,KEY] [HEADER [MAP.json]]

Posts each event to URL in order, its id as Idempotency-Key; 200, 201 and 204 mean that it is taken.
HEADER: one more, as "Authorization: Bearer ...". FILE holds the last number that URL has taken.
MAP: types of event with the fields that are posted, under other names; the rest is left out.
"""

import json
import sqlite3
import sys
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from urllib.request import HTTPRedirectHandler, Request, urlopen

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from paho.mqtt import subscribe

host, port, site, gate, file, url, keys, header, names = (*sys.argv[1:], "", "")[:9]
keys = [Ed25519PublicKey.from_public_bytes(b64decode(key)) for key in keys.split(",")]
headers = dict([("Content-Type", "application/json"), *([header.split(": ", 1)] if header else [])])
maps = json.loads(Path(names).read_text(encoding="utf-8")) if names else None
base, start = f"bordergate/v1/{site}/{gate}", "0" * 64
HTTPRedirectHandler.redirect_request = lambda *_: None  # a sign-in page takes no event
db = sqlite3.connect(file, isolation_level=None)  # an INSERT commits
db.execute("CREATE TABLE IF NOT EXISTS taken (number INTEGER PRIMARY KEY, hash TEXT)")


def genuine(said, *added):
    bare = rfc8785.dumps({k: v for k, v in said.items() if k not in (*added, "signature")})
    for key in keys:
        try:
            return key.verify(b64decode(said["signature"]), bare) is None
        except InvalidSignature:
            pass
    raise ValueError("it is not signed by this gate")


def push(said):
    fields = maps and maps.get(said["type"].removeprefix("bordergate.").removesuffix(".v1"), {})
    flat = {**said, **{f"data.{name}": value for name, value in said["data"].items()}}
    body = said if fields is None else {name: flat.get(ours) for name, ours in fields.items()}
    request = Request(url, json.dumps(body).encode(), {**headers, "Idempotency-Key": said["id"]})
    if body:
        with urlopen(request, timeout=10) as answer:
            if answer.status not in (200, 201, 204):
                raise OSError(f"it answers {answer.status}")


def received(client, data, message):
    def say(topic, **what):
        body = json.dumps({"consumer": "push", **what})
        client.publish(f"{base}/{topic}/push", body, qos=1)

    kind, taken = message.topic.removeprefix(f"{base}/"), "INSERT INTO taken VALUES (?, ?)"
    last = db.execute("SELECT * FROM taken ORDER BY number DESC").fetchone() or (0, start)
    try:
        said = json.loads(message.payload)
        if kind == "status" and said["state"] == "online":
            say("replay", after=last[0], hash=last[1])
        elif kind == "replay/result" and said["after"] <= last[0] < said["first"] - 1:
            if genuine(said):  # the gate holds none between
                db.execute(taken, [said["first"] - 1, said["previoushash"]])
        elif kind.startswith("events/") and genuine(said, "hash", "replayed"):
            number, previous = int(said["sequence"]), said["previoushash"]
            bare = {k: v for k, v in said.items() if k not in ("hash", "replayed")}
            if said["hash"] != sha256(rfc8785.dumps(bare)).hexdigest():
                raise ValueError("its hash is another")
            if number == last[0] + 1 and previous in (last[1], start):
                push(said)  # one that is early comes again in its place
                db.execute(taken, last := [number, said["hash"]])
            elif number > last[0] + 1 and previous == start:
                say("replay", after=last[0], hash=last[1])  # is there more before a new series?
            say("ack", through=last[0])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        print(f"a message on {kind} is not taken: {error!r}", flush=True)


topics = [f"{base}/{topic}" for topic in ("events/#", "status", "replay/result")]
subscribe.callback(received, topics, 1, None, host, int(port), f"push-{gate}", clean_session=False)
