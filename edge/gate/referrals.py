"""The lanes' referrals: followed as the lanes go on, claimed and settled by people.

Each change is an event (`referral.changed`), committed with the lane's own. Everything here is done
under the commits' lock, by the gate's thread or that of a person.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from edge.domain.events import REFERRAL_CHANGED, Event
from edge.domain.moment import iso
from edge.domain.reason import Reason
from edge.domain.referral import OPEN, Referral, ReferralState, ReferralStep, ReferralWhy
from edge.gate.audit import Audit
from edge.gate.policies import Policies
from edge.gate.port import ReferralView, Unanswered
from edge.lane.state import Lane, LaneState
from edge.lane.vocabulary import Stage
from edge.system.causes import cause
from edge.system.clock import Clock

KEY = "referral:"
"""States under this prefix: a lane's last referral."""

_REFERRAL = TypeAdapter(Referral)
_UNDER_ARM = frozenset(
    {Stage.CROSSING, Stage.CROSSING_FOLLOWED, Stage.CROSSING_UNFELT, Stage.CROSSING_RESUMED}
)

log = logging.getLogger(__name__)


class States(Protocol):
    """What of the journal is used."""

    def states_under(self, prefix: str) -> dict[str, dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Word:
    """What a person says of a vehicle. `saw`: what he admits, as far as two have to mean the same;
    `senior`: he settles what was passed on; `who_may`: who else may admit it now (None: all)."""

    user: str
    admit: bool
    saw: str
    senior: bool
    who_may: Collection[str] | None


@dataclass(frozen=True, slots=True)
class Noted:
    """Events and states to commit."""

    events: Sequence[Event] = ()
    states: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Referrals:
    """`lock`: see above; it may be taken again by who has it."""

    def __init__(
        self,
        kept: States,
        policies: Policies,
        audit: Audit,
        clock: Clock,
        lock: AbstractContextManager[Any],
    ) -> None:
        self._policies, self._audit, self._clock, self.lock = policies, audit, clock, lock
        self._last: dict[str, Referral] = {}
        for key, state in kept.states_under(KEY).items():
            try:
                self._last[key.removeprefix(KEY)] = _REFERRAL.validate_python(state, strict=False)
            except ValidationError as error:
                log.warning("the referral of lane %s is not understood: %s", key, error)

    # --- as the lanes go on, on the gate's thread ---

    def followed(self, lane: Lane) -> Noted:
        """What the lane's state, and time, make of its referral."""
        now, rules = self._clock.now().wall, self._policies.policy.referral
        before = self._last.get(lane.lane)
        after = before if before is None or before.ended else _settled(before, lane)
        after = after.timed(rules, now) if after is not None else None
        passage = lane.passage
        after = _referred_for(after, lane)
        waits = lane.state is LaneState.WAITING and lane.stage is not Stage.REJECTED
        changed = after is not None and (before is None or before.state is not after.state)
        ended = [after] if changed else []
        if waits and passage is not None:
            # One that has expired is referred again by a person alone.
            over = after is None or after.passage != passage.id
            over |= after is not None and after.ended and after.state is not ReferralState.EXPIRED
            if over:
                after = self._opened(lane, passage.id, now)
                ended.append(after)
        fresh = passage is None or (
            after is not None and after.passage == passage.id and not after.ended
        )
        if lane.stage is Stage.LET_IN and passage is not None and not fresh:
            # A person said no before, and says yes now.
            after = _settled(self._opened(lane, passage.id, now), lane)
            ended.append(after)
        if after is None or after is before:
            return Noted()
        self._last[lane.lane] = after
        # As it is read again: a state is a JSON object.
        return Noted(
            [self._event(one, lane, now) for one in ended if one is not None],
            {KEY + lane.lane: _REFERRAL.dump_python(after, mode="json")},
        )

    def _opened(self, lane: Lane, passage: str, now: datetime) -> Referral:
        last, reason = self._last.get(lane.lane), _reason(lane)
        if last is not None and last.passage == passage:
            number = int(last.id.partition(":")[2] or 1) + 1
            return last.again(f"{passage}:{number}", reason, now)
        return Referral(passage, lane.lane, passage, now, reason, reasons=(reason,))

    # --- people ---

    def view(self, lane: str) -> ReferralView | None:
        """The lane's open referral, or the one that expired before the vehicle that waits."""
        referral = self._last.get(lane)
        if referral is None or (referral.ended and referral.state is not ReferralState.EXPIRED):
            return None
        now, rules = self._clock.now().wall, self._policies.policy.referral
        holder = referral.holder(now)
        until = iso(referral.claimed_until) if holder and referral.claimed_until else ""
        return ReferralView(
            referral.id,
            referral.state.value,
            iso(referral.opened_at),
            rules.expire_s,
            holder,
            until,
            referral.first_by,
            self._asks_two(referral),
            referral.raised_by,
            referral.all,
        )

    def claim(self, lane: Lane, passage: str, user: str, senior: bool = False) -> None:
        """The vehicle is this person's for a while; again: for longer. Raises Unanswered."""
        with self.lock:
            now, rules = self._clock.now().wall, self._policies.policy.referral
            referral = self._of(lane, passage, again=True)
            self._not_held(referral, user, now)
            _not_above(referral, senior)
            self._take(lane, referral.claimed(user, rules, now), user, "claim", "")

    def release(self, lane: Lane, passage: str, user: str) -> None:
        """Raises Unanswered."""
        with self.lock:
            referral = self._of(lane, passage)
            if referral.holder(self._clock.now().wall) != user:
                raise Unanswered(cause("refused.not_claimed"))
            self._take(lane, referral.let_go(), user, "release_claim", "")

    def escalate(self, lane: Lane, passage: str, reason: str, user: str) -> None:
        """Passes it on to a supervisor. Raises Unanswered."""
        with self.lock:
            referral = self._of(lane, passage)
            self._not_held(referral, user, self._clock.now().wall)
            raised = referral.after(ReferralStep.ESCALATES, user)
            if raised is referral:
                raise Unanswered(cause("refused.escalated"))
            self._take(lane, raised, user, "escalate", reason)

    def allow(self, lane: Lane, passage: str, word: Word) -> bool:
        """Whether the person's word settles it; False: it is the first of the two that are asked
        for. Raises Unanswered."""
        referral = self._of(lane, passage)
        self._not_held(referral, word.user, self._clock.now().wall)
        _not_above(referral, word.senior)
        if not word.admit or not self._asks_two(referral):
            return True
        agrees = referral.first_saw in ("", word.saw)
        if referral.first_by == word.user and agrees:
            raise Unanswered(cause("refused.second_person"))
        stands = word.who_may is None or referral.first_by in word.who_may
        return bool(referral.first_by) and referral.first_by != word.user and agrees and stands

    def allow_opening(self, lane: Lane, user: str, senior: bool) -> None:
        """Whether the person may raise the arm by hand, whoever stands there: that is no way around
        what is asked of who admits that vehicle. Only looks, and waits for no lock: that would be
        for the disk. Raises Unanswered."""
        referral, passage = self._last.get(lane.lane), lane.passage
        if referral is None or passage is None or referral.passage != passage.id:
            return
        if lane.state is not LaneState.WAITING:
            return
        self._not_held(referral, user, self._clock.now().wall)
        _not_above(referral, senior)
        if self._asks_two(referral):
            raise Unanswered(cause("refused.two_people"))

    def _asks_two(self, referral: Referral) -> bool:
        return referral.asks_two(self._policies.policy.referral.four_eyes)

    def hold(self, lane: Lane, passage: str, user: str) -> None:
        """While his word is carried out nobody else's is taken. Raises Unanswered."""
        now, rules = self._clock.now().wall, self._policies.policy.referral
        self._last[lane.lane] = self._of(lane, passage).claimed(user, rules, now)

    def first_admits(self, lane: Lane, passage: str, reason: str, word: Word) -> None:
        """Raises Unanswered."""
        referral = self._of(lane, passage).first_word(word.user, word.saw).let_go()
        self._take(lane, referral, word.user, "admit_first", reason)

    def _of(self, lane: Lane, passage: str, again: bool = False) -> Referral:
        """The open referral of the passage; `again`: one that has expired is opened anew. Raises
        Unanswered."""
        referral = self._last.get(lane.lane)
        mine = referral is not None and referral.passage == passage
        if referral is None or not mine:
            raise Unanswered(cause("refused.waits_no_more"))
        if referral.state in OPEN:
            return referral
        waits = lane.state is LaneState.WAITING
        if referral.state is ReferralState.EXPIRED and waits:
            if again:
                return self._opened(lane, passage, self._clock.now().wall)
            raise Unanswered(cause("refused.expired"))
        if lane.stage is Stage.REJECTED:
            # A person said no, and may say yes.
            return self._opened(lane, passage, self._clock.now().wall)
        raise Unanswered(cause("refused.waits_no_more"))

    def _not_held(self, referral: Referral, user: str, now: datetime) -> None:
        if (holder := referral.holder(now)) not in ("", user):
            raise Unanswered(cause("refused.claimed", user=holder))

    def _take(self, lane: Lane, referral: Referral, user: str, action: str, reason: str) -> None:
        """Commits it with who did it, then counts it. Raises Unanswered."""
        now, last = self._clock.now().wall, self._last.get(lane.lane)
        changed = last is None or _news(last) != _news(referral)
        data = {
            "user": user,
            "action": action,
            "reason": reason,
            "request": referral.passage,
            "data": {"referral": referral.id, "state": referral.state.value},
        }
        states = {KEY + lane.lane: _REFERRAL.dump_python(referral, mode="json")}
        more = [self._event(referral, lane, now)] if changed else []
        self._audit.first(lane.lane, data, states, more)
        self._last[lane.lane] = referral

    def _event(self, referral: Referral, lane: Lane, now: datetime) -> Event:
        passage = lane.passage
        mine = passage is not None and passage.id == referral.passage
        return Event(
            REFERRAL_CHANGED,
            referral.lane,
            now,
            {
                "referral": referral.id,
                "passage": referral.passage,
                "state": referral.state.value,
                "reason": referral.reason,
                "reasons": list(referral.all),
                "plate": passage.named if mine and passage else "",
                "opened_at": iso(referral.opened_at),
                "first_by": referral.first_by,
                "raised_by": referral.raised_by,
                "by": referral.by,
                "why": referral.why,
            },
        )


def _news(referral: Referral) -> tuple[str, ...]:
    """What of it is news for who hears events."""
    return referral.id, referral.state.value, referral.first_by, referral.first_saw


def _not_above(referral: Referral, senior: bool) -> None:
    if referral.raised_by and not senior:
        raise Unanswered(cause("refused.needs_supervisor"))


def _reason(lane: Lane) -> str:
    decision = lane.passage.decision if lane.passage else None
    return decision.reason.value if decision else ""


def _referred_for(referral: Referral | None, lane: Lane) -> Referral | None:
    """With the reason for which its vehicle waits by now."""
    passage = lane.passage
    if referral is None or passage is None or referral.passage != passage.id:
        return referral
    waits = lane.state is LaneState.WAITING and not passage.settled_by_person
    return referral.referred_for(_reason(lane)) if waits and _reason(lane) else referral


def _settled(referral: Referral, lane: Lane) -> Referral:
    """What the lane says of it."""
    passage = lane.passage
    if passage is None or passage.id != referral.passage:
        return referral.after(ReferralStep.OVER, why=ReferralWhy.GONE)
    by = passage.by.removeprefix("operator:") if passage.settled_by_person else ""
    decision = passage.decision
    match lane.stage:
        case Stage.LET_IN:
            return referral.after(ReferralStep.ADMITTED, by)
        case Stage.REJECTED:
            return referral.after(ReferralStep.REJECTED, by, ReferralWhy.REJECTED)
        case Stage.ADMITTED:
            return referral.after(ReferralStep.OVER, why=ReferralWhy.SETTLED_BY_LIST)
        case stage if stage in _UNDER_ARM:
            return referral.after(ReferralStep.ADMITTED, by).after(
                ReferralStep.ENTERED, by, ReferralWhy.PASSED
            )
        case Stage.CROSSING_UNADMITTED | Stage.TAILGATING:
            return referral.after(ReferralStep.OVER, why=ReferralWhy.PASSED_UNADMITTED)
        case Stage.DOUBTED | Stage.REFERRED | Stage.REFUSED | Stage.REREADING | Stage.READING:
            if decision is not None and decision.reason is Reason.BARRIER_REFUSED:
                return referral.after(ReferralStep.GUARD_REFUSED, why=decision.detail)
            if referral.state is not ReferralState.ORDERED:
                return referral
            return referral.after(ReferralStep.OVER, why=ReferralWhy.TAKEN_BACK)
        case _:
            return referral
