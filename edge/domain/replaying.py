"""PURE. What another policy would have said of a decision that the journal has.

A policy changes what a row says, never which row holds: the row that held then holds again, so what
the platform's list, the watch list and the settings said that day stands in the decision itself.
The one thing that it does change besides is whether a code stands for a plate; what the list says
of a code's assignment was then not asked, and is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from edge.domain.decision import ruled
from edge.domain.decision_rows import ROWS
from edge.domain.mode import LaneMode, by_mode
from edge.domain.policy import KeyWeight, Policy
from edge.domain.reason import Decision, Reason
from edge.domain.second_key import STANDS_FOR


class NotKnown(StrEnum):
    """Why it cannot be told what would have been decided."""

    ROW = "row_not_recorded"
    """the decision is from before rows were recorded, and its reason names none"""
    LIST = "list_not_asked"
    """a code would stand for the plate, and the list was not asked about its assignment"""


@dataclass(frozen=True, slots=True)
class Past:
    """A decision of the gate as the journal has it. `row`: that held; "" where none did, or where
    something else than the list spoke (a reading that changed, a restart); None: not recorded.
    `code`: whether one was shown that was good, and of which `issuer` ("": not recorded); `read`:
    whether some plate was read, surely or not."""

    lane: str
    kind: str
    at: datetime
    verdict: str
    reason: str
    row: str | None
    mode: str
    code: bool = False
    issuer: str = ""
    read: bool = True


_ROWS = {row.reason.value: row for row in ROWS}
_MODES = {mode.value: mode for mode in LaneMode}
_OF_MODES = frozenset({"attended", "lane_closed", "free_flow"})
"""Reasons under which a row may hide."""


def again(past: Past, policy: Policy) -> Decision | NotKnown | None:
    """What it would be under the policy; None: the same."""
    named = past.row if past.row is not None else _named(past.reason)
    if named is None:
        return NotKnown.ROW
    on_code = past.reason == Reason.SECOND_KEY.value or (
        past.code and not past.read and named not in ("", *STANDS_FOR)
    )
    if on_code and not _admits(past, policy):
        named = (Reason.UNSURE_READING if past.read else Reason.UNREAD).value
    row = _ROWS.get(named)
    if row is None:
        return None
    rule = policy.rulings.on(row.reason, past.lane, past.kind, past.at)
    if past.code and not on_code and named in STANDS_FOR and rule is None and _admits(past, policy):
        return NotKnown.LIST
    decision = by_mode(ruled(row, rule), _MODES.get(past.mode, LaneMode.AUTOMATIC))
    return None if decision.verdict.value == past.verdict else decision


def _admits(past: Past, policy: Policy) -> bool:
    """Whether the code would stand for the plate."""
    key = policy.second_key
    if key.weighs(past.lane) is not KeyWeight.ADMITS:
        return False
    if past.issuer and past.issuer not in key.issuers:
        return False
    unread = Reason.UNSURE_READING if past.read else Reason.UNREAD
    return policy.rulings.on(unread, past.lane, past.kind, past.at) is None


def _named(reason: str) -> str | None:
    """The row of a decision from before rows were recorded, as far as its reason tells."""
    if reason in _ROWS:
        return reason
    return None if reason in _OF_MODES else ""
