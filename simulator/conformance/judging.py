"""How a receiver is judged: by what it acknowledges and asks for, over a real broker, and by
nothing else, so any language and any storage will do.

After what it must not take, the gate says once more that it is online: the receiver's question
names its last number, and shows that it has heard all before. So nobody has to wait for "nothing".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.sync.journal.signing import GateKey
from simulator.conformance.gate import PlayedGate
from simulator.conformance.process import Process
from simulator.conformance.report import Refuted, Unreachable


class Judging:
    """`patience_s`: how long something that must come may take. `first_s`: how long its
    start may. `process` is None where a person starts the receiver; then it is not killed. `wipe`:
    the broker forgets all, where it is the kit's own."""

    def __init__(
        self,
        gate: PlayedGate,
        patience_s: float,
        process: Process | None = None,
        first_s: float = 0.0,
        wipe: Callable[[], None] | None = None,
    ) -> None:
        self._gate, self._patience_s, self._process = gate, patience_s, process
        self._first_s, self._wipe = max(first_s, patience_s), wipe
        self._stranger = GateKey(Ed25519PrivateKey.generate())
        self._held: dict[str, Any] = {}

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

    def _comes_further(self) -> bool:
        """Whether it acknowledges more than now, where it lacks something."""
        gate = self._gate
        had = max(gate.acks, default=0)
        if had >= gate.number:
            return False
        return gate.wait(lambda: max(gate.acks, default=0) > had, self._patience_s)

    def _all_taken(self) -> None:
        gate = self._gate
        self._reaches(gate.number)
        self._held = gate.journal[gate.number]

    def _asked_after(self, questions: int) -> bool:
        """Whether it asks once more."""
        gate = self._gate
        return gate.wait(lambda: len(gate.asked) > questions, self._patience_s)

    def _heard(self) -> None:
        """It has heard all that was sent, and holds what it held."""
        gate, held = self._gate, int(self._held["sequence"])
        asked = len(gate.asked)
        gate.birth()
        if not self._asked_after(asked):
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
