"""A wire on record: what was read and written, one JSON object a line, with monotonic seconds.

{"t": 1.25, "inputs": {...}} | {"t": .., "missed": why} | {"t": .., "gone": why}
{"t": .., "board": address, "asked": hex, "answered": hex}    (Modbus, without checksums)
{"t": .., "pulse": name, "s": 0.5} | {"t": .., "set": name, "on": true}   ("failed": why if so;
"later": true where the answer was to come later: {"t": .., "confirmed": name, "good": true})
{"t": .., "step": "read", "asked": when} | "missed" | "lost" | "time" |
"stalled", "stood": seconds
   (only beside a guard: when its core went on, with what was read last; "time": with nothing new)
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from edge.barrier.core.safety import Input, Missed, Sampled, Stalled, WireLost
from edge.barrier.wires.modbus import Line, Request
from edge.barrier.wires.port import Answered, BoardDriver, NoAnswer, WireGone
from edge.config.board import BoardError

MOST_BYTES = 64_000_000
"""A trace ends there: a forgotten one must not fill the disk."""


class TraceError(BoardError):
    """A trace cannot be written or read; the text names file, line and cure."""


class Trace:
    """The file. It never raises once open: a full disk must not stop a barrier."""

    def __init__(self, file: Path, lane: str) -> None:
        self._began = time.monotonic()
        self._written = 0
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = file.open("w", encoding="utf-8", buffering=1)
        except OSError as error:
            raise TraceError(f"{file}: cannot be written: {error.strerror}") from None
        self.put({"lane": lane})

    def put(self, what: dict[str, Any]) -> None:
        self._put(time.monotonic(), what)

    def stepped(self, given: Input, now: float) -> None:
        """The guard's core goes on."""
        match given:
            case Sampled(at=at):
                asked = now if at is None else at
                self._put(now, {"step": "read", "asked": self._since(asked)})
            case Missed():
                self._put(now, {"step": "missed"})
            case WireLost():
                self._put(now, {"step": "lost"})
            case Stalled(seconds):
                self._put(now, {"step": "stalled", "stood": seconds})
            case _:
                self._put(now, {"step": "time"})

    def _since(self, at: float) -> float:
        return round(at - self._began, 6)

    def _put(self, at: float, what: dict[str, Any]) -> None:
        if self._written > MOST_BYTES:
            return
        line = json.dumps({"t": self._since(at), **what}) + "\n"
        self._written += len(line)
        try:
            self._file.write(line)
        except OSError:
            self._written = MOST_BYTES + 1


class TracedLine:
    """A Modbus line with every exchange written down."""

    def __init__(self, line: Line, trace: Trace) -> None:
        self.place = line.place
        self._line = line
        self._put = trace.put

    @property
    def asked_at(self) -> float:
        return self._line.asked_at

    def ask(self, address: int, request: Request) -> bytes:
        what: dict[str, Any] = {"board": address, "asked": request.pdu.hex()}
        try:
            data = self._line.ask(address, request)
        except (NoAnswer, WireGone) as error:
            self._put({**what, "failed": str(error)})
            raise
        self._put({**what, "answered": data.hex()})
        return data


class TracedBoard:
    """A board with everything that passes over it written down; implements port.BoardDriver."""

    def __init__(self, board: BoardDriver, trace: Trace) -> None:
        self._board = board
        self._put = trace.put

    def __repr__(self) -> str:
        return f"<TracedBoard {self._board!r}>"

    @property
    def asked_at(self) -> float | None:
        return self._board.asked_at

    def read_inputs(self) -> dict[str, bool]:
        try:
            inputs = self._board.read_inputs()
        except NoAnswer as error:
            self._put({"missed": str(error)})
            raise
        except WireGone as error:
            self._put({"gone": str(error)})
            raise
        self._put({"inputs": inputs})
        return inputs

    def read_outputs(self) -> dict[str, bool]:
        return self._board.read_outputs()

    def pulse(self, output: str, seconds: float) -> bool:
        reported = {"pulse": output, "s": seconds}
        return self._reported(reported, lambda: self._board.pulse(output, seconds))

    def set(self, output: str, on: bool) -> bool:
        return self._reported({"set": output, "on": on}, lambda: self._board.set(output, on))

    def tend(self, now: float) -> Sequence[Answered]:
        answers = self._board.tend(now)
        for write, good in answers:
            self._put({"confirmed": write.output, "good": good})
        return answers

    def _reported(self, what: dict[str, Any], go: Callable[[], bool]) -> bool:
        try:
            confirmed = go()
        except (NoAnswer, WireGone) as error:
            self._put({**what, "failed": str(error)})
            raise
        self._put(what if confirmed else {**what, "later": True})
        return confirmed


def entries(file: Path) -> Iterator[dict[str, Any]]:
    """The entries of a trace. Raises TraceError."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TraceError(f"{file}: cannot be read: {error}") from None
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            entry["t"] = float(entry["t"])
        except (ValueError, KeyError, TypeError):
            if number == len(lines):
                return
            raise TraceError(f"{file}: line {number} is not an entry of a trace") from None
        yield entry
