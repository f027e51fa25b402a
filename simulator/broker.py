"""MQTT brokers for the simulator and the tests, each a real one in a process of its own.

`Embedded` is amqtt and needs nothing installed; `Mosquitto` and `Nats` are Debian's; `Foreign` is
somebody's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Protocol

START_S = 60.0


class Broker(Protocol):
    host: str
    port: int
    refusing: bool

    @property
    def running(self) -> bool: ...

    def start(self, refusing: bool = False) -> None:
        """`refusing`: it lets nobody in."""

    def stop(self) -> None: ...

    def kill(self) -> None: ...

    def lose(self) -> None:
        """What it has stored is gone; while it is not running."""


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Process(ABC):
    """A broker process on a port of this computer."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.host = "127.0.0.1"
        self.port = port or free_port()
        self.folder = folder
        self.refusing = False
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """The broker's command line; `refusing` counts."""

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @abstractmethod
    def lose(self) -> None:
        """Takes away what it has stored."""

    def start(self, refusing: bool = False) -> None:
        self.refusing = refusing
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "broker.log").open("ab") as log_file:
            self._process = subprocess.Popen(
                self.command(), stdout=log_file, stderr=log_file, cwd=self.folder
            )
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), 1):
                return
            time.sleep(0.05)
        text = (self.folder / "broker.log").read_text(errors="replace")[-500:]
        raise RuntimeError(f"the broker does not start on port {self.port}: {text}")

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


class Embedded(_Process):
    """amqtt, MQTT 3.1.1."""

    def command(self) -> list[str]:
        refuses = ["refuse"] if self.refusing else []
        return [sys.executable, "-m", "simulator.broker", str(self.port), *refuses]

    def lose(self) -> None:
        """It keeps nothing over its end."""


class Mosquitto(_Process):
    """Debian's Mosquitto, MQTT 5; `extra`: further lines of its configuration."""

    def __init__(self, folder: Path, port: int | None = None, extra: str = "") -> None:
        super().__init__(folder, port)
        self.extra = extra

    def reload(self) -> None:
        """Reads its passwords and access rules anew."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    @staticmethod
    def installed() -> bool:
        return _program("mosquitto") is not None

    def command(self) -> list[str]:
        file = self.folder / "mosquitto.conf"
        user = "user root\n" if os.geteuid() == 0 else ""
        allowed = "false" if self.refusing else "true"
        anonymous = "" if "allow_anonymous" in self.extra else f"allow_anonymous {allowed}\n"
        file.write_text(
            f"listener {self.port} 127.0.0.1\n{anonymous}{user}persistence true\n"
            f"persistence_location {self.folder}/\nmax_queued_messages 0\n{self.extra}"
        )
        return [_program("mosquitto") or "mosquitto", "-c", str(file)]

    def lose(self) -> None:
        (self.folder / "mosquitto.db").unlink(missing_ok=True)


class Nats(_Process):
    """Debian's nats-server with JetStream and its MQTT 3.1.1 gateway."""

    @staticmethod
    def installed() -> bool:
        return _program("nats-server") is not None

    def command(self) -> list[str]:
        file = self.folder / "nats.conf"
        file.write_text(
            f"server_name: gate\nport: {free_port()}\n"
            f'jetstream {{ store_dir: "{self.folder}/js" }}\n'
            f"mqtt {{ port: {self.port} }}\n"
            + ("authorization { token: nobody }\n" if self.refusing else "")
        )
        return [_program("nats-server") or "nats-server", "-c", str(file)]

    def lose(self) -> None:
        shutil.rmtree(self.folder / "js", ignore_errors=True)


class Foreign:
    """Somebody's own broker, which is neither started nor ended here."""

    refusing = False

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port

    @property
    def running(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), 5):
                return True
        except OSError:
            return False

    def start(self, refusing: bool = False) -> None:
        if not self.running:
            raise RuntimeError(f"no broker answers on {self.host}:{self.port}")

    def stop(self) -> None:
        """It stays."""

    kill = lose = stop


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


async def _serve(port: int, anybody: bool) -> None:
    from amqtt.broker import Broker as Amqtt

    plugins = {
        "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": anybody},
    }
    listeners = {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}}
    broker = Amqtt({"listeners": listeners, "plugins": plugins})
    await broker.start()
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
    await broker.shutdown()


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(_serve(int(sys.argv[1]), "refuse" not in sys.argv[2:]))
