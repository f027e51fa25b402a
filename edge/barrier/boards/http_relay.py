"""A board of relays behind HTTP: what all kinds of it have in common.

Only its relays are used. Its inputs would come over a network that may delay them, so the loops and
the photocell hang on another wire.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Protocol

from edge.barrier.wires.http import Ask, Command, HttpLine
from edge.barrier.wires.port import Answered, NoAnswer, Pulse, Set, Write
from edge.system.causes import cause

Steps = Sequence[tuple[Ask, "Done"]]


class Done(Protocol):
    """Tells from the answer whether the device has done it; must not raise."""

    def __call__(self, text: str) -> bool: ...


class Dialect(Protocol):
    """How one kind of device is spoken to. Relays count from 1."""

    def status(self) -> Ask:
        """The request that shows that the device is there."""

    def understood(self, page: str) -> bool:
        """Whether that page is one of this kind of device."""

    def pulse(self, relay: int, seconds: float, page: str) -> Steps:
        """The device ends it itself. `page`: its last status."""

    def switch(self, relay: int, on: bool, page: str) -> Steps: ...


class HttpRelayBoard:
    """Implements port.BoardDriver; `outputs`: name -> relay. It has no inputs."""

    def __init__(self, line: HttpLine, dialect: Dialect, outputs: Mapping[str, int]) -> None:
        self._line = line
        self._dialect = dialect
        self._outputs = outputs
        self._newest: dict[str, Write] = {}
        self._answers: deque[Answered] = deque()
        line.watch(dialect.status())

    def __repr__(self) -> str:
        return f"<HttpRelayBoard at {self._line.place}>"

    @property
    def asked_at(self) -> None:
        return None

    def read_inputs(self) -> dict[str, bool]:
        """No inputs; raises where the device is not there."""
        self._page()
        return {}

    def read_outputs(self) -> dict[str, bool]:
        return {}

    def pulse(self, output: str, seconds: float) -> bool:
        page = self._page()
        steps = self._dialect.pulse(self._outputs[output], seconds, page)
        return self._post(Pulse(output, seconds), steps)

    def set(self, output: str, on: bool) -> bool:
        page = self._page()
        return self._post(Set(output, on), self._dialect.switch(self._outputs[output], on, page))

    def tend(self, now: float) -> Sequence[Answered]:
        """Answers to the last write of each output."""
        found = []
        while self._answers:
            write, good = self._answers.popleft()
            if self._newest.get(write.output) is write:
                del self._newest[write.output]
                found.append((write, good))
        return found

    def _post(self, write: Write, steps: Steps) -> bool:
        self._line.post(Command(write, tuple(steps), self._answers))
        self._newest[write.output] = write
        return False

    def _page(self) -> str:
        page = self._line.status()
        if not self._dialect.understood(page):
            raise NoAnswer(cause("wire.other_kind", place=self._line.place))
        return page
