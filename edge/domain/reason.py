"""PURE. What a decision says, and why: its codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    ALLOW = "allow"
    REFUSE = "refuse"
    REFER = "refer"


class Reason(StrEnum):
    """Why; stable codes, put into words by the console's catalogues."""

    ASSIGNED = "assigned"
    TWO_WAY = "two_way"
    OPERATOR = "operator"
    WATCH_LIST = "watch_list"
    NOT_DECLARED = "not_declared"
    WRONG_LANE = "wrong_lane"
    WRONG_DIRECTION = "wrong_direction"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    CONTRADICTORY_VALIDITY = "contradictory_validity"
    HELD = "held"
    CANCELLED = "cancelled"
    ALREADY_USED = "already_used"
    CLEARANCE_PENDING = "clearance_pending"
    CLEARANCE_REFUSED = "clearance_refused"
    NOT_UNDERSTOOD = "not_understood"
    PASSED_ALREADY = "passed_already"
    RETURNED_SOON = "returned_soon"
    UNSURE_READING = "unsure_reading"
    SECOND_CANDIDATE = "second_candidate"
    SECOND_READER_DIFFERS = "second_reader_differs"
    TRACTOR_UNSURE = "tractor_unsure"
    TRAILER_ALONE = "trailer_alone"
    TRAILER_UNREAD = "trailer_unread"
    IMPLAUSIBLE_KIND = "implausible_kind"
    UNREAD = "unread"
    READING_CHANGED = "reading_changed"
    ANOTHER_VEHICLE = "another_vehicle"
    SEVERAL_VEHICLES = "several_vehicles"
    SEVERAL_ASSIGNMENTS = "several_assignments"
    NO_ASSIGNMENTS = "no_assignments"
    ASSIGNMENTS_STALE = "assignments_stale"
    CLOCK_UNTRUSTED = "clock_untrusted"
    ENTRY_TIMEOUT = "entry_timeout"
    NOT_FELT = "not_felt"
    BARRIER_REFUSED = "barrier_refused"
    RESUMED = "resumed"
    REJECTED = "rejected"
    INTERNAL_ERROR = "internal_error"
    UNDECIDED = "undecided"
    POLICY = "policy"
    ATTENDED = "attended"
    LANE_CLOSED = "lane_closed"
    FREE_FLOW = "free_flow"
    SECOND_KEY = "second_key"
    CODE_CONTRADICTS = "code_contradicts"
    SEVERAL_CODES = "several_codes"


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason` is the row's code, or what stands before it (a policy, the lane's mode); `detail`
    what it is about: authorities, lanes, a time. `row`: the code of the row that held ("": none);
    `rule`: the policy's rule that gave the verdict ("": the row's own)."""

    verdict: Verdict
    reason: Reason
    assignment: str = ""
    detail: str = ""
    row: str = field(default="", compare=False)
    rule: str = field(default="", compare=False)
