"""What a receiver believes (docs/customs.md, rules 0 and 5)."""

from __future__ import annotations

import json
from typing import Any

from edge.sync.journal.chain import GENESIS, digest
from simulator.conformance.judging import Judging

POISON = (
    b"", b"{", b"\xff\xfe", b"null", b"7", b"[]", b"{}", b'"text"', b"[" * 20_000,
    b'{"specversion": "1.0"}', b"<html><body>502</body></html>",
)  # fmt: skip
NONSENSE: tuple[Any, ...] = (None, 7, [], {}, "x", "9" * 400)


class Forgeries(Judging):
    """Steps of the kit; the first words of each are what is asked."""

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

    def another_key(self) -> None:
        """A key that only the birth on `status` names is not believed: anybody can name one (rule
        0)."""
        gate = self._gate
        asked = len(gate.asked)
        gate.birth(self._stranger)
        self._asked_after(asked)
        forged = gate.made(gate.number + 1, gate.previous, self._stranger)
        gate.send_raw(json.dumps(forged).encode())
        self._refused("an event by a key that the birth alone has named")

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

    def of_another(self) -> None:
        """An answer whose `after` is above the own last number is another receiver's (rule 5)."""
        gate = self._gate
        gate.say("replay/result", gate.result(gate.number + 50, gate.number + 90, self._hash()))
        self._refused("a replay/result that was meant for another receiver")
