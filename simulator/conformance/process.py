"""The process of a receiver that a kit judges."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess


class Process:
    """The receiver, started and killed by the kit. `command` may name {host}, {port}, {site},
    {gate}, {consumer} and {key}."""

    def __init__(self, command: str, **places: object) -> None:
        self._command = [part.format(**places) for part in shlex.split(command)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=None, start_new_session=True
        )

    def kill(self) -> None:
        """At once, as a power cut."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
