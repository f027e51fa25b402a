"""A device has a processor of its own: it answers however busy the gate's computer is.

Its twin shares this one. The service runs at real-time priority, and beside it and a crowd of other
programs an ordinary thread comes to nothing for most of a second while the service starts: longer
than a guard waits for a board.
"""

from __future__ import annotations

from edge.system import scheduling


def as_a_device() -> None:
    """The calling thread comes as soon as the service's own, where that is permitted."""
    scheduling.raise_service()
