"""Receiver: python customs_receiver.py HOST PORT SITE GATE FILE.db KEY[,KEY] [UNSIGNED]

KEY is what `gate keys gate` prints, handed over in writing. Events up to the number UNSIGNED, from
before the gate signed them, are taken without a signature.
"""

import json
import sqlite3
import sys
from base64 import b64decode
from hashlib import sha256

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from paho.mqtt import subscribe

host, port, site, gate, file, keys, unsigned = (*sys.argv[1:], "0")[:7]
keys = [Ed25519PublicKey.from_public_bytes(b64decode(key)) for key in keys.split(",")]
base, start, early, told, wanted = f"bordergate/v1/{site}/{gate}", "0" * 64, {}, set(), 0
db = sqlite3.connect(file, isolation_level=None)  # an INSERT commits
db.execute("CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, id TEXT, body TEXT)")
last = db.execute("SELECT seq, body FROM events ORDER BY seq DESC LIMIT 1").fetchone()
through, before = (last[0], json.loads(last[1])["hash"]) if last else (0, start)


def person(text):
    """Reaches a person in your system: here it is only printed, each text once."""
    if text not in told and len(told) < 1000:
        told.add(text)
        print(text, flush=True)


def genuine(said, text=None):
    """Whether the gate has signed it; `text`, or else the JSON without what is added later."""
    bare = {k: said[k] for k in said if k not in ("hash", "replayed", "signature")}
    for key in keys:
        try:
            key.verify(b64decode(said["signature"]), text or rfc8785.dumps(bare))
            return True
        except InvalidSignature:
            pass
    return False


def tell(client, topic, **what):
    what = {"consumer": "example", **what}
    client.publish(f"{base}/{topic}/example", json.dumps(what), qos=1)


def skip(first, previous):
    """The gate says, signed, that the next one is `first`."""
    global through, before, early
    if first > through + 1:
        person(f"events {through + 1} to {first - 1} will not come: ask for an export")
    through, before = first - 1, previous
    early = {number: said for number, said in early.items() if number > through}


def take(client):
    """What is next, as far as it has come."""
    global through, before
    while said := early.pop(through + 1, None):
        if said["previoushash"] != before:  # of an earlier history, or of another: the answer says
            return tell(client, "replay", after=through, hash=before)
        db.execute(
            "INSERT INTO events VALUES (?, ?, ?)", [through + 1, said["id"], json.dumps(said)]
        )
        through, before = through + 1, said["hash"]


def event(client, said):
    number = int(said["sequence"])
    signed = genuine(said) if "signature" in said else number <= int(unsigned)
    bare = {k: said[k] for k in said if k not in ("hash", "replayed")}
    if not signed or said["hash"] != sha256(rfc8785.dumps(bare)).hexdigest():
        return person(f"event {number} is not signed by this gate: not taken")
    held = db.execute("SELECT id FROM events WHERE seq = ?", [number]).fetchone()
    if held and held[0] != said["id"]:
        person(f"number {number} was given twice: the gate has lost its journal")
    elif number > through and len(early) < 10_000:
        early[number] = said  # live events may come ahead of their turn
        if said["previoushash"] == start and number == through + 1:
            skip(number, start)  # a new series
        elif said["previoushash"] == start:  # is there more before it? the answer says so
            tell(client, "replay", after=through, hash=before)
    take(client)


def checkpoint(client, said):
    """A person hears of what the gate has, and has not come until the checkpoint after it."""
    global wanted
    number, text = int(said["sequence"]), f"{said['sequence']}:{said['hash']}:{said['time']}"
    if not genuine(said, text.encode()):
        return person(f"checkpoint {number} is not signed by this gate: not heeded")
    if wanted > through:
        person(f"only {through} of {wanted} events have come")
        tell(client, "replay", after=through, hash=before)
    wanted = number


def received(client, data, message):
    kind = message.topic.removeprefix(f"{base}/")
    try:
        said = json.loads(message.payload)
        if kind == "status" and said["state"] == "online":  # one of us was away
            tell(client, "replay", after=through, hash=before)
        elif kind == "checkpoint":
            checkpoint(client, said)
        elif kind == "replay/result" and said["after"] <= through < said["first"]:
            if not genuine(said):
                person("a replay/result is not signed by this gate: not heeded")
            elif said["first"] > through + 1:
                skip(said["first"], said["previoushash"])  # the gate holds none between
                take(client)
            elif said["previoushash"] not in (before, start):
                person(f"the gate goes on after {through} with another history than was held")
        elif kind.startswith("events/"):
            event(client, said)
            tell(client, "ack", through=through)  # only what is committed; also when it comes again
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        person(f"a message on {kind} is not understood: {message.payload[:80]!r}")


topics = [f"{base}/{topic}" for topic in ("events/#", "status", "replay/result", "checkpoint")]
subscribe.callback(
    received, topics, 1, None, host, int(port), f"example-{gate}", clean_session=False
)
