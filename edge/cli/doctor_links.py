"""`gate doctor` checks the connections: broker, receivers, platform, journal."""

from __future__ import annotations

import os
import queue
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli.finding import Finding
from edge.cli.running import RunningService
from edge.config import CustomsConfig, FolderPlatformConfig, PlatformConfig, Settings
from edge.config.address import masked
from edge.system.clock import SystemClock

if TYPE_CHECKING:
    from edge.sync.customs.mqtt_link import MqttLink

PUBACK_S = 10.0
PROBE = "doctor"
"""A state that is written and removed."""

DOTTED = "command/doctor.probe/result"
"""A topic on which the gate may write, with a dot; it answers a command that nobody has sent."""

ENDS = "it ends the connection for a message: may this gate write there (the broker's ACL)?"
DOTS = "it ends the connection for a topic with a dot, as NATS before 2.10: dots_in_topics = false"

MANY = 10_000
"""More events that a receiver lacks than any outage of an hour makes."""


def broker(settings: Settings, service: RunningService | None) -> Iterator[Finding]:
    """A real connection with the gate's certificate or password, its subscriptions, and, where no
    service speaks for the gate just now, its right to publish: the truth, that it is offline."""
    from edge.sync.customs.incoming import ACK, REPLAY, own_topics, subscription_refused
    from edge.sync.customs.mqtt_link import LinkDown
    from edge.sync.customs.topics import base_of, offline

    customs = settings.customs
    assert customs is not None
    base = base_of(settings.site, settings.gate)
    # A name of its own: the service's would end the service's connection. Its will is never used.
    own = own_topics([consumer.name for consumer in customs.consumers])
    topics = [f"{base}/{word}" for word in (ACK, REPLAY, "command", *own)]
    try:
        link = _connected(customs, f"doctor-{settings.site}-{settings.gate}", base, topics)
    except LinkDown as error:
        yield Finding("broker", False, f"{customs.host}:{customs.port}", str(error))
        return
    try:
        secured = "TLS" if customs.tls else "without TLS"
        yield Finding("broker", True, f"connected to {link}, {secured}")
        if link.denied:
            yield Finding("broker hears", False, "", subscription_refused(link.denied))
        else:
            yield Finding("broker hears", True, "subscribed to ack, replay, command")
        if service is not None:
            yield _service_link(service)
            return
        failure = _written(link, f"{base}/status", offline(), retain=True)
        if not failure and customs.dots_in_topics and not link.five:
            failure = DOTS if _written(link, f"{base}/{DOTTED}", b"{}") == ENDS else ""
        # Without MQTT 5 a broker cannot say that it refuses.
        found = "publishes on status" if link.five else "publishes; MQTT 3.1.1 tells no refusal"
        yield Finding("broker takes", not failure, "" if failure else found, failure)
    finally:
        link.close()


def _connected(customs: CustomsConfig, id: str, base: str, topics: Sequence[str]) -> MqttLink:
    """As the service connects: where the broker wants no MQTT 5, with 3.1.1. Raises LinkDown."""
    from edge.sync.customs.mqtt_link import LinkDown, MqttLink

    for _ in range(2):
        link = MqttLink(customs, id, f"{base}/doctor", b"")
        try:
            link.connect(topics)
            return link
        except LinkDown:
            link.close()
            if not link.older_next:
                raise
    raise AssertionError("the second connection is of the older kind")


def _written(link: MqttLink, topic: str, payload: bytes, retain: bool = False) -> str:
    """Why the broker did not take it, or ""."""
    from edge.sync.customs.mqtt_link import LinkDown

    answers: queue.Queue[str] = queue.Queue()
    link.on_published = lambda mid, failure: answers.put(failure)
    link.on_wake = lambda: answers.put(ENDS)
    try:
        link.publish(topic, payload, retain=retain)
        return answers.get(timeout=PUBACK_S)
    except queue.Empty:
        return "no answer to a message; see the broker's log"
    except LinkDown as error:
        return str(error)


def _service_link(service: RunningService) -> Finding:
    up = service.links.get("customs", False)
    cure = "" if up else "see the console under Hệ thống, or journalctl -u gate, for the reason"
    return Finding("broker takes", up, f"the service is {'' if up else 'not '}connected", cure)


