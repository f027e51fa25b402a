"""The guards of a configuration in a process of their own, as the service makes them."""

import subprocess
import sys

GUARDS = """
import sys
from pathlib import Path
from edge.barrier.boards import registry
from edge.system.clock import SystemClock
from edge.config import load
guards = registry.build(load(Path(sys.argv[1])), SystemClock())
guards.start(lambda fact: print(fact, flush=True))
for line in sys.stdin:
    guards.guard("out1").authorise(line.strip())
guards.stop()
"""


class GuardProcess:
    """`env`: the whole environment. Its facts stand in a file beside the configuration."""

    def __init__(self, config, env):
        self._facts = config.with_name("facts")
        with self._facts.open("w") as reported:
            self._process = subprocess.Popen(
                [sys.executable, "-c", GUARDS, str(config)],
                stdin=subprocess.PIPE, stdout=reported, stderr=reported, text=True, env=env,
            )  # fmt: skip

    def facts(self):
        return self._facts.read_text()

    def authorise(self, name):
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()

    def stop(self):
        self._process.stdin.close()
        assert self._process.wait(60) == 0
