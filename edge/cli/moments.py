"""Moments that a person types, and reads: by the clock that people at the gate live by, whatever
the computer is set to."""

from __future__ import annotations

from datetime import datetime

from edge.console.local_format import ZONE


def typed(moment: datetime) -> datetime:
    """One without a zone is the gate's."""
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def shown(moment: datetime) -> str:
    """ISO, in the gate's time, with its zone."""
    return moment.astimezone(ZONE).isoformat(timespec="seconds")
