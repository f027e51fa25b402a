"""What happened in a shift, counted from the journal's events."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from edge.domain.events import (
    ALARM_CLEARED,
    ALARM_RAISED,
    CODE_PRESENTED,
    COMMAND_HANDLED,
    OPERATOR_ACTED,
    PASSAGE_ABANDONED,
    PASSAGE_COMPLETED,
    REFERRAL_CHANGED,
)
from edge.domain.mode import LaneMode
from edge.domain.referral import ENDED, OLDER, ReferralState
from edge.sync.journal.port import PastEvents, Recorded

PAGE = 1000

OPEN_SINCE = timedelta(days=30)
"""Time before the end of a shift in which open matters are searched."""

BY_HAND = ("open", "hold_open", "admit", "reject", "close", "stop")
"""Actions of people that the report tells with their outcomes."""

FIRST = "admit_first"
"""The word of the first of two people; what became of it the second one's tells."""

CHANGES = ("set_mode", "activate_policy")
"""What changes how a lane decides; told one by one, with who and why."""

MISLED = frozenset({"wrong_lane", "wrong_direction", "lane_closed"})
"""Reasons of vehicles that belong to another lane."""

SHADOW = LaneMode.SHADOW.value


@dataclass(frozen=True, slots=True)
class Handling:
    """Seconds from a vehicle's arrival to its end, of `count` vehicles; None: of none."""

    count: int
    mean_s: float | None
    p95_s: float | None


@dataclass(frozen=True, slots=True)
class OfLane:
    """Vehicles of one lane: `passed`; `turned`: did not pass; `misled`: of these, they belong to
    another one. `queue_mean`, `queue_most`: how many waited when one arrived (None: nobody counts
    them)."""

    passed: int
    turned: int
    misled: int
    queue_mean: float | None
    queue_most: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """`value`: the mode, or the policy's number and name; `lane`: "" where it is the gate's."""

    at: datetime
    action: str
    lane: str
    value: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class StillOpen:
    """`what`: "referral", "alarm" or "mode"; `code`: its state, its code, the mode."""

    what: str
    lane: str
    code: str
    plate: str
    since: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """`passed`: (kind, direction) of vehicles that passed; `ends`: (outcome, reason) of all;
    `by_hand`: (user, action, outcome), of another system "remote:" and its name; `handling` by
    direction; `referrals`: (state, why) of those that ended in the shift; `shadow`: (our verdict,
    whether it passed) in lanes beside another controller; `codes`: (outcome, why) of those shown;
    `guided`: (from, to) of vehicles sent to another lane: how many, and how many of these passed
    there."""

    since: datetime
    until: datetime
    passed: Mapping[tuple[str, str], int]
    ends: Mapping[tuple[str, str], int]
    handling: Mapping[str, Handling]
    by_hand: Mapping[tuple[str, str, str], int]
    referrals: Mapping[tuple[str, str], int]
    shadow: Mapping[tuple[str, bool], int]
    still_open: Sequence[StillOpen] = field(default_factory=tuple)
    lanes: Mapping[str, OfLane] = field(default_factory=dict)
    codes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    changes: Sequence[Change] = field(default_factory=tuple)
    guided: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)


