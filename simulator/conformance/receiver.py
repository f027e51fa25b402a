"""`gate-sim check-receiver`: is a receiver what docs/customs.md asks?

It is judged by what it acknowledges and asks for, over a real broker, and by nothing else: so any
language and any storage will do. After what it must not take, the gate says once more that it is
online: the receiver's question names its last number, and shows that it has heard all before. So
nobody has to wait for "nothing".
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.sync.journal.chain import GENESIS, digest, signed_part
from edge.sync.journal.signing import GateKey
from simulator.conformance.gate import PlayedGate
from simulator.conformance.report import Refuted, Step, Unreachable, steps_of

BEYOND_32_BITS = 2**32 + 10
FLOOD = 300

POISON = (
    b"", b"{", b"\xff\xfe", b"null", b"7", b"[]", b"{}", b'"text"', b"[" * 20_000,
    b'{"specversion": "1.0"}', b"<html><body>502</body></html>",
)  # fmt: skip
NONSENSE: tuple[Any, ...] = (None, 7, [], {}, "x", "9" * 400)
AWKWARD = {
    "text": 'giấy tờ \u2028 \U0001f69a \u0007 \\ "桂A·1234挂"',
    "numbers": [1e-7, 1e21, 0.1, -0.0, 1e16, 123456789012345.6, 5e-324],
    "integer": 2**53 - 1,
    "at": "2026-03-01T08:00:00.120000+00:00",
    "\U0001f69a": 1,
    "\uffff": 2,
    "none": None,
    "": True,
}


class Process:
    """The receiver, started and killed by the kit. `command` may name {host}, {port}, {site},
    {gate}, {consumer} and {key}."""

    def __init__(self, command: str, **places: object) -> None:
        self._command = [part.format(**places) for part in shlex.split(command)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=None, start_new_session=True
        )

    def kill(self) -> None:
        """At once, as a power cut."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


STEPS = (
    "asks",
    "acknowledges",
    "doubled",
    "early",
    "lost",
    "unsigned",
    "changed",
    "forged-series",
    "forged-result",
    "poison",
    "grows",
    "canonical",
    "of-another",
    "gap",
    "new-series",
    "given-twice",
    "killed",
    "away",
    "flood",
    "another-history",
    "retained",
)
"""In this order; each is a method, whose first paragraph is what is asked."""


