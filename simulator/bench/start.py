"""A start of the whole service with four lanes and a journal that is as large as it may become, of
which nothing is in memory: how long until the guards read their inputs, and until it is ready."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.sync.journal.journal import FILE
from simulator.bench import figure
from simulator.bench.rows import fill
from simulator.bench.service import LANES, until_ready
from simulator.rig import LanePlan, Rig
from simulator.service import Service

ROWS = 1_300_000
NOTE = 1000
"""A journal of 2.1 GB with these."""

ROOM_MB = 4000
READ_INPUTS = 2
"""The function code of Modbus by which a guard reads its inputs."""

PATIENCE_S = 120.0
TIMES = 3


def figures() -> Iterator[dict[str, Any]]:
    lanes = [LanePlan(n, "export" if n.startswith("out") else "import", n) for n in LANES]
    with tempfile.TemporaryDirectory(prefix="gate-bench-") as folder:
        rig = Rig(Path(folder), lanes)
        service = Service(rig.gate_config)
        journal = service.data / FILE
        try:
            rig.start()
            text = rig.gate_config.read_text("utf-8")
            rig.gate_config.write_text(text.replace("max_mb = 512", f"max_mb = {ROOM_MB}"), "utf-8")
            service.add_user()
            until_ready(service)
            service.stop()
            fill(journal, ROWS, NOTE)
            yield figure("journal", journal.stat().st_size / 1e9, "GB")
            read, ready = [], []
            for _ in range(TIMES):
                _forget(journal)
                began = time.monotonic()
                service.start()
                read.append(_until_inputs_are_read(rig, began))
                service.wait_ready()
                ready.append(time.monotonic() - began)
                service.kill()
            yield figure(f"start to all guards reading inputs, most of {TIMES}", max(read), "s")
            yield figure(f"start to ready, most of {TIMES}", max(ready), "s")
        finally:
            service.stop()
            rig.stop()


def _forget(file: Path) -> None:
    """What the computer holds of it in memory is let go."""
    with file.open("rb") as opened:
        os.fdatasync(opened.fileno())
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _until_inputs_are_read(rig: Rig, since: float) -> float:
    """Seconds after `since` until each lane's board has been asked for its inputs."""
    boards = set(range(1, len(rig.lanes) + 1))
    while time.monotonic() < since + PATIENCE_S:
        first: dict[int, float] = {}
        for at, address, pdu in list(rig.boards.seen):
            if at > since and pdu[0] == READ_INPUTS:
                first.setdefault(address, at)
        if first.keys() >= boards:
            return max(first.values()) - since
        time.sleep(0.02)
    raise RuntimeError(f"no guard has read its inputs within {PATIENCE_S:.0f} s")
