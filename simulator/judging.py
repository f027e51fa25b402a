"""What a gate said of each vehicle that crossed, against the truth of its world.

A record or an alarm speaks of one vehicle. An admission is a completed passage whose verdict was to
let it pass, or a person's order; it belongs to the crossing with its plate, or else to the one that
began when the record says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from edge.domain.assignment import NEAR, apart
from simulator.world import Crossing

COMPLETED = "passage.completed"
ABANDONED = "passage.abandoned"
ALARM = "alarm.raised"
CLEARED = "alarm.cleared"
DEVICE_STATE = "device.state"
ACTED = "operator.acted"
HANDLED = "command.handled"
TELLING = ("tailgate", "passage_", "passed_", "crossed_", "forced_", "wrong_way")
"""Alarms whose codes begin so speak of somebody who passed."""

NOT_TELLING = ("passage_unfinished",)
"""It asks a person to look; it names nobody."""

ORDER = "order"

UNOBSERVED = "passage_unobserved"
"""The gate was away, and somebody has passed: of all who did a person is told at once, for nobody
can say how many they were."""

ALIKE = timedelta(seconds=4)
"""So far the record's moment of entering may be from the true one."""

SAME = timedelta(seconds=0.5)
"""So much earlier than in truth he may be seen to enter."""

LATE = timedelta(seconds=90)
"""So much later the record of a crossing may come: with the entry loop's release, or a restart."""

SOON = timedelta(seconds=20)
"""So much earlier than its end a crossing may be recorded: in a gap of a long vehicle."""

ALARM_LATE = timedelta(seconds=30)
"""So much later an alarm may come that tells of it."""

EARLY = timedelta(seconds=5)
ORDER_LASTS = timedelta(seconds=120)
"""A person's order to open admits who comes within so long."""


@dataclass(frozen=True, slots=True)
class Said:
    """An event of the gate. `type` without the namespace: "passage.completed"; `at` by the gate's
    clock, `mono` by its monotonic one."""

    type: str
    lane: str
    at: datetime
    data: Mapping[str, Any]
    mono: float = 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """`admitted_by`: "gate", "operator:<name>", "order" (a person opened the arm for whoever stood
    there) or "" (nobody); `told_by`: the record or alarm that names one who was not admitted, ""
    where none does; `passage`: the record's id, `recorded` its time."""

    crossing: Crossing
    entered: datetime
    left: datetime
    admitted_by: str = ""
    told_by: str = ""
    passage: str = ""
    recorded: datetime | None = None

    @property
    def began(self) -> datetime:
        """No later than it ended, also where the gate's clock was set back meanwhile."""
        return min(self.entered, self.left)

    @property
    def wrongly_opened(self) -> bool:
        """The gate's own decision let pass whom it should not."""
        return self.admitted_by == "gate" and not self.crossing.assigned

    @property
    def by_order(self) -> bool:
        """A person opened the arm, and nobody admitted this vehicle as the one that it is."""
        return self.admitted_by == ORDER

    @property
    def unadmitted(self) -> bool:
        return not self.admitted_by

    @property
    def untold(self) -> bool:
        return self.unadmitted and not self.told_by


@dataclass(frozen=True, slots=True)
class Heard:
    """All that a gate said, against the truth. `by_number`, `ways`: who crossed and the ways out
    under which he is recorded, by the vehicle's number; `pictured`: whose number is on which
    picture; `lacking`: events that customs has not."""

    events: Sequence[Said] = ()
    by_number: Mapping[int, Judged] = field(default_factory=dict)
    ways: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    pictured: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, Collection[int]] = field(default_factory=dict)
    """Whose plate it is, where there are no pictures."""
    lacking: int = 0

    def shown(self, event: Said) -> set[int]:
        """Whom the event speaks of: by its pictures, or by its plate."""
        named = {self.pictured[e] for e in event.data.get("evidence", ()) if e in self.pictured}
        return named or set(self.numbers.get(str(event.data.get("plate") or "-"), ()))


def said(events: Iterable[Mapping[str, Any]]) -> list[Said]:
    """CloudEvents, as customs holds them."""
    return [
        Said(
            str(e["type"]).removeprefix("bordergate.").removesuffix(".v1"),
            str(e["subject"]),
            datetime.fromisoformat(str(e["time"])),
            e["data"],
            float(e.get("monotonic", 0.0)),
        )
        for e in events
    ]


