"""What is freed after a flood goes back to the computer."""

import platform
import subprocess
import sys

import pytest

FLOOD = """
import sys
from edge.system.memory import give_back_what_is_freed

def resident_kb():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(row.split()[1]) for row in status if row.startswith("VmRSS"))

if sys.argv[1] == "with":
    give_back_what_is_freed()
before = resident_kb()
bodies = [b"x" * (60_000 + n) for n in range(1000)]
kept = [bytearray(2_000) for _ in range(100)]
full = resident_kb()
del bodies
print(full - before, resident_kb() - before)
"""


def flooded(how):
    done = subprocess.run(
        [sys.executable, "-c", FLOOD, how], capture_output=True, text=True, check=True
    )
    return map(int, done.stdout.split())


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_the_bodies_of_a_flood_do_not_stay():
    full, left = flooded("without")
    assert (full > 50_000, left > 40_000) == (True, True)
    full, left = flooded("with")
    assert full > 50_000
    assert left < 5_000
