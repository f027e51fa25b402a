"""PURE. What a policy says of the decision's rows: another verdict for a row, by lane, kind and
time of the week.

`SETTABLE` is the closed list of what may be said. No row that refuses may admit: a policy may be
stricter than the gate, and leave to a person what the gate would refuse. Of the rows that ask a
person, one may admit, which stands below every refusing row: there all else is in order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from edge.domain.alarm_codes import Phrase
from edge.domain.reason import Reason, Verdict

_A, _F, _R = Verdict.ALLOW, Verdict.REFER, Verdict.REFUSE
_STRICTER = frozenset({_F, _R})

SETTABLE: dict[Reason, frozenset[Verdict]] = {
    Reason.WATCH_LIST: _STRICTER,
    Reason.UNREAD: _STRICTER,
    Reason.TRACTOR_UNSURE: _STRICTER,
    Reason.TRAILER_ALONE: _STRICTER,
    Reason.TRAILER_UNREAD: _STRICTER,
    Reason.UNSURE_READING: _STRICTER,
    Reason.SECOND_CANDIDATE: _STRICTER,
    Reason.SECOND_READER_DIFFERS: _STRICTER,
    Reason.NO_ASSIGNMENTS: _STRICTER,
    Reason.ASSIGNMENTS_STALE: _STRICTER,
    Reason.SEVERAL_VEHICLES: _STRICTER,
    Reason.NOT_DECLARED: _STRICTER,
    Reason.IMPLAUSIBLE_KIND: _STRICTER,
    Reason.CONTRADICTORY_VALIDITY: _STRICTER,
    Reason.CLOCK_UNTRUSTED: _STRICTER,
    Reason.EXPIRED: _STRICTER,
    Reason.NOT_YET_VALID: _STRICTER,
    Reason.WRONG_DIRECTION: _STRICTER,
    Reason.WRONG_LANE: _STRICTER,
    Reason.HELD: _STRICTER,
    Reason.CLEARANCE_PENDING: _STRICTER,
    Reason.PASSED_ALREADY: _STRICTER,
    Reason.RETURNED_SOON: frozenset({_A, _F, _R}),
    Reason.TWO_WAY: frozenset({_A, _F, _R}),
    Reason.ASSIGNED: frozenset({_A, _F, _R}),
}
"""By row. What is not here stands as it is: a vehicle that an authority has refused, an assignment
that is cancelled or used."""

KINDS = ("car", "motorcycle", "bus", "truck", "")
"""Of vehicles, as vision names them; "": not known."""

DAY, WEEK = 24 * 60, 7 * 24 * 60
"""Minutes."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Window:
    """From minute `begins` of each of `days` (0 Monday), `lasts` minutes long; it may reach into
    the next day."""

    days: tuple[int, ...] = tuple(range(7))
    begins: int = 0
    lasts: int = DAY

    def holds(self, minute: int) -> bool:
        """`minute` of the week."""
        return any((minute - day * DAY - self.begins) % WEEK < self.lasts for day in self.days)

    @property
    def edges(self) -> Iterator[int]:
        for day in self.days:
            yield (day * DAY + self.begins) % WEEK
            yield (day * DAY + self.begins + self.lasts) % WEEK


@dataclass(frozen=True, slots=True)
class Rule:
    """`verdict` of the row where lane, kind and time are among these; none named: all. None: as the
    gate decides by itself. `place`: where it stands in the policy. `otherwise`: only where no other
    rule of the row holds."""

    place: str
    row: Reason
    verdict: Verdict | None
    lanes: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    window: Window = Window()
    otherwise: bool = False

    def holds(self, lane: str, kind: str, minute: int) -> bool:
        here = not self.lanes or lane in self.lanes
        return here and (not self.kinds or kind in self.kinds) and self.window.holds(minute)