def platform(settings: Settings) -> Iterator[Finding]:
    match settings.platform:
        case PlatformConfig() as http:
            yield _http(http, settings.gate)
        case FolderPlatformConfig(folder=folder):
            yield _drop_folder(folder)


def _http(config: PlatformConfig, gate: str) -> Finding:
    """An authorised request for the list, which changes nothing."""
    from edge.sync.platform.http import HttpPlatform
    from edge.sync.platform.port import PlatformDown

    link = HttpPlatform(config.model_copy(update={"wait_s": 0}), gate, SystemClock())
    try:
        began = time.monotonic()
        fetched = link.fetch("")
        took = (time.monotonic() - began) * 1000
    except PlatformDown as error:
        cure = "; the platform does not accept this gate: check platform.oauth or cert_file"
        why = str(error) + (cure if error.denied else "")
        return Finding("platform", False, masked(config.url), why)
    finally:
        link.close()
    rows = fetched.answer.rows if fetched.answer else []
    listed = f"{len({row[0] for row in rows})} assignments in {took:.0f} ms"
    if fetched.note:
        cure = "ask the platform, or set [platform.words] (docs/platform.md)"
        return Finding("platform", False, f"{listed}; {fetched.note}", cure)
    return Finding("platform", True, listed)


def _drop_folder(folder: Path) -> Finding:
    """The list is there, and passages can be written."""
    from edge.sync.platform.folder import LISTS, PASSAGES

    lists = [name for name in LISTS if (folder / name).exists()]
    if not lists:
        cure = f"mount the share, or put {' or '.join(LISTS)} there (docs/platform.md)"
        return Finding("platform", False, str(folder), cure)
    target = folder / PASSAGES
    probe = (target if target.exists() else folder) / f".doctor-{os.getpid()}"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        cure = f"the service may not write in {probe.parent} ({error.strerror})"
        return Finding("platform", False, str(folder), cure)
    return Finding("platform", True, f"{folder}/{lists[0]}, and passages can be written")


def issuers(settings: Settings) -> Iterator[Finding]:
    """Whoever may send commands needs a key."""
    from edge.sync.customs.keyring import Keyring, KeyringError

    ring = Keyring(settings.data_folder / "keys")
    for issuer in settings.issuers:
        try:
            keys = len(ring.valid(issuer.name))
        except KeyringError as error:
            yield Finding("keys", False, "", str(error))
            return
        cure = "" if keys else f"gate keys new {issuer.name}, or take it out of [[issuers]]"
        yield Finding(f"commands of {issuer.name}", bool(keys), f"{keys} valid keys", cure)


def journal(settings: Settings) -> Iterator[Finding]:
    """Whether something can be recorded, and receivers take it."""
    from edge.sync.journal import sql
    from edge.sync.journal.journal import FILE
    from edge.sync.journal.outbox import consumers_of

    file = settings.data_folder / FILE
    if not file.exists():
        yield Finding("journal", True, "none yet; the service makes it")
        return
    try:
        with closing(sqlite3.connect(file, timeout=10)) as db:
            (last,) = db.execute(sql.LAST_SEQ).fetchone()
            kept_for = dict(db.execute(sql.CONSUMERS))
            # A commit for real, and another that leaves no trace of it.
            with db:
                db.execute(sql.PUT_STATE, (PROBE, "{}"))
            with db:
                db.execute(sql.FORGET_STATE, (PROBE,))
    except sqlite3.OperationalError as error:
        cure = (
            f"chown it to the owner of {file.parent}, or see whether the disk is full or read-only"
        )
        yield Finding("journal", False, f"{file}: {error}", cure)
        return
    except sqlite3.DatabaseError as error:
        cure = "look at the disk; the service puts a corrupt journal aside and goes on above it"
        yield Finding("journal", False, f"{file}: {error}", cure)
        return
    yield Finding("journal", True, f"takes a record; {last} events so far")
    configured = consumers_of(settings)
    for name, through in kept_for.items():
        lacks, cure = last - through, ""
        if name not in configured:
            cure = f"not configured: put it back, or gate journal forget {name}"
        elif lacks > MANY:
            cure = "is it running, and does it acknowledge what it stores? (docs/customs.md)"
        yield Finding(f"receiver {name}", not cure, f"lacks {lacks} events", cure)