class ReceiverKit:
    """`patience_s`: how long something that must come may take. `first_s`: how long its
    start may. `process` is None where a person starts the receiver; then it is not killed."""

    def __init__(
        self,
        gate: PlayedGate,
        patience_s: float,
        process: Process | None = None,
        first_s: float = 0.0,
    ) -> None:
        self._gate, self._patience_s, self._process = gate, patience_s, process
        self._first_s = max(first_s, patience_s)
        self._stranger = GateKey(Ed25519PrivateKey.generate())
        self._held: dict[str, Any] = {}

    def steps(self) -> list[Step]:
        return steps_of(self, STEPS)

    def goes_on(self) -> bool:
        """Whether it and the gate agree again, so that the next step can be judged."""
        gate = self._gate
        with gate.changed:
            gate.faults.clear()
            gate.acks[:] = [n for n in gate.acks if n <= gate.reachable()]
        try:
            gate.send(gate.record())
            gate.birth()
            self._reaches(gate.number)
        except Refuted:
            return False
        return True

    # --- the steps; each one's first words are what is asked ---

    def asks(self) -> None:
        """Whenever `status` says online, it asks on replay/<name> for what it lacks (rule 4)."""
        gate = self._gate
        gate.birth()
        if not gate.wait(lambda: bool(gate.asked), self._first_s):
            raise Refuted(self._fault() or f"nothing came on replay/{gate.consumer}")
        after, _ = gate.asked[0]
        if after:
            # It holds events of an earlier run: a new series lies above them.
            gate.floor = gate.number = after
            gate.send(gate.begin_series(after + 1000))

    def acknowledges(self) -> None:
        """It stores events and acknowledges the number up to which it has all, on ack/<name>
        (rule 1)."""
        for _ in range(5):
            self._gate.send(self._gate.record())
        self._all_taken()

    def doubled(self) -> None:
        """An event that comes again is acknowledged again and applied once (rules 1 and 2)."""
        body = self._gate.record()
        for again in (False, True, True):
            self._gate.send(body, again=again)
        self._all_taken()
        self._heard()
        acks = len(self._gate.acks)
        self._gate.send(self._held, again=True)
        if not self._gate.wait(lambda: len(self._gate.acks) > acks, self._patience_s):
            why = "an event that it holds came again, and was not acknowledged again"
            raise Refuted(self._fault() or why)

    def early(self) -> None:
        """An event that comes ahead of its turn is not acknowledged before its turn (rule 3)."""
        gate = self._gate
        first, second, third = gate.record(), gate.record(), gate.record()
        gate.send(third)
        gate.send(second)
        self._heard()
        gate.send(first, second, third)
        self._all_taken()

    def lost(self) -> None:
        """What was lost is asked for with the last number held, when the gate is online again
        (rule 4)."""
        gate = self._gate
        before = self._held
        missing, late = gate.record(), gate.record()
        gate.send(late)
        self._heard()
        _, hash = gate.asked[-1]
        if hash and hash != before["hash"]:
            raise Refuted(f"the hash that it names is not that of event {before['sequence']}")
        del missing
        self._all_taken()

    def unsigned(self) -> None:
        """An event that the gate has not signed is not taken, and ends nothing (rule 0)."""
        gate = self._gate
        body = gate.made(gate.number + 1, gate.previous)
        bare = {k: v for k, v in body.items() if k != "signature"}
        of_another = gate.made(gate.number + 1, gate.previous, self._stranger)
        empty = {**bare, "signature": ""}
        for forged in (bare, empty, of_another):
            gate.send_raw(json.dumps({**forged, "hash": digest(forged)}).encode())
        self._refused("events that are not signed by this gate")

    def changed(self) -> None:
        """An event of which something was changed on the way is not taken (rule 0)."""
        gate = self._gate
        body = gate.made(gate.number + 1, gate.previous)
        other = {**body, "data": {**body["data"], "plate": "24C99999"}}
        for forged in (other, {**other, "hash": digest(other)}, {**body, "hash": "f" * 64}):
            gate.send_raw(json.dumps(forged).encode())
        self._refused("events that were changed on the way")

    def forged_series(self) -> None:
        """A new series (64 zeros) that the gate has not signed is not begun (rules 0 and 6)."""
        gate = self._gate
        for number in (gate.number + 1, gate.number + 5000):
            body = gate.made(number, GENESIS, self._stranger)
            bare = {k: v for k, v in body.items() if k not in ("signature", "hash")}
            for forged in (body, {**bare, "hash": digest(bare)}):
                gate.send_raw(json.dumps(forged).encode())
        self._refused("a new series that is not signed by this gate")

    def forged_result(self) -> None:
        """A replay/result that the gate has not signed is not obeyed (rule 5)."""
        gate = self._gate
        first = gate.number + 5000
        forged = gate.result(gate.number, first, GENESIS, self._stranger)
        bare = {k: v for k, v in json.loads(forged).items() if k != "signature"}
        for payload in (forged, json.dumps(bare).encode()):
            gate.say("replay/result", payload)
        self._refused("a replay/result that is not signed by this gate")

    def poison(self) -> None:
        """What is not understood is skipped, on any topic, and ends nothing (rule 0)."""
        for payload in POISON:
            for topic in (None, "status", "replay/result", "checkpoint"):
                if topic is None:
                    self._gate.send_raw(payload)
                else:
                    self._gate.say(topic, payload)
        body = self._gate.made(self._gate.number + 1, self._gate.previous)
        for name in ("sequence", "id", "hash", "signature", "data", "previoushash"):
            for value in NONSENSE:
                self._gate.send_raw(json.dumps({**body, name: value}).encode())
        self._refused("what cannot be understood")

    def grows(self) -> None:
        """Fields and types of event that came later are stored as they are (contract.md)."""
        gate = self._gate
        body = gate.made(gate.number + 1, gate.previous, later={"of": ["today", 1]})
        body = {**body, "type": "bordergate.something.later.v1", "traceparent": "00-1-2-03"}
        body["signature"] = gate.key.sign(signed_part(body))
        body["hash"] = digest(body)
        gate.send(gate.commit(body))
        self._all_taken()

    def canonical(self) -> None:
        """Hashes and signatures are made over the received JSON, canonical by RFC 8785."""
        gate = self._gate
        body = gate.record(**AWKWARD)
        gate.send(body)
        self._all_taken()

    def of_another(self) -> None:
        """An answer whose `after` is above the own last number is another receiver's (rule 5)."""
        gate = self._gate
        gate.say("replay/result", gate.result(gate.number + 50, gate.number + 90, self._hash()))
        self._refused("a replay/result that was meant for another receiver")

    def gap(self) -> None:
        """Where the gate holds nothing between, it goes on with `first` of a signed answer
        (rule 5)."""
        gate = self._gate
        for _ in range(4):
            gate.record()
        gate.removed(gate.number)
        body = gate.record()
        gate.send(body)
        self._heard()
        self._all_taken()

    def new_series(self) -> None:
        """A new series that the gate has signed is begun, numbers above 32 bits included (rule
        6)."""
        gate = self._gate
        gate.send(gate.begin_series(max(gate.number, BEYOND_32_BITS) + 100_000))
        self._all_taken()
        gate.send(gate.record())
        self._all_taken()

    def given_twice(self) -> None:
        """A number that is given twice is refused, and what is held stays (rule 7)."""
        gate = self._gate
        previous = self._held["previoushash"]
        acks = len(gate.acks)
        gate.send_raw(json.dumps(gate.made(gate.number, previous)).encode())
        gate.send_raw(json.dumps(gate.made(1, GENESIS)).encode())
        self._refused("a number that was given twice")
        if (lowest := min(gate.acks[acks:], default=gate.number)) < gate.number - 1:
            raise Refuted(f"it went back to {lowest}")

    def killed(self) -> None:
        """What it has acknowledged is stored: killed at that moment, it still holds it (rule 1)."""
        gate, process = self._gate, self._running()
        for _ in range(3):
            gate.send(gate.record())
            self._all_taken()
            process.kill()
            asked = len(gate.asked)
            process.start()
            if not gate.wait(lambda since=asked: len(gate.asked) > since, self._patience_s):  # type: ignore[misc]
                raise Refuted(self._fault() or "started again, it asked for nothing")
            after = gate.asked[asked][0]
            if after < gate.number:
                raise Refuted(f"it had acknowledged {gate.number}, and holds {after} after a kill")
            if after > gate.number:
                raise Refuted(f"it says to hold {after} of {gate.number}")

    def away(self) -> None:
        """What came while it was away is fetched when it is back (rule 4)."""
        gate, process = self._gate, self._running()
        process.kill()
        gate.send(gate.record(), gate.record())
        process.start()
        self._all_taken()

    def flood(self) -> None:
        """It keeps up with some hundred events at once."""
        for _ in range(FLOOD):
            self._gate.send(self._gate.record())
        self._all_taken()

    def another_history(self) -> None:
        """An event with another previoushash than the hash that it holds is not taken (rule 5)."""
        gate = self._gate
        gate.send_raw(json.dumps(gate.made(gate.number + 1, "e" * 64)).encode())
        self._refused("an event of another history", goes_on=False)

    def retained(self) -> None:
        """Acknowledgements and questions are sent without retain (rule 8)."""
        if found := self._gate.retained():
            raise Refuted(f"a message stays behind on {', '.join(found)}")

    # --- how it is judged ---

    def _running(self) -> Process:
        if self._process is None:
            raise Unreachable("the kit has not started it (--start), so it is not killed")
        return self._process

    def _hash(self) -> str:
        return str(self._held["hash"])

    def _fault(self) -> str:
        """What it has said wrongly so far, or ""."""
        gate = self._gate
        with gate.changed:
            return gate.faults[0] if gate.faults else ""

    def _reaches(self, number: int) -> None:
        gate = self._gate
        gate.wait(lambda: bool(gate.acks) and max(gate.acks) >= number, self._patience_s)
        if fault := self._fault():
            raise Refuted(fault)
        if max(gate.acks, default=-1) < number:
            raise Refuted(
                f"{number} was not acknowledged within {self._patience_s:g} s; "
                f"the last one was {gate.acks[-1] if gate.acks else 'none'}"
            )

    def _all_taken(self) -> None:
        gate = self._gate
        self._reaches(gate.number)
        self._held = gate.journal[gate.number]

    def _heard(self) -> None:
        """It has heard all that was sent, and holds what it held."""
        gate, held = self._gate, int(self._held["sequence"])
        asked = len(gate.asked)
        gate.birth()
        if not gate.wait(lambda: len(gate.asked) > asked, self._patience_s):
            raise Refuted(self._fault() or "the gate came online, and it asked for nothing")
        if fault := self._fault():
            raise Refuted(fault)
        after = gate.asked[asked][0]
        if after != held:
            raise Refuted(f"it says to hold {after}, and can hold {held}")

    def _refused(self, what: str, goes_on: bool = True) -> None:
        """None of it was taken; then the stream goes on."""
        try:
            self._heard()
        except Refuted as error:
            raise Refuted(f"{what}: {error}") from None
        if goes_on:
            self._gate.send(self._gate.record())
            try:
                self._all_taken()
            except Refuted as error:
                raise Refuted(f"after {what}: {error}") from None
