"""Stages of a training that is one command: each a module of its own, run in its own process."""

from __future__ import annotations

import subprocess
import sys


def run(name: str, *arguments: object) -> None:
    """Runs `training.NAME` and ends with it where it fails."""
    print(f"== {name}", flush=True)
    command = [sys.executable, "-m", f"training.{name}", *map(str, arguments)]
    subprocess.run(command, check=True)