@dataclass(frozen=True, slots=True)
class Rulings:
    """All rules of a policy. `zone`: whose days and hours they name."""

    rules: tuple[Rule, ...] = ()
    zone: tzinfo = UTC

    def on(self, row: Reason, lane: str, kind: str, at: datetime) -> Rule | None:
        """The rule that speaks; None: the row stands as it is."""
        minute = minute_of_week(at.astimezone(self.zone))
        mine = [rule for rule in self.rules if rule.row is row]
        first = [rule for rule in mine if not rule.otherwise and rule.holds(lane, kind, minute)]
        return next(iter(first or [rule for rule in mine if rule.otherwise]), None)


AS_IT_STANDS = Rulings()
"""Nothing is said of any row."""


def minute_of_week(local: datetime) -> int:
    return local.weekday() * DAY + local.hour * 60 + local.minute


def weekday_time(minute: int) -> str:
    """A minute of the week as people say it."""
    return f"{DAYS[minute // DAY]} {minute % DAY // 60:02}:{minute % 60:02}"


# --- what is wrong with rules ---


def faults(rules: Sequence[Rule], lanes: Collection[str]) -> Iterator[Phrase]:
    """Every mistake, its place first: what may not be set, rules that contradict each other, holes
    that no rule fills, rules that never hold."""
    for rule in rules:
        yield from _misplaced(rule, lanes)
    for row in dict.fromkeys(rule.row for rule in rules):
        yield from _uncovered([rule for rule in rules if rule.row is row], sorted(lanes))


def _at(place: str, why: Phrase) -> Phrase:
    return Phrase("cause.at", {"place": place, "why": why})


def _misplaced(rule: Rule, lanes: Collection[str]) -> Iterator[Phrase]:
    allowed, row = SETTABLE.get(rule.row), rule.row.value
    if allowed is None:
        yield _at(rule.place, Phrase("cause.policy.not_settable", {"row": row}))
    elif rule.verdict is not None and rule.verdict not in allowed:
        known = ", ".join(sorted(allowed))
        verdict = rule.verdict.value
        why = Phrase("cause.policy.not_to", {"row": row, "verdict": verdict, "known": known})
        yield _at(rule.place, why)
    for strange in sorted(rule.lanes - set(lanes)):
        known = ", ".join(sorted(lanes))
        why = Phrase("cause.policy.no_lane", {"lane": repr(strange), "known": known})
        yield _at(f"{rule.place}.lanes", why)


def _uncovered(rules: Sequence[Rule], lanes: Sequence[str]) -> Iterator[Phrase]:
    """Of one row: the first contradiction of each two rules, and the first hole."""
    named = [rule for rule in rules if not rule.otherwise]
    others = [rule for rule in rules if rule.otherwise]
    minutes = sorted({0, *(edge for rule in named for edge in rule.window.edges)})
    clashing: set[tuple[str, str]] = set()
    hole: Phrase | None = None
    used: set[str] = set()
    for lane in lanes:
        for kind in KINDS:
            for minute in minutes:
                holding = [rule for rule in named if rule.holds(lane, kind, minute)]
                for other in holding[1:]:
                    pair = (holding[0].place, other.place)
                    if other.verdict is not holding[0].verdict and pair not in clashing:
                        clashing.add(pair)
                        where = _where(lane, kind, minute)
                        first = holding[0].place
                        yield _at(
                            other.place,
                            Phrase("cause.policy.contradicts", {"first": first, "where": where}),
                        )
                if not holding and not others and hole is None:
                    hole = _where(lane, kind, minute)
                used |= {rule.place for rule in holding or others}
    if hole is not None:
        yield _at(f"rows.{rules[0].row.value}", Phrase("cause.policy.hole", {"where": hole}))
    for rule in rules:
        if rule.place not in used:
            yield _at(rule.place, Phrase("cause.policy.never"))


def _where(lane: str, kind: str, minute: int) -> Phrase:
    at = weekday_time(minute)
    if kind:
        return Phrase("cause.policy.where", {"lane": lane, "kind": kind, "at": at})
    return Phrase("cause.policy.where_unknown", {"lane": lane, "at": at})
