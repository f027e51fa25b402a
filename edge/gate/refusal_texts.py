"""What the guard answers, for people."""

from __future__ import annotations

from edge.barrier.core.state import Withdrawal
from edge.domain.alarm_codes import Phrase
from edge.domain.guard_refusal import GuardRefusal
from edge.system.causes import Cause, cause, of_phrase

_KEYS = {why.value: why.name.lower() for why in (*GuardRefusal, *Withdrawal)}


def guard_said(why: str) -> Cause:
    """The cause of the guard's answer; one of another version as it was said."""
    key = _KEYS.get(why)
    return of_phrase(Phrase(f"cause.guard.{key}")) if key else cause("as_said", words=why)
