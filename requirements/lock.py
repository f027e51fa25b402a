"""Writes the lock files beside it anew from pyproject.toml: `make lock`, with uv (pip install uv).

Every package that is installed stands there with its version and the hashes of its files, for each
Python and kind of computer. slim.txt: what runs at a gate. ultralytics.txt: what the default
installation adds. demo.txt, gpio.txt, test.txt: what the extras add to slim.txt. torch and
torchvision stand in none: those of PyTorch's CPU index and of PyPI differ
(requirements/torch_build.py chooses).
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
PYTHON = "3.11"
BUILD = "setuptools"
"""Builds the project itself: locked too, so that nothing unlocked is taken for it."""

APART = ("torch", "torchvision", "opencv-python")
HEAD = "# Written by `make lock` (requirements/lock.py); do not edit.\n"

Blocks = dict[str, str]
"""Of each package and version its lines."""


def main() -> None:
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    base, extras = project["dependencies"], project["optional-dependencies"]
    gate = [d for d in base if name(d) not in (*APART, "ultralytics")] + [BUILD]
    sets = {"slim": gate, "ultralytics": base} | {n: [*gate, *d] for n, d in extras.items()}
    everything = resolved([d for wanted in sets.values() for d in wanted], "")
    pins = "".join(lines.partition(" \\")[0] + "\n" for lines in everything.values())
    slim = resolved(gate, pins)
    for which, wanted in sets.items():
        known = {} if which == "slim" else slim
        found = {k: v for k, v in resolved(wanted, pins).items() if k not in known}
        (HERE / f"{which}.txt").write_text(HEAD + "".join(found.values()), encoding="utf-8")
        print(f"{which}.txt: {len(found)} packages")


def resolved(wanted: list[str], pins: str) -> Blocks:
    """All packages that these need, those apart and what only they need left out."""
    with tempfile.TemporaryDirectory() as folder:
        asked, never, held = (Path(folder) / f"{n}.txt" for n in ("asked", "never", "held"))
        asked.write_text("\n".join(wanted))
        never.write_text("".join(f"{n} ; sys_platform == 'never'\n" for n in APART))
        held.write_text(pins)
        command = ["uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
        command += ["--no-header", "--no-annotate", "--python-version", PYTHON]
        command += ["--override", str(never), "--constraint", str(held), str(asked)]
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    blocks = re.split(r"(?m)^(?=\S)", out)
    kept = [b for b in blocks if b.strip() and "'never'" not in b.partition("\\")[0]]
    return {block.partition(" ")[0]: block for block in kept}


def name(requirement: str) -> str:
    """The package that a requirement asks for."""
    return re.split(r"[ =<>!;\[]", requirement)[0].lower()


if __name__ == "__main__":
    main()
