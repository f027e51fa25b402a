"""What a receiver does with the stream of events (docs/customs.md, rules 1 to 4 and 8)."""

from __future__ import annotations

from edge.sync.journal.chain import digest, signed_part
from simulator.conformance.judging import Judging
from simulator.conformance.report import Refuted

FLOOD = 300

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


class Stream(Judging):
    """Steps of the kit; the first words of each are what is asked."""

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

    def killed(self) -> None:
        """What it has acknowledged is stored: killed at that moment, it still holds it (rule 1),
        also where the broker has forgotten what it had sent."""
        gate, process = self._gate, self._running()
        for _ in range(3):
            gate.send(gate.record())
            self._all_taken()
            process.kill()
            if self._wipe is not None:
                self._wipe()
                gate.connect_again()
            asked = len(gate.asked)
            process.start()
            if not self._asked_after(asked):
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
        """It gets through some hundred events at once, however slowly."""
        for _ in range(FLOOD):
            self._gate.send(self._gate.record())
        while self._comes_further():
            pass
        self._all_taken()

    def retained(self) -> None:
        """Acknowledgements and questions are sent without retain (rule 8)."""
        if found := self._gate.retained():
            raise Refuted(f"a message stays behind on {', '.join(found)}")
