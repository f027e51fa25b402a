"""PURE. Which declared vehicles an unsure reading may be: for a person to choose from, never for
the gate to decide by."""

from __future__ import annotations

from edge.domain.assignment import NEAR, Assignments, apart

MOST = 4


def suggestions(reading: str, book: Assignments, lane: str) -> list[str]:
    """The declared plates nearest to the reading; of equals, those of this lane first."""
    if not reading:
        return []
    found: dict[str, tuple[int, bool]] = {}
    for assignment in book.near(reading).items:
        if assignment.state.value not in ("active", "held"):
            continue
        for plate in assignment.plates:
            distance = apart(reading, plate.text)
            if distance <= NEAR:
                rank = (distance, lane not in assignment.lanes)
                found[plate.text] = min(rank, found.get(plate.text, rank))
    return sorted(found, key=lambda text: (found[text], text))[:MOST]
