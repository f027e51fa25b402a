"""What a receiver does where a history ends or another begins (docs/customs.md, rules 5 to 7)."""

from __future__ import annotations

import json

from edge.sync.journal.chain import GENESIS
from simulator.conformance.judging import Judging
from simulator.conformance.report import Refuted

BEYOND_32_BITS = 2**32 + 10


class Histories(Judging):
    """Steps of the kit; the first words of each are what is asked."""

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

    def series_in_its_place(self) -> None:
        """A new series that comes before events of the one before it takes nothing from them: with
        numbers left out it waits for the answer to a question (rule 6)."""
        gate = self._gate
        gate.record()
        gate.record()
        body = gate.begin_series(gate.number + 1000, keeps=True)
        # It is sent to all, for a receiver that is further on.
        gate.send_raw(json.dumps(body).encode())
        self._all_taken()

    def early_of_before(self) -> None:
        """An early event of an earlier history does not stop it: what the gate has under that
        number is taken (rule 3)."""
        gate = self._gate
        gate.send_raw(json.dumps(gate.made(gate.number + 2, "f" * 64)).encode())
        for _ in range(2):
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

    def another_history(self) -> None:
        """An event with another previoushash than the hash that it holds is not taken (rule 5)."""
        gate = self._gate
        gate.send_raw(json.dumps(gate.made(gate.number + 1, "e" * 64)).encode())
        self._refused("an event of another history", goes_on=False)
