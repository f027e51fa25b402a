"""How long other threads keep a guard's thread from running, with 60,000 assignments in the list.

The whole service runs in a process of its own, and beside its guards a thread with a guard's
priority that wakes every millisecond and notes how late it was, and for how much of that other
threads of the service ran: what keeps it waiting while none of them does is the computer. How much
that is on a computer with other work, a second process tells that does nothing else. The platform,
in this process, sends lists of 60,000: new ones, changed ones, the same again, and single changes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from edge.assembly import Assembly
from edge.config import load
from edge.domain.moment import iso
from edge.system import scheduling
from simulator.bench import figure
from simulator.rig import LanePlan, Rig

LANES = {"out1": "export", "in1": "import"}
AUTHORITIES = ("border_guard", "customs", "quarantine", "yard")
ITEMS = 60_000
REST_S = 10.0
SETTLED_S = 3.0
"""After an answer has been taken up: what it leaves behind is freed and written."""

SINGLE_CHANGES = 20
PATIENCE_S = 300.0
WAKE_S = 0.001


def figures() -> Iterator[dict[str, Any]]:
    platform = _LongList()
    with tempfile.TemporaryDirectory(prefix="gate-bench-") as folder:
        rig = Rig(Path(folder), [LanePlan(n, d, n) for n, d in LANES.items()])
        try:
            rig.start()
            config = rig.gate_config.read_text(encoding="utf-8")
            rig.gate_config.write_text(config.replace(rig.platform.url, platform.url))
            yield from _measured(rig.gate_config, platform)
        finally:
            rig.stop()
            platform.stop()


def _measured(config: Path, platform: _LongList) -> Iterator[dict[str, Any]]:
    with _Probe(str(config)) as service, _Probe() as idle:
        time.sleep(REST_S)
        most = []

        def reported(what: str) -> dict[str, Any]:
            late, ours = service.most_ms()
            most.append((late, ours, idle.most_ms()[0]))
            return figure(f"guard's thread waits while others run, {what}, most", ours, "ms")

        yield reported("start and rest")
        for what, revision in (("new", 1), ("all changed", 2), ("nothing changed", 2)):
            platform.send_all(revision)
            service.wait_for(platform.version)
            time.sleep(SETTLED_S)
            yield reported(f"full answer of {ITEMS}, {what}")
        for n in range(SINGLE_CHANGES):
            platform.send_one(n)
            service.wait_for(platform.version)
        yield reported(f"single changes of {ITEMS}")
        late, ours, machine = (max(values) for values in zip(*most[1:], strict=True))
        yield figure(f"longest that others keep a guard's thread, {ITEMS} assignments", ours, "ms")
        yield figure("the same with what the computer adds", late, "ms")
        yield figure("in a process that does nothing else meanwhile", machine, "ms")


class _Probe:
    """A process with such a thread; one line asked, one answered. `config`: the whole service runs
    in it; without one nothing does."""

    def __init__(self, *config: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "simulator.bench.pause", *config],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> _Probe:
        self._ask("cursor")
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.terminate()

    def wait_for(self, version: int) -> None:
        """Until the service has taken up the platform's list of this version."""
        until = time.monotonic() + PATIENCE_S
        while self._ask("cursor") != str(version):
            if time.monotonic() > until:
                raise RuntimeError("the service does not take up the list")
            time.sleep(0.2)

    def most_ms(self) -> tuple[float, float]:
        """How late it was at most since it was last asked, and while others ran."""
        late, ours = self._ask("most").split()
        return float(late), float(ours)

    def _ask(self, what: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        while True:
            line = self._process.stdout.readline()
            if not line:
                raise RuntimeError("the service has ended")
            if line.startswith("probe "):
                return line.split(" ", 1)[1].strip()


class _LongList:
    """A platform whose answers are made before they are asked for."""

    def __init__(self) -> None:
        now = datetime.now(UTC)
        self._from, self._to = iso(now - timedelta(hours=1)), iso(now + timedelta(hours=12))
        self.version = 0
        self._body = self._answer(0, True, [])
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                cursor = parse_qs(urlsplit(self.path).query).get("cursor", [""])[0]
                until = time.monotonic() + 20
                while cursor == str(outer.version or "") and time.monotonic() < until:
                    time.sleep(0.01)
                self._send(200, outer._body)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                self._send(201, b"")

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nobody wants it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def send_all(self, revision: int) -> None:
        items = [self._item(n, revision) for n in range(ITEMS)]
        self._body = self._answer(self.version + 1, True, items)
        self.version += 1

    def send_one(self, n: int) -> None:
        self._body = self._answer(self.version + 1, False, [self._item(n, 3)])
        self.version += 1

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, version: int, full: bool, items: list[dict[str, Any]]) -> bytes:
        cursor = str(version or "")
        return json.dumps({"cursor": cursor, "full": full, "items": items}).encode()

    def _item(self, n: int, revision: int) -> dict[str, Any]:
        tractor = {"text": f"24C{n:05d}", "country": "VN", "role": "tractor"}
        trailer = {"text": f"51R{n:05d}", "country": "VN", "role": "trailer"}
        cleared = [{"authority": a, "state": "done", "at": self._from} for a in AUTHORITIES]
        return {
            "assignment_id": f"LC-2026-{n:06d}",
            "revision": revision,
            "state": "active",
            "direction": "export",
            "plates": [tractor, trailer],
            "vehicle_kind": "truck",
            "lanes": ["out1"],
            "valid_from": self._from,
            "valid_to": self._to,
            "priority": 0,
            "clearances": cleared,
            "goods": "Thanh long Bình Thuận",
        }


# --- in the service's process ---


class _Waking:
    """Wakes with a guard's priority, and remembers the most it was late, in seconds; `ours`: and
    other threads of this process ran meanwhile."""

    def __init__(self) -> None:
        self.late = self.ours = 0.0
        threading.Thread(target=self._run, name="probe", daemon=True).start()

    def _run(self) -> None:
        scheduling.raise_guard()
        before, ran_before = time.monotonic(), time.process_time()
        while True:
            time.sleep(WAKE_S)
            now, ran = time.monotonic(), time.process_time()
            late = now - before - WAKE_S
            self.late = max(self.late, late)
            self.ours = max(self.ours, min(late, ran - ran_before))
            before, ran_before = now, ran


def _serve(config: Path | None) -> None:
    scheduling.raise_service()
    gate = None
    if config is not None:
        gate = Assembly(load(config))
        gate.open()
        gate.start()
    waking = _Waking()
    for line in sys.stdin:
        match line.strip():
            case "cursor":
                platform = gate.platform if gate is not None else None
                print("probe", platform.cursor if platform is not None else "", flush=True)
            case "most":
                print(f"probe {1000 * waking.late:.3f} {1000 * waking.ours:.3f}", flush=True)
                waking.late = waking.ours = 0.0
    if gate is not None:
        gate.stop()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
