"""The real service as a process: started, asked, killed, started again."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil

from edge.system.local_socket import NoLocalAnswer, ask
from edge.system.unhandled import THREAD
from simulator.faults.disturbance import Disturbance

READY_S = 120.0
ASK_S = 2.0
"""Seconds for the service's count of dead threads; one that is stopped answers never."""

SPAWNED = "spawn_main"
"""In the command line of a process that multiprocessing has begun."""

USER = "demo"


class Service:
    """`python -m edge run`. `url` is the console's address once it is up; `env`: more of its
    environment; `disturbance`: of its clock and its disk."""

    def __init__(
        self,
        config: Path,
        env: Mapping[str, str] | None = None,
        disturbance: Disturbance | None = None,
    ) -> None:
        self.config = config
        self.disturbance = disturbance
        self._env = {**(env or {}), **(disturbance.env if disturbance else {})}
        self.log = config.with_name("service.log")
        self.data = config.parent / "data"
        self._address = self.data / "console.json"
        self._process: subprocess.Popen[bytes] | None = None
        self._client: httpx.Client | None = None
        self.password = secrets.token_urlsafe(12)
        """Of USER; random, for the console of a demonstration may be on a network."""

    def add_user(self, role: str = "administrator") -> None:
        """A console user, as an installer would make one."""
        command = [
            sys.executable, "-m", "edge", "users", "add", USER, "--role", role,
            "--password-stdin", "--config", str(self.config),
        ]  # fmt: skip
        subprocess.run(command, input=self.password.encode(), check=True, capture_output=True)

    def start(self) -> None:
        with contextlib.suppress(OSError):
            # A disk that is read-only keeps it, and the service does not start.
            self._address.unlink(missing_ok=True)
        with self.log.open("ab") as log_file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "edge", "run", "--config", str(self.config)],
                stdout=log_file,
                stderr=log_file,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self._env},
            )

    @property
    def pid(self) -> int:
        """Of the running service."""
        assert self._process is not None
        return self._process.pid

    def vision_pid(self) -> int:
        """Of its process that reads the plates: the largest of its own, with the networks in it.
        Raises RuntimeError where there is none."""
        children = psutil.Process(self.pid).children(recursive=True)
        spawned = [p for p in children if SPAWNED in " ".join(p.cmdline())]
        if not spawned:
            raise RuntimeError("the service has no process that reads plates")
        return int(max(spawned, key=lambda p: p.memory_info().rss).pid)

    @property
    def url(self) -> str:
        return str(json.loads(self._address.read_text())["url"])

    def wait_ready(self, path: str = "/readyz") -> None:
        """Until the service says it is ready; raises with the end of its log otherwise."""
        until = time.monotonic() + READY_S
        while time.monotonic() < until:
            if self._process is not None and self._process.poll() is not None:
                break
            with contextlib.suppress(httpx.HTTPError, OSError, ValueError, KeyError):
                if httpx.get(self.url + path, timeout=5).status_code == 200:
                    return
            time.sleep(0.1)
        text = self.log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"the service is not ready after {READY_S:.0f} s:\n{text}")

    def kill(self) -> None:
        """Pulls the plug."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def ended(self) -> int:
        """Waits for its end; the exit status."""
        assert self._process is not None
        return self._process.wait(READY_S)

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _end(self, how: signal.Signals) -> None:
        self.sign_in_anew()
        died = self.died() if self.alive() else []
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if died:
            raise RuntimeError(f"threads of the service have died, see {self.log}: {died}")

    def died(self) -> list[str]:
        """Threads of the running service that have ended by an exception, as it counts them; it may
        go on without them for long. One that cannot be asked (not up yet, or stopped) says
        nothing."""
        try:
            said = ask(self.data, {"do": "unhandled", "user": USER}, ASK_S) or {}
        except NoLocalAnswer:
            return []
        return [where for where in said.get("unhandled", {}) if where.startswith(THREAD)]

    def get(self, path: str) -> Any:
        """A JSON answer of the console's API, signed in."""
        answer = self._signed_in().get(self.url + path)
        answer.raise_for_status()
        return answer.json()

    def sign_in_anew(self) -> None:
        """With the next question."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        client = self._signed_in()
        token = client.get(self.url + "/api/session").json()["csrf"]
        return client.post(self.url + path, json=body, headers={"X-CSRF-Token": token})

    def _signed_in(self) -> httpx.Client:
        if self._client is None:
            self._client = httpx.Client(timeout=20)
            body = {"user": USER, "password": self.password}
            self._client.post(self.url + "/api/session", json=body).raise_for_status()
        return self._client
