"""What commands on this computer ask of the running service (`gate journal set-aside`, `forget`,
`gate policy`, `gate camera confirm`, `gate bench`).

It is done by the service, which owns the journal; the command only waits for the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from edge.domain.recordable import LONGEST_REASON, fault
from edge.gate.governing import Governing
from edge.gate.parked_passages import ParkedPassages
from edge.gate.port import Unanswered
from edge.sync.journal.port import Unrecorded
from edge.system.causes import cause
from edge.system.timings import TIMINGS, Figure
from edge.system.unhandled import UNHANDLED

LONGEST_USER = 100
"""Maximum characters of a user's name."""

LetGo = Callable[[str, str, str], int]
"""A consumer, the reason and the user; what the consumer had acknowledged. Raises KeyError for one
for whom no events are kept, Unrecorded."""

Confirm = Callable[[str, str, str], None]
"""A lane, the reason and the user; see CameraViews.confirm."""


@dataclass(frozen=True, slots=True)
class LocalCommands:
    """`configured`: the consumers of the running service's settings."""

    passages: ParkedPassages
    let_go: LetGo
    configured: Collection[str]
    governing: Governing
    confirm: Confirm | None = None

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """`{"error": why}` where it is not done. `user`: who ran the command, as it says."""
        try:
            match question:
                case {"user": str(user)} if why := fault(user, LONGEST_USER):
                    raise Unanswered(cause("refused.user", why=why))
                case {"do": "measured", "figure": str(name)} if name in set(Figure):
                    return {"measured": [asdict(m) for m in TIMINGS.recent(Figure(name))]}
                case {"do": "unhandled"}:
                    return {"unhandled": dict(UNHANDLED.counts())}
                case {"do": "again", "sequence": int(sequence), "user": str(user)}:
                    self.passages.hand_over_again(sequence, user)
                case {"do": "settle", "sequence": int(n), "reason": str(reason), "user": str(user)}:
                    self.passages.settle_passage(n, reason, user)
                case {"do": "confirm", "lane": str(lane), "reason": str(why), "user": str(user)}:
                    self._confirm(lane, why, user)
                case {"do": "forget", "consumer": str(c), "reason": str(reason), "user": str(user)}:
                    return {"through": self._forget(c, reason, user)}
                case {"do": "policy", "text": str(text), "reason": str(reason), "user": str(user)}:
                    return {"number": self.governing.activate_policy(text, reason, user)}
                case {
                    "do": "mode",
                    "lane": str(lane),
                    "mode": str(mode),
                    "reason": str(reason),
                    "user": str(user),
                }:
                    self.governing.set_mode(lane, mode, reason, user)
                case _:
                    raise Unanswered(cause("refused.unknown_command"))
        except (Unanswered, Unrecorded) as error:
            return {"error": str(error)}
        return {}

    def _confirm(self, lane: str, reason: str, user: str) -> None:
        if self.confirm is None:
            raise Unanswered(cause("refused.unknown_command"))
        self.confirm(lane, reason, user)

    def _forget(self, consumer: str, reason: str, user: str) -> int:
        if consumer in self.configured:
            raise Unanswered(cause("refused.configured", consumer=consumer))
        if why := fault(reason, LONGEST_REASON):
            raise Unanswered(cause("refused.reason", why=why))
        try:
            return self.let_go(consumer, reason, user)
        except KeyError:
            raise Unanswered(cause("refused.no_consumer", consumer=consumer)) from None
