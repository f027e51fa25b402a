"""The commands as a user types them, each in a process of its own."""

import os
import subprocess
import sys


def gate(*arguments, stdin=""):
    """`gate ...`; its exit status and what it wrote."""
    return subprocess.run(
        [sys.executable, "-m", "edge", *map(str, arguments)],
        capture_output=True,
        text=True,
        input=stdin,
        timeout=200,
    )


def gate_sim(*arguments, **env):
    """`gate-sim ...`; `env`: beside what stands in the environment."""
    return subprocess.run(
        [sys.executable, "-m", "simulator", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=200,
        env={**os.environ, **env},
    )
