"""The commands as a user types them, each in a process of its own."""

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
