"""HTTPS push: python https_forwarder.py HOST PORT SITE GATE FILE URL KEY[,KEY] [HEADER [MAP.json]]

Each event is posted to URL in its order, under its id as Idempotency-Key. What URL has answered
with 200, 201 or 204 is acknowledged to the gate; anything else is not, so the gate sends it again.
HEADER: one more, as "Authorization: Bearer ...". FILE holds the last number that URL has taken.
MAP: types of event with the fields that are posted, under other names; the rest is acknowledged.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from paho.mqtt import subscribe

host, port, site, gate, file, url, keys, header, names = (*sys.argv[1:], "", "")[:9]
keys = [Ed25519PublicKey.from_public_bytes(b64decode(key)) for key in keys.split(",")]
base, start, early = f"bordergate/v1/{site}/{gate}", "0" * 64, {}
mapped = json.loads(Path(names).read_text(encoding="utf-8")) if names else None
through, before = json.loads(Path(file).read_text()) if Path(file).exists() else (0, start)


def genuine(said):
    bare = {k: said[k] for k in said if k not in ("hash", "replayed", "signature")}
    for key in keys:
        try:
            return key.verify(b64decode(said["signature"]), rfc8785.dumps(bare)) is None
        except InvalidSignature:
            pass
    return False


def keep(number, hash):
    """On the disk before it is acknowledged."""
    global through, before
    with Path(f"{file}.new").open("w") as new:
        json.dump((number, hash), new)
        new.flush()
        os.fsync(new.fileno())
    Path(f"{file}.new").replace(file)
    through, before = number, hash


def posted(said):
    """The fields that MAP names; None for an event that nobody has asked for."""
    fields = mapped.get(said["type"].removeprefix("bordergate.").removesuffix(".v1"))
    flat = {**said, **{f"data.{name}": value for name, value in said["data"].items()}}
    return fields and {theirs: flat.get(ours) for theirs, ours in fields.items()}


def pushed(said):
    body = posted(said) if mapped else said
    if body is None:
        return True
    more = dict([header.split(": ", 1)]) if header else {}
    headers = {"Content-Type": "application/json", "Idempotency-Key": said["id"], **more}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status in (200, 201, 204)
    except (urllib.error.URLError, OSError) as error:
        print(f"event {said['sequence']} is not taken: {error}", flush=True)
        return False


def event(said):
    number, bare = (
        int(said["sequence"]),
        {k: said[k] for k in said if k not in ("hash", "replayed")},
    )
    if not genuine(said) or said["hash"] != sha256(rfc8785.dumps(bare)).hexdigest():
        return print(f"event {number} is not signed by this gate", flush=True)
    if number > through and len(early) < 10_000:
        early[number] = said
        if said["previoushash"] == start:
            keep(number - 1, start)  # a new series
    while said := early.get(through + 1):
        if said["previoushash"] != before:
            return print(f"event {through + 1} is of another history", flush=True)
        if not pushed(said):
            return None
        keep(through + 1, early.pop(through + 1)["hash"])


def received(client, data, message):
    kind = message.topic.removeprefix(f"{base}/")
    try:
        said, me = json.loads(message.payload), {"consumer": "push"}
        if kind == "status" and said["state"] == "online":
            word = {**me, "after": through, "hash": before}
            client.publish(f"{base}/replay/push", json.dumps(word), qos=1)
        elif kind == "replay/result" and said["after"] <= through < said["first"] - 1:
            if genuine(said):  # the gate holds none between
                keep(said["first"] - 1, said["previoushash"])
        elif kind.startswith("events/"):
            event(said)
            client.publish(f"{base}/ack/push", json.dumps({**me, "through": through}), qos=1)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        print(f"a message on {kind} is not understood", flush=True)


topics = [f"{base}/{topic}" for topic in ("events/#", "status", "replay/result")]
subscribe.callback(received, topics, 1, None, host, int(port), f"push-{gate}", clean_session=False)
