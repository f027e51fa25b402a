"""Power loss: every prefix of what was written and synced reopens with all that was said recorded.

The journal's process is traced; the power is cut before each sync, after each word of the process
that an event is recorded, and at a sample of the steps between. Each way in which a disk may have
kept the writes that were not yet synced is opened again.
"""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge.config import JournalConfig
from edge.sync.journal.journal import open_journal
from edge.sync.journal.verify import verify_chain
from edge.system.clock import SystemClock
from tests.support.disk_trace import Disk, Said, Sync, traced

WRITER = Path(__file__).parents[3] / "tests" / "support" / "power_writer.py"
CONFIG = JournalConfig(max_mb=50, ballast_mb=0)


def strace_works():
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], check=False).returncode == 0


def cut_everywhere(tmp_path, calls, sample, seed):
    """Cuts before every sync, after every promise, and before so many of the other steps; how many
    worlds were opened."""
    if not strace_works():
        pytest.skip("strace is not installed or may not trace here (apt install strace)")
    live = tmp_path / "live"
    live.mkdir()
    command = [sys.executable, str(WRITER), str(live), str(calls)]
    steps = traced(command, live, tmp_path / "trace")
    said = [step.sequence for step in steps if isinstance(step, Said)]
    assert said == list(range(1, calls + 1))
    assert any(isinstance(s, Sync) and s.file == "journal.db" for s in steps[len(steps) // 4 :]), (
        "the log was never carried over into the file: nothing was tried"
    )
    rng, disk, promised, opened = random.Random(seed), Disk(), 0, 0
    others = [n for n, step in enumerate(steps) if not isinstance(step, Sync)]
    chosen = set(rng.sample(others, min(sample, len(others))))
    chosen |= {n + 1 for n, step in enumerate(steps) if isinstance(step, Said)}
    for n, step in enumerate(steps):
        if isinstance(step, Sync) or n in chosen:
            for word, files in disk.worlds(rng):
                reopens(
                    tmp_path / "cut",
                    live / "keys",
                    files,
                    promised,
                    f"step {n} of {len(steps)}, {word}",
                )
                opened += 1
        disk.take(step)
        if isinstance(step, Said):
            promised = step.sequence
    for word, files in disk.worlds(rng):
        reopens(tmp_path / "cut", live / "keys", files, calls, f"at the end, {word}")
        opened += 1
    print(f"{opened} worlds of {len(steps)} steps opened again")
    return opened


def reopens(folder, keys, files, promised, when):
    """The key that signs was written, synced and renamed before the first event: it is there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copytree(keys, folder / "keys")
    for name, data in files.items():
        (folder / name).write_bytes(data)
    journal = open_journal(folder, CONFIG, "/s/g", SystemClock())
    try:
        assert journal.quarantined is None, f"{when}: taken for corrupt"
        assert journal.last_sequence() >= promised, f"{when}: an acknowledged event is gone"
        count, faults = verify_chain(journal.all_rows(), [], journal.key.public)
        assert (count, faults) == (journal.last_sequence(), []), when
        state = journal.state("lane:out1")
        assert (state or {"n": -1})["n"] + 1 == count, f"{when}: state and events part company"
    finally:
        journal.close()


def test_after_a_power_cut_at_any_sync_all_that_was_acknowledged_is_there(tmp_path):
    assert cut_everywhere(tmp_path, calls=40, sample=15, seed=1) > 250


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_after_a_power_cut_at_any_of_many_steps_all_that_was_acknowledged_is_there(tmp_path):
    assert cut_everywhere(tmp_path, calls=40, sample=300, seed=2) > 1200
