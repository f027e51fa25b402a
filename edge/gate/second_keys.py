"""Codes that are shown at a lane: whether each counts, and if not why; recorded either way."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from heapq import nsmallest
from itertools import islice
from typing import Any, Protocol

from edge.domain.assignment import Assignments
from edge.domain.events import CODE_PRESENTED, Event
from edge.domain.facts import CodeSeen, CodeShown
from edge.domain.moment import iso
from edge.domain.policy import KeyWeight
from edge.domain.second_key import (
    Code,
    CodeRefusal,
    parse_code,
    speaks_against,
    stands_elsewhere,
)
from edge.gate.policies import Policies
from edge.lane.state import Lane, LaneState
from edge.lane.vehicle import Passage
from edge.sync.customs.keyring import IssuerKey, KeyringError
from edge.sync.journal.port import Unrecorded
from edge.sync.journal.restoring import COPY
from edge.sync.journal.signing import verifies
from edge.system.clock import Clock, clock_trusted

KEY = "code:"
"""States under this prefix: codes that have admitted a vehicle, until long after they expire."""

FORGOTTEN = "codes_forgotten"
"""The state with the latest `expires` of the used codes that are known no more."""

KEPT = timedelta(days=7)
"""How long after it has expired a used code is known by itself at least ..."""

MOST_KEPT = 10_000
"""Number of used codes that are known by themselves: up to it nothing is forgotten, so that after a
clock that was far ahead for a while no code is refused for what was forgotten then."""

AT_ONCE = 20
"""Maximum removals beside one admission; each is a write of its own."""

ID_LENGTH = 16
"""Hexadecimal digits by which a code is known; the code itself is kept nowhere."""

AGAIN_S = 5.0
"""Seconds in which the same refused code is not told again: a scanner repeats itself."""

Find = Callable[[str, str], IssuerKey | None]
"""The key of an issuer. Raises KeyringError."""

log = logging.getLogger(__name__)


class States(Protocol):
    """What of the journal is used."""

    def states_under(self, prefix: str) -> dict[str, dict[str, Any]]: ...

    def forget(self, key: str) -> None:
        """Raises Unrecorded."""


class SecondKeys:
    """On the gate's thread."""

    def __init__(
        self,
        kept: States,
        policies: Policies,
        find: Find,
        book: Callable[[], Assignments],
        clock: Clock,
        trusted: Callable[[], bool] = clock_trusted,
    ) -> None:
        self._trusted = trusted
        self._kept, self._policies, self._find = kept, policies, find
        self._book, self._clock = book, clock
        self._used: dict[str, Mapping[str, Any]] = {
            key.removeprefix(KEY): state for key, state in kept.states_under(KEY).items()
        }
        before = kept.states_under(FORGOTTEN).get(FORGOTTEN, {})
        copy = kept.states_under(COPY).get(COPY)
        self._copied = int(copy["policy"]) if copy else None
        """Of the copy that was put back, the policy's number: what has admitted somebody since it
        was made is not known."""
        self._past = self._forgotten = str(before.get("expires", ""))
        self._recorded: dict[tuple[str, str, str], float] = {}

    def check(
        self, fact: CodeSeen, lane: Lane, lanes: Iterable[Lane]
    ) -> tuple[CodeShown | None, list[Event]]:
        """What the lane is told of it, and the event; nothing of what was told just now, nor of
        what is known of it at this vehicle. One that did not count is looked at again: the list,
        the other lanes and the clock go on. `lanes`: of the whole gate."""
        now, passage = self._clock.now(), _standing(lane)
        id = hashlib.sha256(fact.text.strip().encode("utf-8", "replace")).hexdigest()[:ID_LENGTH]
        known = _known(lane.passage).get(id)
        if known == "":
            return None, []
        whose = (fact.lane, passage.id if passage else "", id)
        recorded_at = self._recorded.get(whose)
        self._recorded = {k: at for k, at in self._recorded.items() if now.mono - at < AGAIN_S}
        if recorded_at is not None and now.mono - recorded_at < AGAIN_S:
            return None, []
        code = parse_code(fact.text)
        others = [other for other in lanes if other.lane != lane.lane]
        why = self._refused(code, id, lane, others, now.wall)
        if why is not None:
            self._recorded[whose] = now.mono
            if why.value == known:
                return None, []
        shown = CodeShown(
            fact.lane,
            id,
            code.assignment if code else "",
            fact.source,
            why.value if why else "",
            iso(code.expires) if code else "",
        )
        event = Event(CODE_PRESENTED, fact.lane, now.wall, _data(fact, shown, code, passage))
        return (shown if passage is not None else None), [event]

    def used(self, lane: Lane) -> dict[str, dict[str, Any]]:
        """The state to commit where the lane's passage is admitted on its code."""
        passage = lane.passage
        code = passage.code if passage else None
        if passage is None or code is None or code.refused or code.id in self._used:
            return {}
        state = {"passage": passage.id, "expires": code.expires}
        self._used[code.id] = state
        self._forget()
        return {KEY + code.id: state, **self._further(self._clock.now().wall)}

    def _refused(
        self, code: Code | None, id: str, lane: Lane, others: Iterable[Lane], now: datetime
    ) -> CodeRefusal | None:
        policy, passage = self._policies.policy.second_key, _standing(lane)
        if policy.weighs(lane.lane) is KeyWeight.OFF:
            return CodeRefusal.OFF
        if code is None:
            return CodeRefusal.MALFORMED
        if code.issuer not in policy.issuers:
            return CodeRefusal.UNKNOWN_ISSUER
        if (why := self._unsigned(code)) is not None:
            return why
        if code.expired(now) or iso(code.expires) <= self._forgotten:
            return CodeRefusal.EXPIRED
        if passage is None:
            return CodeRefusal.NOBODY
        used = self._used.get(id)
        if used is not None and used.get("passage") != passage.id:
            return CodeRefusal.REPLAYED
        items = self._book().about((), (code.assignment,)).items
        if not items:
            return CodeRefusal.NOT_DECLARED
        reads = (*passage.reads, *([passage.view] if passage.view else []))
        if speaks_against(items[0], reads):
            return CodeRefusal.OTHER_VEHICLE
        if stands_elsewhere(items[0], _read_in(others)):
            return CodeRefusal.ELSEWHERE
        # Until a person has said once more which codes count.
        doubtful = self._copied is not None and self._policies.policy.number <= self._copied
        return CodeRefusal.RESTORED if doubtful else None

    def _unsigned(self, code: Code) -> CodeRefusal | None:
        try:
            return unsigned(code, self._find(code.issuer, code.key))
        except KeyringError as error:
            log.error("a code was not checked: %s", error)
            return CodeRefusal.UNKNOWN_KEY

    def _further(self, now: datetime) -> dict[str, dict[str, Any]]:
        """The state by which no code counts that expires no later than those that are too many.
        Whatever the clock said then, and says afterwards: what was used stays so. By a clock that
        nobody holds, nothing is past."""
        many = len(self._used) - MOST_KEPT
        if many <= 0 or not self._trusted():
            return {}
        ends = nsmallest(many, (str(state.get("expires", "")) for state in self._used.values()))
        past = max((end for end in ends if end < iso(now - KEPT)), default="")
        if past <= self._forgotten:
            return {}
        self._forgotten = past
        return {FORGOTTEN: {"expires": past}}

    def _forget(self) -> None:
        """Some of what is refused by its time alone, by what was committed before this start."""
        ended = (id for id, s in self._used.items() if "" < str(s.get("expires", "")) <= self._past)
        for id in list(islice(ended, AT_ONCE)):
            try:
                self._kept.forget(KEY + id)
            except Unrecorded as error:
                log.warning("a used code of the past stays in the journal: %s", error)
                return
            del self._used[id]


