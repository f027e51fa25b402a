"""What is wrong, or seldom meant, of one setting."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`key`: as in the file, with its sections; `why`: the reason and its cure. A refusal's `why`
    is a cause, for it stands in an alarm."""

    key: str
    why: str

    def __str__(self) -> str:
        return f"{self.key}: {self.why}"
