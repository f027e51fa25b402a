"""When, on which tree and on which computer each part of docs/accuracy.md was measured.

Kept beside the parts, in WORK/when.json, so that a page that was put together from several runs
says so itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

WHEN = "when.json"


@dataclass(frozen=True, slots=True)
class Measured:
    """`begun`: UTC; `minutes`: of the clock; `load`: the computer's mean over the last minute, at
    the end, of how many processes wanted a core; `tree`: the commit, with + where files differed
    from it."""

    part: str
    begun: str
    minutes: float
    load: float
    tree: str
    computer: str


@contextmanager
def noted(file: Path) -> Iterator[None]:
    """Notes the part that the block writes to the file; nothing where the file stays as it was.
    Minutes of a part that goes on are added to those before."""
    before, begun, clock = _stamp(file), datetime.now(UTC), time.monotonic()
    yield
    if _stamp(file) == before:
        return
    minutes = (time.monotonic() - clock) / 60
    part = file.stem.replace("_", " ")
    found = {m.part: m for m in kept(file.parent)}
    earlier = found.pop(part, None) if before else None
    found[part] = Measured(
        part,
        earlier.begun if earlier else f"{begun:%Y-%m-%d %H:%M}",
        round(minutes + (earlier.minutes if earlier else 0), 1),
        round(os.getloadavg()[0], 1),
        _tree(),
        _computer(),
    )
    rows = [asdict(m) for m in found.values()]
    (file.parent / WHEN).write_text(json.dumps(rows, indent=1), encoding="utf-8")


def kept(work: Path) -> list[Measured]:
    """In the order in which they were measured."""
    file = work / WHEN
    return [Measured(**m) for m in json.loads(file.read_text("utf-8"))] if file.exists() else []


def _stamp(file: Path) -> int | None:
    return file.stat().st_mtime_ns if file.exists() else None


def _tree() -> str:
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        told = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=30
        )
    except OSError:
        return "not known"
    return told.stdout.strip() or "not known"


def _computer() -> str:
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text("utf-8").splitlines() if cpus.exists() else []
    model = next((x.partition(":")[2].strip() for x in lines if x.startswith("model name")), "?")
    return f"{model}, {os.cpu_count()} cores, OpenVINO {version('openvino')}"