def judge(
    crossings: Sequence[Crossing],
    events: Sequence[Said],
    wall: Callable[[float], datetime],
    pictured: Mapping[str, int] = MappingProxyType({}),
) -> list[Judged]:
    """Each crossing of one lane with what the gate said of it. `wall`: a moment of the world on the
    gate's clock; `pictured`: whose number is on which picture, where that is known."""
    judged = [Judged(c, wall(c.entered_at), wall(c.left_at)) for c in crossings]
    records = [e for e in events if e.type == COMPLETED]
    allowed = [r for r in records if r.data["verdict"] == "allow"]
    _give_all(judged, allowed, "", pictured)
    _by_order(judged, events)
    others = [r for r in records if r.data["verdict"] != "allow"]
    _give_all(judged, others, COMPLETED, pictured)
    alarms = [e for e in events if e.type == ALARM and _tells(str(e.data["code"]))]
    for n, one in enumerate(judged):
        if one.admitted_by:
            continue
        last = one.left + ALARM_LATE
        if one.recorded is not None:
            # The alarms of the one that is recorded come with its record, or as it leaves.
            last = max(one.recorded, one.left) + EARLY
        about = [a for a in alarms if one.entered - EARLY <= a.at <= last]
        # Alarms of several kinds may speak of the same vehicle, beside its record.
        about = [next(a for a in about if a.data["code"] == c) for c in _codes(about)]
        alarms = [a for a in alarms if a not in about or a.data["code"] == UNOBSERVED]
        if one.untold and about:
            judged[n] = replace(one, told_by=str(about[0].data["code"]))
        elif one.untold and any(_was_away(e, one) for e in events):
            judged[n] = replace(one, told_by=DEVICE_STATE)
    return judged


def _was_away(event: Said, one: Judged) -> bool:
    """Whether it says that the service was away as he went under an arm that was not down."""
    data = event.data
    if event.type != DEVICE_STATE or data.get("device") != "service":
        return False
    up = data["arm_before"] != "closed" or data["arm"] != "closed"
    since = datetime.fromisoformat(str(data["away_since"]))
    until = datetime.fromisoformat(str(data["away_until"]))
    return up and since <= one.entered <= until


def _codes(alarms: Sequence[Said]) -> list[str]:
    return list(dict.fromkeys(str(a.data["code"]) for a in alarms))


def of_nobody(judged: Sequence[Judged], events: Sequence[Said]) -> list[Said]:
    """The records of passages that nobody made."""
    known = {one.passage for one in judged}
    records = [e for e in events if e.type == COMPLETED]
    return [r for r in records if str(r.data["passage"]) not in known]


def _tells(code: str) -> bool:
    return code.startswith(TELLING) and code not in NOT_TELLING


def _give_all(
    judged: list[Judged], records: Iterable[Said], told_by: str, pictured: Mapping[str, int]
) -> None:
    """Each record to the crossing that it speaks of: to those that are named first, then to those
    whose plate was read nearly so, then to who is on its pictures."""
    left = list(records)
    shown = partial(_shown, pictured=pictured)
    for find in (_named, _nearly_named, shown, partial(_by_its_time, told_by=told_by)):
        unnamed = []
        for record in left:
            found = find(judged, record)
            if found is None:
                unnamed.append(record)
            else:
                _give(judged, found, record, told_by)
        left = unnamed


def _free(judged: Sequence[Judged]) -> list[int]:
    """Those who have no record yet. Who came in on a person's order has one too, which says that
    the gate would not have let it in."""
    return [n for n, one in enumerate(judged) if not one.passage and one.admitted_by in ("", ORDER)]


def _named(judged: Sequence[Judged], record: Said) -> int | None:
    """The crossing of the plate that the record names; two may go through at once."""
    plate = record.data.get("plate")
    found = (n for n in _meanwhile(judged, record) if judged[n].crossing.plate == plate)
    return next(found, None)


