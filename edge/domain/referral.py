"""PURE. A vehicle that waits for a person: who has it, and what becomes of it, once and truthfully.

What a person wants is no outcome yet: it is approved when the vehicle has gone under the arm on his
word, and refused when the guard has not opened.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from edge.domain.policy import ReferralRules


class ReferralState(StrEnum):
    PENDING = "pending"
    SECOND = "second"
    """one person has admitted it, and a second one has to"""
    ESCALATED = "escalated"
    """only a supervisor settles it"""
    ORDERED = "ordered"
    """admitted; the vehicle has not gone under the arm yet"""
    APPROVED = "approved"
    REFUSED = "refused"
    """by a person, or by the guard, which could not open"""
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """there is nothing to decide any more: it left, the list has settled it, or it passed"""


class ReferralStep(StrEnum):
    """What happens to a referral."""

    FIRST_ADMITS = "first_admits"
    ESCALATES = "escalates"
    ADMITTED = "admitted"
    REJECTED = "rejected"
    ENTERED = "entered"
    """under the arm, on the person's word"""
    GUARD_REFUSED = "guard_refused"
    EXPIRES = "expires"
    OVER = "over"


class ReferralWhy(StrEnum):
    """Why one ended so; stable codes, put into words by the console's catalogues. Where the guard
    has not opened, it is the guard's own reason (GuardRefusal); of older gates see OLDER."""

    PASSED = "passed"
    REJECTED = "rejected"
    GONE = "gone"
    SETTLED_BY_LIST = "settled_by_list"
    PASSED_UNADMITTED = "passed_unadmitted"
    TAKEN_BACK = "taken_back"
    NOT_IN_TIME = "not_in_time"


OLDER: Mapping[str, ReferralWhy] = {
    "settled by the list": ReferralWhy.SETTLED_BY_LIST,
    "passed without admission": ReferralWhy.PASSED_UNADMITTED,
    "taken back": ReferralWhy.TAKEN_BACK,
    "nobody has settled it in time": ReferralWhy.NOT_IN_TIME,
}
"""What stands in journals from before the codes."""


_S, _T = ReferralState, ReferralStep
ENDED = frozenset({_S.APPROVED, _S.REFUSED, _S.EXPIRED, _S.WITHDRAWN})
OPEN = frozenset({_S.PENDING, _S.SECOND, _S.ESCALATED})
"""Where a person may still say something."""

TABLE: dict[tuple[ReferralState, ReferralStep], ReferralState] = {
    (_S.PENDING, _T.FIRST_ADMITS): _S.SECOND,
    (_S.ESCALATED, _T.FIRST_ADMITS): _S.SECOND,
    (_S.SECOND, _T.FIRST_ADMITS): _S.SECOND,
    (_S.PENDING, _T.ESCALATES): _S.ESCALATED,
    (_S.SECOND, _T.ESCALATES): _S.ESCALATED,
    **{(state, _T.ADMITTED): _S.ORDERED for state in OPEN},
    **{(state, _T.REJECTED): _S.REFUSED for state in OPEN},
    **{(state, _T.EXPIRES): _S.EXPIRED for state in OPEN},
    **{(state, _T.OVER): _S.WITHDRAWN for state in (*OPEN, _S.ORDERED)},
    (_S.ORDERED, _T.ENTERED): _S.APPROVED,
    (_S.ORDERED, _T.GUARD_REFUSED): _S.REFUSED,
}
"""A pair that is not named changes nothing: an ended one stays as it ended."""


@dataclass(frozen=True, slots=True)
class Referral:
    """`id`: the passage's, with a number where it was referred again. `reason`: the decision's when
    it was opened; `reasons`: all for which the vehicle has been referred. `claimed_by` has it until
    `claimed_until`. `first_by`: the first of two who admit, and `first_saw` what he admitted; `by`:
    who settled it; `raised_by`: who passed it on ("gate": time did); `why` it ended so."""

    id: str
    lane: str
    passage: str
    opened_at: datetime
    reason: str
    state: ReferralState = ReferralState.PENDING
    claimed_by: str = ""
    claimed_until: datetime | None = None
    first_by: str = ""
    raised_by: str = ""
    by: str = ""
    why: str = ""
    reasons: tuple[str, ...] = ()
    first_saw: str = ""

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def all(self) -> tuple[str, ...]:
        """Its reasons; of one from before they were kept, the first."""
        return self.reasons or (self.reason,)

    def holder(self, now: datetime) -> str:
        """Who has it to himself now, or ""."""
        held = self.claimed_until is not None and now < self.claimed_until
        return self.claimed_by if held else ""

    def referred_for(self, reason: str) -> Referral:
        """The gate has a further reason."""
        return self if reason in self.all else replace(self, reasons=(*self.all, reason))

    def asks_two(self, four_eyes: Collection[str]) -> bool:
        """One reason is enough, also one that stood before: the vehicle is the same."""
        return any(reason in four_eyes for reason in self.all)

    def first_word(self, by: str, saw: str) -> Referral:
        """This person's word is the first of two from now on; one that was given for something
        else, or by somebody who may no more, is none."""
        return replace(self.after(ReferralStep.FIRST_ADMITS), first_by=by, first_saw=saw)

    def again(self, id: str, reason: str, now: datetime) -> Referral:
        """The same vehicle, referred once more: what it was referred for still holds, and what was
        passed on stays a supervisor's. Whatever was said of it has to be said anew."""
        state = ReferralState.ESCALATED if self.raised_by else ReferralState.PENDING
        return Referral(
            id, self.lane, self.passage, now, reason, state,
            raised_by=self.raised_by, reasons=self.all,
        ).referred_for(reason)  # fmt: skip

    def after(self, step: ReferralStep, by: str = "", why: str = "") -> Referral:
        """The same one where nothing follows."""
        state = TABLE.get((self.state, step), self.state)
        if state is self.state:
            return self
        match step:
            case ReferralStep.FIRST_ADMITS:
                return replace(self, state=state)
            case ReferralStep.ESCALATES:
                return replace(self, state=state, raised_by=by, claimed_by="", claimed_until=None)
            case _:
                return replace(self, state=state, by=by or self.by, why=why)

    def claimed(self, user: str, rules: ReferralRules, now: datetime) -> Referral:
        until = now + timedelta(seconds=rules.claim_s)
        return replace(self, claimed_by=user, claimed_until=until)

    def let_go(self) -> Referral:
        return replace(self, claimed_by="", claimed_until=None)

    def timed(self, rules: ReferralRules, now: datetime) -> Referral:
        """After the time that it has had."""
        if self.state not in OPEN:
            return self
        waited = (now - self.opened_at).total_seconds()
        if waited >= rules.expire_s:
            return self.after(ReferralStep.EXPIRES, why=ReferralWhy.NOT_IN_TIME)
        # Who has it may end what he does, and not keep it by claiming it again and again.
        patience = rules.escalate_s + (rules.claim_s if self.holder(now) else 0)
        if rules.escalate_s and waited >= patience and not self.raised_by:
            return self.after(ReferralStep.ESCALATES, "gate")
        return self