def unsigned(code: Code, key: IssuerKey | None) -> CodeRefusal | None:
    """Why the issuer's key (None: there is none of that name) has not signed the code, or None."""
    if key is None or key.revoked:
        return CodeRefusal.UNKNOWN_KEY
    signature = base64.b64encode(base64.urlsafe_b64decode(code.signature + "==")).decode()
    good = verifies(key.public, code.signed.encode(), signature)
    return None if good else CodeRefusal.BAD_SIGNATURE


def _read_in(lanes: Iterable[Lane]) -> frozenset[str]:
    """Plates that are surely read of the vehicles that stand there."""
    there = (lane.passage for lane in lanes if lane.passage is not None)
    views = (view for passage in there for view in (*passage.reads, passage.view) if view)
    return frozenset(view.text for view in views if view.accepted)


def _standing(lane: Lane) -> Passage | None:
    """The passage of who stands there; whoever is under the arm shows nothing any more."""
    return None if lane.state is LaneState.CROSSING else lane.passage


def _known(passage: Passage | None) -> dict[str, str]:
    """The codes that it has, and why each does not count; "": it does."""
    codes = (passage.code, passage.other_code) if passage else ()
    return {code.id: code.refused for code in codes if code is not None}


def _data(
    fact: CodeSeen, shown: CodeShown, code: Code | None, passage: Passage | None
) -> dict[str, Any]:
    return {
        "code": shown.id,
        "passage": passage.id if passage else "",
        "source": fact.source,
        "assignment": shown.assignment,
        "issuer": code.issuer if code else "",
        "expires_at": shown.expires,
        "outcome": "refused" if shown.refused else "accepted",
        "why": shown.refused,
    }
