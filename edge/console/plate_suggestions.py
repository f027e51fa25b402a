"""PURE. Which declared vehicles an unsure reading may be: for a person to choose from, never for
the gate to decide by."""

from __future__ import annotations

from edge.domain.assignment import Assignments

MOST = 4
FARTHEST = 2
"""Characters to add, drop or change; more would be guessing."""


def suggestions(reading: str, book: Assignments, lane: str) -> list[str]:
    """The declared plates nearest to the reading; of equals, those of this lane first."""
    if not reading:
        return []
    found: dict[str, tuple[int, bool]] = {}
    for assignment in book.near(reading).items:
        if assignment.state.value not in ("active", "held"):
            continue
        for plate in assignment.plates:
            apart = distance(reading, plate.text)
            if apart <= FARTHEST:
                rank = (apart, lane not in assignment.lanes)
                found[plate.text] = min(rank, found.get(plate.text, rank))
    return sorted(found, key=lambda text: (found[text], text))[:MOST]


def distance(a: str, b: str) -> int:
    """Levenshtein's: the fewest characters to add, drop or change."""
    if abs(len(a) - len(b)) > FARTHEST:
        return FARTHEST + 1
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]
