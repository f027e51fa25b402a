"""PURE. Is a chain of events whole: every hash, every link, every signed checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

from edge.sync.journal.chain import GENESIS, digest
from edge.sync.journal.signing import verifies

MOST_TOLD = 20


def verify_chain(
    rows: Iterable[tuple[int, str, str]],
    checkpoints: Sequence[tuple[int, str, str, str]],
    public: str,
    oldest: Callable[[], int] = lambda: 0,
) -> tuple[int, list[str]]:
    """(number of events, faults). Rows are (sequence, hash, CloudEvent JSON) in order. Retention
    may have removed the oldest, so the first row's predecessor is trusted unless a checkpoint names
    it. `oldest`: returns the first number that is still kept; it is called where rows are missing,
    because retention may remove rows while pages are read. After numbers that were left out a new
    series may begin (a copy was restored). A cut tail shows as a checkpoint without its event."""
    faults: list[str] = []
    marks = {seq: (hash, time, signature) for seq, hash, time, signature in checkpoints}
    for seq, (hash, time, signature) in marks.items():
        if not verifies(public, f"{seq}:{hash}:{time}".encode(), signature):
            faults.append(f"checkpoint {seq}: its signature is not this gate's")
    count, previous, last = 0, None, 0
    for seq, hash, text in rows:
        body = json.loads(text)
        count += 1
        if digest(body) != hash or body["hash"] != hash:
            faults.append(f"event {seq}: its content was changed")
        begins = body["previoushash"] == GENESIS and seq > last + 1
        follows = previous is None or begins or body["previoushash"] == previous
        if not follows and not (seq > last + 1 and oldest() >= seq):
            faults.append(f"event {seq}: does not follow the one before")
        if seq in marks and marks[seq][0] != hash:
            faults.append(f"event {seq}: is not the one that was signed")
        previous, last = hash, seq
        if len(faults) >= MOST_TOLD:
            return count, [*faults, "and perhaps more"]
    cut = [seq for seq in marks if seq > last]
    if cut:
        faults.append(f"the tail is cut: event {max(cut)} was signed and is gone")
    return count, faults
