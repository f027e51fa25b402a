"""PURE. Which words of people and other systems may enter the journal: as text, not too long."""

from __future__ import annotations

import unicodedata

from edge.domain.alarm_codes import Phrase

LONGEST_REASON = 500
"""Characters of a reason; the console's own fields take 200."""

LEFT_OUT = "(left out: it cannot be recorded)"
"""In place of the reason of a stop, which is done whatever comes with it."""

KEPT_CONTROLS = "\n\t"
DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that reverse the text after them on the page that shows it."""


def fault(text: str, longest: int) -> Phrase | None:
    """The reason why the text cannot be recorded, or None."""
    if len(text) > longest:
        return Phrase("cause.text.too_long", {"longest": longest})
    strange = (c for c in text if not _may_stand(c))
    found = next(strange, "")
    return Phrase("cause.text.strange", {"character": f"U+{ord(found):04X}"}) if found else None


UNREADABLE = "\ufffd"
"""The character that decoding puts in place of bytes that are no text."""


def _may_stand(c: str) -> bool:
    if c in KEPT_CONTROLS:
        return True
    return c != UNREADABLE and unicodedata.category(c) not in ("Cc", "Cs") and c not in DIRECTIONS