class _Guided:
    """(from, to) of vehicles that were sent to another lane: how many, and how many of them passed
    there; told of passages, the newest first."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], tuple[int, int]] = {}
        self._passed: set[tuple[str, str]] = set()

    def ended(self, lane: str, data: Mapping[str, Any], through: bool) -> None:
        plate, to = _text(data, "plate"), _text(data, "guided_to")
        if to:
            sent, there = self.found.get((lane, to), (0, 0))
            self.found[lane, to] = sent + 1, there + ((to, plate) in self._passed)
        elif through and plate:
            self._passed.add((lane, plate))


def shift(
    past: PastEvents, directions: Mapping[str, str], since: datetime, until: datetime
) -> Shift:
    """`directions` of the lanes. Raises Unread."""
    passed, ends, by_hand = Counter[Any](), Counter[Any](), Counter[Any]()
    referrals, shadow = Counter[Any](), Counter[Any]()
    guided = _Guided()
    waits: dict[str, list[float]] = defaultdict(list)
    lanes: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    codes, changes = Counter[Any](), list[Change]()
    types = (
        PASSAGE_COMPLETED, PASSAGE_ABANDONED, COMMAND_HANDLED, REFERRAL_CHANGED, OPERATOR_ACTED,
        CODE_PRESENTED,
    )  # fmt: skip
    for row in _events(past, types, since, until):
        data, lane = row.event.data, row.event.lane
        direction = directions.get(lane, "")
        match row.event.type:
            case "passage.completed" | "passage.abandoned":
                through = row.event.type == PASSAGE_COMPLETED
                ends[_text(data, "outcome"), _text(data, "reason")] += 1
                lanes[lane].append({**data, "through": through})
                guided.ended(lane, data, through)
                if data.get("mode") == SHADOW:
                    shadow[_text(data, "verdict"), through] += 1
                if through:
                    passed[_text(data, "kind"), direction] += 1
                    took = _took_s(data)
                    if took is not None and data.get("observed", True):
                        waits[direction].append(took)
            case "command.handled":
                user, action = _text(data, "issuer"), _text(data, "action")
                if user and action in BY_HAND:
                    person = user.startswith("operator:")
                    name = user.removeprefix("operator:") if person else f"remote:{user}"
                    by_hand[name, action, _text(data, "outcome")] += _times(data)
            case "operator.acted":
                if _text(data, "action") == FIRST:
                    by_hand[_text(data, "user"), FIRST, "done"] += 1
                if _text(data, "action") in CHANGES:
                    changes.append(_change(row))
            case "code.presented":
                codes[_text(data, "outcome"), _text(data, "why")] += 1
            case _:
                if _text(data, "state") in set(ENDED):
                    why = _text(data, "why")
                    referrals[_text(data, "state"), OLDER.get(why, why)] += 1
    return Shift(
        since,
        until,
        passed,
        ends,
        {way: handling(times) for way, times in waits.items()},
        by_hand,
        referrals,
        shadow,
        tuple(_still_open(past, until)),
        {lane: _of_lane(lanes[lane]) for lane in dict.fromkeys([*directions, *lanes])},
        codes,
        tuple(reversed(changes)),
        guided.found,
    )


def handling(times: Sequence[float]) -> Handling:
    """The 95 % are the least time in which so many of all were through (nearest rank)."""
    if not times:
        return Handling(0, None, None)
    ordered = sorted(times)
    rank = math.ceil(0.95 * len(ordered))
    return Handling(len(ordered), sum(ordered) / len(ordered), ordered[rank - 1])


def _took_s(data: Mapping[str, Any]) -> float | None:
    try:
        came = datetime.fromisoformat(_text(data, "arrived_at"))
        went = datetime.fromisoformat(_text(data, "completed_at"))
    except ValueError:
        return None
    took = (went - came).total_seconds()
    # A clock that was set meanwhile tells nothing.
    return took if 0 <= took < timedelta(days=1).total_seconds() else None


def _of_lane(passages: Sequence[Mapping[str, Any]]) -> OfLane:
    queues = [n for one in passages if isinstance(n := one.get("queue"), int)]
    turned = [one for one in passages if not one["through"]]
    return OfLane(
        len(passages) - len(turned),
        len(turned),
        sum(_text(one, "reason") in MISLED for one in turned),
        sum(queues) / len(queues) if queues else None,
        max(queues, default=None),
    )


def _change(row: Recorded) -> Change:
    data = row.event.data
    inner = data.get("data")
    more = inner if isinstance(inner, Mapping) else {}
    value = _text(more, "mode") or f"{more.get('number', '')} {_text(more, 'name')}".strip()
    policy = _text(data, "action") == "activate_policy"
    lane = "" if policy else row.event.lane
    why = _text(data, "reason")
    return Change(row.event.time, _text(data, "action"), lane, value, _text(data, "user"), why)


def _times(data: Mapping[str, Any]) -> int:
    """How often: what is refused again and again is one event."""
    count = data.get("count", 1)
    return count if isinstance(count, int) and count > 0 else 1


def _still_open(past: PastEvents, until: datetime) -> Iterator[StillOpen]:
    """What had begun and had not ended by then, the newest first of each kind."""
    since = until - OPEN_SINCE
    types = (ALARM_RAISED, ALARM_CLEARED, REFERRAL_CHANGED, OPERATOR_ACTED)
    known: set[tuple[str, str, str]] = set()
    for row in _events(past, types, since, until):
        data, lane, at = row.event.data, row.event.lane, row.event.time
        match row.event.type:
            case "alarm.raised" | "alarm.cleared":
                code = _text(data, "code")
                if ("alarm", lane, code) in known:
                    continue
                known.add(("alarm", lane, code))
                if row.event.type == ALARM_RAISED:
                    yield StillOpen("alarm", lane, code, "", at)
            case "referral.changed":
                # The last of a lane speaks: a lane has one at a time.
                if ("referral", lane, "") in known:
                    continue
                known.add(("referral", lane, ""))
                state = _text(data, "state")
                if state not in set(ENDED) or state == ReferralState.EXPIRED:
                    opened = _text(data, "opened_at")
                    began = datetime.fromisoformat(opened) if opened else at
                    yield StillOpen("referral", lane, state, _text(data, "plate"), began)
            case _ if _text(data, "action") == "set_mode":
                if ("mode", lane, "") in known:
                    continue
                known.add(("mode", lane, ""))
                inner = data.get("data")
                mode = _text(inner, "mode") if isinstance(inner, Mapping) else ""
                if mode != LaneMode.AUTOMATIC:
                    yield StillOpen("mode", lane, mode, "", at, _text(data, "user"))


def _events(
    past: PastEvents, types: Sequence[str], since: datetime, until: datetime
) -> Iterator[Recorded]:
    """The newest first, a page at a time."""
    before = None
    while rows := past.recent(types=types, since=since, until=until, before=before, limit=PAGE):
        yield from rows
        before = rows[-1].sequence
        if len(rows) < PAGE:
            return


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key, "")
    return value if isinstance(value, str) else ""
