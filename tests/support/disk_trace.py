"""What a traced process did to the files of one folder, and what a power cut may leave of it.

A disk keeps what was synced. Of the writes since a file's last sync it may keep all, none, some in
any order, or part of one: each is a possible world after the cut.
"""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CALLS = "pwrite64,write,fsync,fdatasync,ftruncate,unlink"
SAID = re.compile(rb"recorded (\d+)\n")
SECTOR = 512


@dataclass(frozen=True, slots=True)
class Write:
    file: str
    at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    file: str


@dataclass(frozen=True, slots=True)
class Remove:
    file: str


@dataclass(frozen=True, slots=True)
class Said:
    """The process has told that the event with this number is recorded."""

    sequence: int


Step = Write | Truncate | Sync | Remove | Said


def traced(command: Sequence[str], folder: Path, log: Path) -> list[Step]:
    """Runs the command under strace; its steps in the order in which they happened."""
    strace = ["strace", "-f", "-y", "-xx", "-s", "1000000", "-e", f"trace={CALLS}", "-o", str(log)]
    subprocess.run([*strace, *command], check=True, stdout=subprocess.DEVNULL, timeout=300)
    return list(_steps(log, folder))


def _steps(log: Path, folder: Path) -> Iterator[Step]:
    halves: dict[str, str] = {}
    for line in log.read_text().splitlines():
        pid, call = line.split(maxsplit=1)
        if call.endswith("<unfinished ...>"):
            halves[pid] = call.removesuffix("<unfinished ...>").rstrip()
            continue
        if call.startswith("<..."):
            call = halves.pop(pid) + call.split("resumed>", 1)[1]
        if "(" not in call:
            continue
        name, rest = call.split("(", 1)
        place = _text(re.search(r'["<]((?:\\x..)*)[">]', rest))
        if name == "write":
            for number in SAID.findall(_bytes(rest)):
                yield Said(int(number))
            continue
        path = Path(place.decode(errors="replace"))
        if path.parent != folder or path.name.endswith("-shm") or rest.endswith("= -1"):
            continue
        if name == "pwrite64":
            yield Write(path.name, int(rest.rsplit(")", 1)[0].rsplit(",", 1)[1]), _bytes(rest))
        elif name == "ftruncate":
            yield Truncate(path.name, int(rest.rsplit(")", 1)[0].rsplit(",", 1)[1]))
        elif name == "unlink":
            yield Remove(path.name)
        else:
            yield Sync(path.name)


def _bytes(rest: str) -> bytes:
    return _text(re.search(r'"((?:\\x..)*)"', rest))


def _text(found: re.Match[str] | None) -> bytes:
    return bytes.fromhex(found[1].replace("\\x", "")) if found else b""


@dataclass(slots=True)
class Disk:
    """Follows the steps; `durable` is on the platter, `pending` only on its way."""

    durable: dict[str, bytearray] = field(default_factory=dict)
    pending: list[Write | Truncate] = field(default_factory=list)

    def take(self, step: Step) -> None:
        if isinstance(step, Write | Truncate):
            self.pending.append(step)
        elif isinstance(step, Sync):
            for waiting in self.pending:
                if waiting.file == step.file:
                    _do(self.durable, waiting)
            self.pending = [w for w in self.pending if w.file != step.file]
        elif isinstance(step, Remove):
            self.durable.pop(step.file, None)
            self.pending = [w for w in self.pending if w.file != step.file]

    def worlds(self, rng: random.Random) -> Iterator[tuple[str, dict[str, bytearray]]]:
        """What may be found after a cut now: a word on it, and the files."""
        yield "nothing unsynced kept", self._with([])
        if not self.pending:
            return
        yield "all kept", self._with(self.pending)
        some = [w for w in self.pending if rng.random() < 0.5]
        rng.shuffle(some)
        yield "some kept, in any order", self._with(some)
        last = self.pending[-1]
        if isinstance(last, Write):
            cut = rng.randrange(0, len(last.data) + 1, SECTOR)
            torn = Write(last.file, last.at, last.data[:cut])
            yield "the last one torn", self._with([*self.pending[:-1], torn])

    def _with(self, writes: Sequence[Write | Truncate]) -> dict[str, bytearray]:
        files = {name: bytearray(data) for name, data in self.durable.items()}
        for write in writes:
            _do(files, write)
        return files


def _do(files: dict[str, bytearray], step: Write | Truncate) -> None:
    data = files.setdefault(step.file, bytearray())
    if isinstance(step, Truncate):
        del data[step.size :]
        data.extend(bytes(step.size - len(data)))
        return
    end = step.at + len(step.data)
    data.extend(bytes(max(0, end - len(data))))
    data[step.at : end] = step.data
