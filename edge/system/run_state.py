"""Whether a process runs, rests or is stopped, as the kernel says (proc(5), /proc/PID/stat)."""

from __future__ import annotations

from pathlib import Path

from edge.system.supervision import Run

_SAID = {"T": Run.STOPPED, "R": Run.WANTS, "D": Run.WANTS}


def run_of(process: int | None) -> Run:
    """Of its first thread. RESTS for one that is gone, and for what is not known."""
    try:
        said = Path(f"/proc/{process}/stat").read_bytes()
    except OSError:
        return Run.RESTS
    # The name before it may hold anything.
    after = said.rpartition(b")")[2].split()
    return _SAID.get(after[0].decode("ascii", "replace"), Run.RESTS) if after else Run.RESTS
