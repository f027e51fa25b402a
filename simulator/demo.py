"""The demonstration: two lanes, traffic that never ends, the real service, and the report."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from edge.system.ending import ended_by_signal
from simulator.report import failures, platform_lacks, report
from simulator.rig import LanePlan, Rig
from simulator.scenario.by_hand import ByHand
from simulator.scenario.control import Control
from simulator.service import USER, Service

DRAIN_S = 45.0
"""After the traffic stops: so long may the last vehicles take, then customs for its next word."""


def run(seconds: float, report_file: Path | None, video: Path | None) -> list[str]:
    """Plays it; what must be zero and is not."""
    out = Console()
    lanes = [
        LanePlan("out1", "export", "Làn xuất 1", video=video.resolve() if video else None),
        LanePlan("in1", "import", "Làn nhập 1", night=True, rtsp=True),
    ]
    ended = ended_by_signal()
    with tempfile.TemporaryDirectory(prefix="gate-demo-") as folder:
        rig = Rig(Path(folder), lanes, seed=int(time.time()) % 100_000)
        service = Service(rig.gate_config)
        hand = ByHand(rig, service)
        control = Control(hand, page=("demo", ""))
        try:
            out.print("starting the simulator and the gate; the models take some seconds to load")
            rig.start()
            service.add_user()
            service.start()
            service.wait_ready()
            control.start()
            out.print(f"\n[bold]console[/]  {service.url}")
            out.print(f"[bold]sign in[/]  {USER} / {service.password}\n")
            out.print(f"[bold]simulator[/]  {control.url}  vehicles and faults at a click\n")
            out.print("Ctrl-C ends it." if not seconds else f"It runs for {seconds:.0f} s.")
            cameras_live(service, ended)
            began = time.monotonic()
            rig.flowing = True
            while not ended.is_set() and not (seconds and time.monotonic() - began > seconds):
                ended.wait(0.5)
            took = time.monotonic() - began
            hand.end_all()
            out.print("the traffic stops; the last vehicles pass")
            figures = finish(rig, service, took)
        finally:
            control.stop()
            service.stop()
            rig.stop()
    _show(out, figures)
    if report_file is not None:
        report_file.write_text(json.dumps(figures, indent=1) + "\n")
    return failures(figures)


def finish(rig: Rig, service: Service, took: float) -> dict[str, Any]:
    """Lets the lanes empty and the outbox drain, then counts."""
    rig.flowing = False
    until = time.monotonic() + DRAIN_S
    while time.monotonic() < until and any(w.waiting() for w in rig.worlds.values()):
        time.sleep(0.2)
    return report(rig, took, _drained(rig, service))


def _drained(rig: Rig, service: Service) -> int:
    """The service's last number, once customs has it all or has got nothing new for DRAIN_S: what
    still comes is late, and not lost."""
    through, until = -1, 0.0
    while True:
        gate = service.get("/api/gate")
        last = int(gate["journal"]["last_sequence"])
        if rig.customs.through > through:
            through, until = rig.customs.through, time.monotonic() + DRAIN_S
        if through >= last and (not platform_lacks(rig, rig.customs.events()) or refused(rig)):
            return last
        if time.monotonic() > until:
            return last
        time.sleep(0.2)


def refused(rig: Rig) -> bool:
    """Whether the platform takes no passages now, so that nobody waits for it."""
    platform = rig.platform
    return bool(platform.down or platform.failing or platform.forbidding or platform.answers)


def cameras_live(service: Service, ended: threading.Event | None = None) -> None:
    """Until vision looks at every lane, so that the first vehicle is seen."""
    ended = ended or threading.Event()
    until = time.monotonic() + 120
    while time.monotonic() < until and not ended.is_set():
        seen = service.get("/api/gate")["lanes"]
        if all(lane["camera"]["state"] == "live" for lane in seen):
            return
        ended.wait(0.3)


def _show(out: Console, figures: dict[str, Any]) -> None:
    table = Table(title=f"Report, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC", show_header=False)
    for name, value in figures.items():
        shown = (
            ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        )
        table.add_row(name, str(shown))
    out.print(table)