def _nearly_named(judged: Sequence[Judged], record: Said) -> int | None:
    """The crossing of the plate that is nearest to the one that the record names, misread by so
    little as the gate itself takes for the same; of two as near neither is it."""
    plate = str(record.data.get("plate") or "")
    if not plate:
        return None
    by = {n: apart(plate, judged[n].crossing.plate) for n in _meanwhile(judged, record)}
    least = min(by.values(), default=NEAR + 1)
    near = [n for n, characters in by.items() if characters == least]
    return near[0] if least <= NEAR and len(near) == 1 else None


def _shown(judged: Sequence[Judged], record: Said, pictured: Mapping[str, int]) -> int | None:
    """The crossing of the one on the pictures of a record that names nobody."""
    if record.data.get("plate"):
        return None
    numbers = {pictured[name] for name in record.data.get("evidence", ()) if name in pictured}
    at = record.at + ALIKE
    found = (n for n in _free(judged) if judged[n].crossing.number in numbers)
    return next((n for n in found if judged[n].began <= at), None)


def _meanwhile(judged: Sequence[Judged], record: Said) -> list[int]:
    """The crossings with a plate from the arrival that the record tells to its own time."""
    arrived = record.data.get("arrived_at") or record.data.get("entered_at")
    start = (datetime.fromisoformat(str(arrived)) if arrived else record.at - LATE) - ALIKE
    return [
        n for n in _free(judged)
        if judged[n].crossing.plate
        and start <= judged[n].entered and judged[n].began <= record.at + ALIKE
        and judged[n].left <= record.at + SOON
    ]  # fmt: skip


def _by_its_time(judged: Sequence[Judged], record: Said, told_by: str) -> int | None:
    """The crossing that began when the record says, or ended before it where it says nothing."""
    free, at = _free(judged), record.data.get("entered_at")
    if at:
        entered = datetime.fromisoformat(str(at))
        near = [n for n in free if abs(judged[n].entered - entered) <= ALIKE]
        if told_by:
            # A tailgater is known as one when the first is through: he may be half way then, and
            # the next one close behind him.
            during = [n for n in free if judged[n].entered - SAME <= entered <= judged[n].left]
            near = [n for n in during if _may_be_his(record, judged[n])] or near
        return min(near, key=lambda n: abs(judged[n].entered - entered), default=None)
    if record.data.get("observed") is False and record.data.get("plate"):
        return None
    past = [n for n in free if record.at - LATE <= judged[n].left <= record.at + EARLY]
    return past[-1] if past else None


def _may_be_his(record: Said, one: Judged) -> bool:
    """Whether the record names nobody, or him as far as he was read."""
    plate = str(record.data.get("plate") or "")
    return not plate or apart(plate, one.crossing.plate) <= NEAR


def _give(judged: list[Judged], n: int, record: Said, told_by: str) -> None:
    one = judged[n]
    judged[n] = replace(
        one,
        admitted_by=one.admitted_by if told_by else str(record.data["by"]),
        told_by=told_by,
        passage=str(record.data["passage"]),
        recorded=record.at,
    )


def _by_order(judged: list[Judged], events: Sequence[Said]) -> None:
    """Who passed because a person, or a command from outside, opened the arm: one for each order,
    all while it is held."""
    held: datetime | None = None
    for e in events:
        action = e.data.get("action") if _orders(e) else None
        if action == "hold_open":
            held = e.at
        elif held is not None and action in ("release", "close"):
            _admit(judged, held, e.at, True)
            held = None
        elif action == "open":
            _admit(judged, e.at, e.at + ORDER_LASTS, False)
    if held is not None:
        _admit(judged, held, datetime.max.replace(tzinfo=held.tzinfo), True)


def _orders(event: Said) -> bool:
    """Whether it is a person's order, or a command from outside that was carried out. What became
    of a person's is an event too, and says nothing more."""
    if event.type != HANDLED:
        return event.type == ACTED
    person = str(event.data.get("issuer", "")).startswith("operator:")
    return event.data.get("outcome") == "done" and not person


def _admit(judged: list[Judged], start: datetime, end: datetime, all_: bool) -> None:
    for n, one in enumerate(judged):
        if not one.admitted_by and start <= one.entered <= end:
            judged[n] = replace(one, admitted_by=ORDER)
            if not all_:
                return


def share_of(values: Iterable[float], share: float) -> float:
    """The value below which that share of them lies; 0 for none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
