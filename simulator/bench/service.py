"""The whole service with four lanes: start to ready, restart after a kill, memory."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from simulator.bench import figure
from simulator.rig import LanePlan, Rig
from simulator.service import Service

LANES = ("out1", "out2", "in1", "in2")
SETTLE_S = 20.0
"""So long four lanes are served before the memory is read."""


def figures() -> Iterator[dict[str, Any]]:
    lanes = [LanePlan(n, "export" if n.startswith("out") else "import", n) for n in LANES]
    with tempfile.TemporaryDirectory(prefix="gate-bench-") as folder:
        rig = Rig(Path(folder), lanes)
        service = Service(rig.gate_config)
        try:
            rig.start()
            service.add_user()
            yield figure("start to ready, 4 lanes", until_ready(service), "s")
            service.kill()
            began = time.monotonic()
            yield figure("restart to ready after kill -9, 4 lanes", until_ready(service), "s")
            _until_cameras_live(service)
            seeing = time.monotonic() - began
            yield figure("restart to all cameras seen, 4 lanes", seeing, "s")
            rig.flowing = True
            most, until = 0.0, time.monotonic() + SETTLE_S
            while time.monotonic() < until:
                most = max(most, _memory_gb(service.pid))
                time.sleep(0.5)
            yield figure("memory, 4 lanes, whole service, most seen", most, "GB")
        finally:
            service.stop()
            rig.stop()


def until_ready(service: Service) -> float:
    began = time.monotonic()
    service.start()
    service.wait_ready()
    return time.monotonic() - began


def _until_cameras_live(service: Service) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        lanes = service.get("/api/gate")["lanes"]
        if all(lane["camera"]["state"] == "live" for lane in lanes):
            return
        time.sleep(0.3)


def _memory_gb(pid: int) -> float:
    """Of the process and its children; pages they share are counted once (PSS)."""
    parent = psutil.Process(pid)
    family = [parent, *parent.children(recursive=True)]
    return sum(float(p.memory_full_info().pss) for p in family) / 1e9
