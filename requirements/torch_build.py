"""Chooses a build of torch for this computer: prints pip's further arguments, one a line.

A gate has no GPU, and must not take gigabytes of CUDA with it. What pip would install is asked of
pip itself (a dry run's report): first as it is configured here, then with PyTorch's index for the
processor alone. Whatever brings packages of NVIDIA's or triton is for a GPU; where there is none,
it is not taken. Exit 0: a build was found; 1: none is to be had, stderr says why.

Run by install.sh with the environment's Python: requirements/torch_build.py [PIP ARGUMENT...]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
IN_TIME = ("--timeout", "3", "--retries", "0")
"""An index that cannot be reached from here is not waited for."""

PATIENCE_S = 600
"""Of an index that has no metadata beside its files pip fetches the whole build to look at it."""

DRIVER = Path("/proc/driver/nvidia/version")
"""The kernel's driver of NVIDIA's GPUs."""

Asked = tuple[list[str], str]
"""The names of what pip would install, or none and why not."""


def main(arguments: list[str]) -> int:
    torch = wanted()
    configured, why = names_of(torch, arguments)
    if configured and (DRIVER.exists() or not for_a_gpu(configured)):
        print("\n".join(arguments))
        return 0
    if "--no-index" not in arguments:
        cpu = [*arguments, "--extra-index-url", CPU_INDEX]
        found, _ = names_of(f"{torch}+cpu", [*cpu, *IN_TIME])
        if found and not for_a_gpu(found):
            print("\n".join(cpu))
            return 0
    if configured:
        few = ", ".join(for_a_gpu(configured)[:3])
        why = f"the one to be had is for a GPU ({few} ...), and this computer has none"
    print(f"no build of {torch} for this computer: {why}", file=sys.stderr)
    return 1


def wanted() -> str:
    """The version of torch in pyproject.toml, as a requirement."""
    file = Path(__file__).parent.parent / "pyproject.toml"
    told = tomllib.loads(file.read_text(encoding="utf-8"))["project"]["dependencies"]
    return next(d for d in told if d.startswith("torch=="))


def for_a_gpu(names: list[str]) -> list[str]:
    """Those that only a computer with a GPU needs; NVIDIA's little query library is not one."""
    return [n for n in names if n == "triton" or (n.startswith("nvidia-") and n != "nvidia-ml-py")]


def names_of(torch: str, arguments: list[str]) -> Asked:
    """What pip would install with this torch, itself included."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
        command += ["--ignore-installed", "--only-binary", ":all:", "--report", str(report)]
        try:
            done = subprocess.run(
                [*command, *arguments, torch], capture_output=True, text=True, timeout=PATIENCE_S
            )
        except subprocess.TimeoutExpired:
            return [], f"pip found none within {PATIENCE_S} s"
        if done.returncode != 0:
            told = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")]
            return [], told[-1].removeprefix("ERROR: ") if told else "pip found none"
        items = json.loads(report.read_text(encoding="utf-8"))["install"]
    return [item["metadata"]["name"].lower().replace("_", "-") for item in items], ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
