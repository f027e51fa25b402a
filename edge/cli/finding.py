"""One finding of `gate doctor`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`cure` is "" where all is well; with `good` it is advice."""

    what: str
    good: bool
    found: str
    cure: str = ""
