"""PURE. The rows of the decision, from the top: the first that holds decides on the assignment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from edge.domain.assignment import AssignmentState
from edge.domain.conditions import (
    clock_matters,
    contradictory,
    early,
    implausible,
    lacking,
    late,
    not_trusted,
    refused_by,
    trailer_unread,
)
from edge.domain.moment import iso
from edge.domain.question import Question
from edge.domain.reason import Reason, Verdict

RIVAL = 0.2
"""Share of all support that the second likeliest text has from which a reading is not sure, however
sure the first is called."""


def _state(state: AssignmentState) -> Callable[[Question], bool]:
    return lambda q: q.on(lambda a: a.state is state)


def _list(reason: Reason) -> Callable[[Question], bool]:
    return lambda q: not_trusted(q.book, q.policy, q.now) is reason


def _nothing(question: Question) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Row:
    """`condition` is what docs/lane.md prints; the words for people are `reason_<code>` and
    `do_<code>` in the catalogues."""

    reason: Reason
    verdict: Verdict
    condition: str
    holds: Callable[[Question], bool] = field(compare=False)
    detail: Callable[[Question], str] = field(default=_nothing, compare=False)


_R, _V = Reason, Verdict

ROWS: tuple[Row, ...] = (
    Row(
        _R.WATCH_LIST,
        _V.REFER,
        "a plate that was read, surely or not, is on the watch list",
        lambda q: any(view.text in q.policy.watched for view in q.reads),
    ),
    Row(_R.UNREAD, _V.REFER, "no plate was read", lambda q: not q.reads),
    Row(
        _R.TRACTOR_UNSURE,
        _V.REFER,
        "only a trailer's plate is sure, and beside it another was read unsurely",
        lambda q: q.trailers_only and len(q.reads) > len(q.sure),
    ),
    Row(
        _R.TRAILER_ALONE,
        _V.REFER,
        "only a trailer's plate was read",
        lambda q: q.trailers_only,
    ),
    Row(
        _R.SECOND_READER_DIFFERS,
        _V.REFER,
        "no plate is surely read, and the camera's own reader has read another",
        lambda q: not q.sure and any(view.contradicted for view in q.reads),
        lambda q: ", ".join(view.second for view in q.reads if view.contradicted),
    ),
    Row(_R.UNSURE_READING, _V.REFER, "no plate is surely read", lambda q: not q.sure),
    Row(
        _R.SECOND_CANDIDATE,
        _V.REFER,
        "another text is nearly as likely as the one that is read",
        lambda q: any(view.accepted and view.rival >= RIVAL for view in q.reads),
    ),
    Row(
        _R.NO_ASSIGNMENTS,
        _V.REFER,
        "no list was ever fetched",
        _list(_R.NO_ASSIGNMENTS),
    ),
    Row(
        _R.ASSIGNMENTS_STALE,
        _V.REFER,
        "the list is older than the lane allows, or of the future",
        _list(_R.ASSIGNMENTS_STALE),
    ),
    Row(
        _R.SEVERAL_VEHICLES,
        _V.REFER,
        "several plates are sure, and no assignment names them as one vehicle's",
        lambda q: len(q.sure) > 1 and not q.found,
    ),
    Row(_R.NOT_DECLARED, _V.REFUSE, "no assignment names the plate", lambda q: not q.found),
    Row(
        _R.IMPLAUSIBLE_KIND,
        _V.REFER,
        "a two-wheeler is seen where a larger vehicle is declared, or the other way",
        implausible,
        lambda q: f"{q.vehicle.kind}, declared {q.assignment.vehicle_kind}" if q.assignment else "",
    ),
    Row(_R.CANCELLED, _V.REFUSE, "cancelled", _state(AssignmentState.CANCELLED)),
    Row(_R.ALREADY_USED, _V.REFUSE, "used by a passage before", _state(AssignmentState.USED)),
    Row(
        _R.CONTRADICTORY_VALIDITY,
        _V.REFER,
        "its validity ends before it begins",
        lambda q: q.on(contradictory),
    ),
    Row(
        _R.CLOCK_UNTRUSTED,
        _V.REFER,
        "no time server holds the clock, and its validity begins or ends within 15 minutes",
        clock_matters,
    ),
    Row(
        _R.EXPIRED,
        _V.REFUSE,
        "its validity is over",
        lambda q: q.on(lambda a: late(a, q.now)),
        lambda q: iso(q.assignment.valid_to) if q.assignment else "",
    ),
    Row(
        _R.NOT_YET_VALID,
        _V.REFUSE,
        "its validity has not begun",
        lambda q: q.on(lambda a: early(a, q.now)),
        lambda q: iso(q.assignment.valid_from) if q.assignment else "",
    ),
    Row(
        _R.WRONG_DIRECTION,
        _V.REFUSE,
        "it is for the other direction",
        lambda q: q.on(lambda a: a.direction != q.policy.direction),
        lambda q: q.assignment.direction if q.assignment else "",
    ),
    Row(
        _R.WRONG_LANE,
        _V.REFUSE,
        "it does not name this lane",
        lambda q: q.on(lambda a: q.policy.lane not in a.lanes),
        lambda q: ", ".join(q.assignment.lanes) if q.assignment else "",
    ),
    Row(_R.HELD, _V.REFUSE, "held by the platform", _state(AssignmentState.HELD)),
    Row(
        _R.CLEARANCE_REFUSED,
        _V.REFUSE,
        "an authority has refused it",
        lambda q: bool(refused_by(q)),
        lambda q: ", ".join(refused_by(q)),
    ),
    Row(
        _R.CLEARANCE_PENDING,
        _V.REFUSE,
        "an authority that this lane needs has not cleared it",
        lambda q: bool(lacking(q)),
        lambda q: ", ".join(lacking(q)),
    ),
    Row(
        _R.NOT_UNDERSTOOD,
        _V.REFER,
        "what the platform has sent for it is not understood",
        lambda q: q.strange,
        lambda q: q.assignment.trouble if q.assignment else "",
    ),
    Row(
        _R.PASSED_ALREADY,
        _V.REFER,
        "the vehicle passed in this direction minutes ago, and has not been seen coming back",
        lambda q: q.journeyed(same_way=True),
    ),
    Row(
        _R.TRAILER_UNREAD,
        _V.REFER,
        "it is declared with a trailer whose plate is not surely read, and the lane waits for that",
        trailer_unread,
        lambda q: ", ".join(q.assignment.trailers) if q.assignment else "",
    ),
    Row(
        _R.RETURNED_SOON,
        _V.REFER,
        "it passed the other way minutes ago, and the lane has no two-way traffic",
        lambda q: q.journeyed(same_way=False) and not q.policy.two_way,
    ),
    Row(
        _R.TWO_WAY,
        _V.ALLOW,
        "all is in order; it passed the other way minutes ago, which the lane allows",
        lambda q: q.journeyed(same_way=False),
    ),
    Row(
        _R.ASSIGNED,
        _V.ALLOW,
        "all is in order",
        lambda q: q.on(lambda a: a.state is AssignmentState.ACTIVE),
    ),
)
