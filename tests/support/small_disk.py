"""A small file system in memory, for what is done where a disk is full or may not be written."""

import contextlib
import shutil
import subprocess

import pytest


@contextlib.contextmanager
def a_small_disk(place):
    """8 MB at `place`; skips where none may be mounted."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small file system may not be mounted here (needs root)")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def remounted(place, how):
    """`how`: "ro" or "rw"."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(place)], check=True, capture_output=True)
