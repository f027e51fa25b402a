"""A library of C for a process under test, made where a compiler is."""

import shutil
import subprocess

import pytest


def library(source, folder):
    """The library of that source, in `folder`; skips the test where none can be made."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed (apt install gcc libc6-dev)")
    made = folder / f"{source.stem}.so"
    build = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", str(made)]
    done = subprocess.run([*build, str(source), "-ldl"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"gcc cannot compile here (apt install libc6-dev): {done.stderr[-300:]}")
    return made
