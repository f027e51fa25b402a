"""Twelve operators on eight lanes: what the console's process and the service use of the processor.

Each operator has a browser's stream of the live state and changes the page every ten seconds; no
pictures, which cost what they weigh. The service is measured without operators and with them.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil

from simulator.bench import figure
from simulator.rig import LanePlan, Rig
from simulator.service import USER, Service

LANES = [f"out{n}" for n in range(1, 5)] + [f"in{n}" for n in range(1, 5)]
OPERATORS = 12
PAGES = ("/", "/exceptions", "/passages", "/alarms", "/barriers")
PAGE_S = 10.0
MEASURED_S = 40.0
SETTLE_S = 10.0


def figures() -> Iterator[dict[str, Any]]:
    lanes = [LanePlan(n, "export" if n.startswith("out") else "import", n) for n in LANES]
    with tempfile.TemporaryDirectory(prefix="gate-bench-") as folder:
        rig = Rig(Path(folder), lanes, ready=dict.fromkeys(LANES, lambda: (0, b"")))
        service = Service(rig.gate_config)
        try:
            rig.start()
            service.add_user()
            service.start()
            service.wait_ready()
            time.sleep(SETTLE_S)
            console = _console(service)
            before, _ = _cores(service, console)
            yield figure("service, 8 lanes, nobody at the console", before, "% of a core")
            with _operators(service) as taken:
                time.sleep(SETTLE_S)
                taken.clear()
                used, serving = _cores(service, console)
                yield figure("service, 8 lanes, 12 operators", used, "% of a core")
                yield figure("console, 8 lanes, 12 operators", serving, "% of a core")
                if len(taken) < OPERATORS * MEASURED_S:
                    raise RuntimeError(f"only {len(taken)} updates have come")
                per = sum(taken) / len(taken)
                yield figure("one update of 8 lanes, compressed", per, "bytes")
            memory = psutil.Process(console).memory_full_info().uss / 1e6
            yield figure("console, memory of its own", memory, "MB")
        finally:
            service.stop()
            rig.stop()


def _console(service: Service) -> int:
    """The process that listens at the console's port."""
    port = httpx.URL(service.url).port
    family = [psutil.Process(service.pid), *psutil.Process(service.pid).children(recursive=True)]
    for process in family:
        for one in process.net_connections("tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr.port == port:
                return process.pid
    raise RuntimeError("no process listens for the console")


def _cores(service: Service, console: int) -> tuple[float, float]:
    """Percent of a core that each of the two uses."""
    both = [psutil.Process(service.pid), psutil.Process(console)]
    before = [sum(p.cpu_times()[:2]) for p in both]
    time.sleep(MEASURED_S)
    after = [sum(p.cpu_times()[:2]) for p in both]
    used = [100 * (b - a) / MEASURED_S for a, b in zip(before, after, strict=True)]
    return used[0], used[1]


@contextlib.contextmanager
def _operators(service: Service) -> Iterator[list[int]]:
    """At work; the bytes of each update that they get."""
    taken: list[int] = []
    over = threading.Event()
    # One after the other: the console hashes few passwords at a time.
    browsers = [_signed_in(service) for _ in range(OPERATORS)]
    threads = [
        threading.Thread(target=_operate, args=(browser, n, taken, over), daemon=True)
        for n, browser in enumerate(browsers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield taken
    finally:
        over.set()
        for thread in threads:
            thread.join()
        for browser in browsers:
            browser.close()


def _signed_in(service: Service) -> httpx.Client:
    browser = httpx.Client(base_url=service.url, timeout=60)
    body = {"user": USER, "password": service.password}
    browser.post("/api/session", json=body).raise_for_status()
    return browser


def _operate(browser: httpx.Client, page: int, taken: list[int], over: threading.Event) -> None:
    while not over.is_set():
        browser.get(PAGES[page % len(PAGES)]).raise_for_status()
        page += 1
        until = time.monotonic() + PAGE_S
        with browser.stream("GET", "/live") as stream:
            for piece in stream.iter_raw():
                taken.append(len(piece))
                if over.is_set() or time.monotonic() > until:
                    break
