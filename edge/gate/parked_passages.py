"""Passages that the platform does not take: tried again, or settled by a person in another way."""

from __future__ import annotations

import contextlib
from typing import Any, Protocol

from edge.domain.recordable import LONGEST_REASON, fault
from edge.gate.port import Unanswered
from edge.sync.platform.port import ParkedPassage
from edge.system.causes import cause


class ParkedLink(Protocol):
    """What of the link to the platform is used; edge.sync.platform.link."""

    def parked(self) -> tuple[ParkedPassage, ...]: ...

    def try_again(self, sequence: int) -> None:
        """Raises KeyError for one that is not parked; so does `settle`."""

    def settle(self, sequence: int) -> None: ...


class Acted(Protocol):
    """Records what a person does; audit.Audit.acted. Raises Unanswered."""

    def __call__(self, user: str, action: str, data: dict[str, Any], reason: str = "") -> None: ...


class ParkedPassages:
    """`link` is None where there is no platform."""

    def __init__(self, link: ParkedLink | None, acted: Acted) -> None:
        self._link, self._acted = link, acted

    def parked(self) -> tuple[ParkedPassage, ...]:
        return self._link.parked() if self._link is not None else ()

    def hand_over_again(self, sequence: int, user: str) -> None:
        """Tries one at once. Raises Unanswered if it is not parked."""
        found = self._find(sequence)
        self._acted(user, "hand_over_again", {"passage": found.passage.body.get("passage", "")})
        if self._link is not None:
            with contextlib.suppress(KeyError):
                self._link.try_again(sequence)

    def settle_passage(self, sequence: int, reason: str, user: str) -> None:
        """One is told to the platform in another way. Raises Unanswered if it is not parked."""
        found = self._find(sequence)
        if wrong := fault(reason, LONGEST_REASON):
            raise Unanswered(cause("refused.reason", why=wrong))
        data = {"passage": found.passage.body.get("passage", ""), "why": found.why}
        self._acted(user, "settle_passage", data, reason)
        if self._link is not None:
            with contextlib.suppress(KeyError):
                self._link.settle(sequence)

    def _find(self, sequence: int) -> ParkedPassage:
        """Raises Unanswered."""
        found = [a for a in self.parked() if a.passage.sequence == sequence]
        if not found:
            raise Unanswered(cause("refused.parked_no_more"))
        return found[0]
