"""PURE. Is a chain of events whole: every hash, every link, every signed checkpoint.

The signature of a series' last event vouches for all before it, for each names the hash of the one
before. So only that one is checked; receivers check each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from edge.sync.journal.chain import GENESIS, checkpoint_part, digest, signed_part
from edge.sync.journal.signing import verifies

MOST_REPORTED = 20


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
        if not verifies(public, checkpoint_part(seq, hash, time), signature):
            faults.append(f"checkpoint {seq}: its signature is not this gate's")
    count, previous, last, end = 0, None, 0, dict[str, Any]()
    for seq, hash, text in rows:
        body = json.loads(text)
        count += 1
        if digest(body) != hash or body["hash"] != hash:
            faults.append(f"event {seq}: its content was changed")
        begins = body["previoushash"] == GENESIS and seq > last + 1
        if begins:
            faults += _unsigned(end, public)
        follows = previous is None or begins or body["previoushash"] == previous
        if not follows and not (seq > last + 1 and oldest() >= seq):
            faults.append(f"event {seq}: does not follow the one before")
        if seq in marks and marks[seq][0] != hash:
            faults.append(f"event {seq}: is not the one that was signed")
        previous, last, end = hash, seq, body
        if len(faults) >= MOST_REPORTED:
            return count, [*faults, "and perhaps more"]
    faults += _unsigned(end, public)
    cut = [seq for seq in marks if seq > last]
    if cut:
        faults.append(f"the tail is cut: event {max(cut)} was signed and is gone")
    return count, faults


def _unsigned(end: Mapping[str, Any], public: str) -> list[str]:
    """The fault of a series' last event. Events from before they were signed have no signature."""
    signature = end.get("signature")
    if not public or signature is None or verifies(public, signed_part(end), str(signature)):
        return []
    return [f"event {end['sequence']}: its signature is not this gate's"]
