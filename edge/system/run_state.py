"""Whether a process runs, rests or is stopped, as the kernel says (proc(5), /proc/PID/stat)."""

from __future__ import annotations

from pathlib import Path

from edge.system.supervision import Run

_SAID = {"T": Run.STOPPED, "R": Run.WANTS, "D": Run.WANTS}


def run_of(process: int | None, whole: bool = False) -> Run:
    """Of its first thread, and with `whole` of the others where that one rests. RESTS for one that
    is gone, and for what is not known."""
    at = Path(f"/proc/{process}")
    try:
        first = _run(at / "stat")
        if first is not Run.RESTS or not whole:
            return first
        others = {_run(thread / "stat") for thread in (at / "task").iterdir()}
    except OSError:
        # A thread that ended meanwhile had done something.
        return Run.RESTS
    return Run.RESTS if Run.WANTS in others else Run.IDLE


def _run(stat: Path) -> Run:
    """Raises OSError."""
    # The name before it may hold anything.
    after = stat.read_bytes().rpartition(b")")[2].split()
    return _SAID.get(after[0].decode("ascii", "replace"), Run.RESTS) if after else Run.RESTS
