"""A person confirms where a camera looks, after it was turned on purpose."""

from __future__ import annotations

from collections.abc import Collection

from edge.domain.recordable import LONGEST_REASON, fault
from edge.gate.audit import Audit
from edge.gate.port import Unanswered
from edge.system.causes import cause
from edge.vision.port import Eyes


class CameraViews:
    """`lanes`: those that there are."""

    def __init__(self, lanes: Collection[str], eyes: Eyes, audit: Audit) -> None:
        self._lanes, self._eyes, self._audit = lanes, eyes, audit

    def confirm(self, lane: str, reason: str, user: str) -> None:
        """Recorded, then learned anew. Raises Unanswered."""
        if lane not in self._lanes:
            raise Unanswered(cause("refused.no_lane"))
        if why := fault(reason, LONGEST_REASON):
            raise Unanswered(cause("refused.reason", why=why))
        self._audit.acted(user, "confirm_view", {}, reason, lane=lane)
        self._eyes.confirm(lane)
