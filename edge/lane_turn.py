"""PURE. The rules of a lane: `react(lane, fact, context) -> (lane, effects)`.

A vehicle's turn begins when it stands at the barrier (entry loop, or vision where no loop is
wired), is decided when its plate is surely read or the wait is over, and ends when it has crossed
or gone.
One authorisation belongs to one turn; whatever casts doubt on who stands there takes it back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from edge import events
from edge.assignment import AssignmentBook
from edge.clock import Moment, iso
from edge.facts import (
    Arm,
    AssignmentsChanged,
    BarrierFirstSeen,
    Fact,
    OperatorDecided,
    RequestHandled,
    TailgateSeen,
    Ticked,
    VehicleArrived,
    VehicleBackedOff,
    VehicleCrossed,
    VehicleEntered,
    VehicleLost,
    VehicleSeen,
)
from edge.lane import (
    TRACK_KEPT_S,
    Authorise,
    ClearAlarm,
    CloseArm,
    Effect,
    Lane,
    LaneState,
    RaiseAlarm,
    Record,
    Revoke,
    Spend,
    Track,
    Turn,
)
from edge.passage import Decision, LanePolicy, Reason, Verdict, decide

TAILGATE = "tailgate"
UNOBSERVED = "passage_unobserved"
UNIDENTIFIED = "passage_unidentified"


@dataclass(frozen=True, slots=True)
class Context:
    """What a reaction may know besides the lane itself. `new_id` gives passage ids."""

    now: Moment
    book: AssignmentBook
    policy: LanePolicy
    new_id: Callable[[], str]


Reaction = tuple[Lane, list[Effect]]


def react(lane: Lane, fact: Fact, context: Context) -> Reaction:
    """The lane after the fact, and what to do; every fact is allowed in every state."""
    match fact:
        case VehicleSeen():
            track = Track(
                fact.track,
                fact.kind,
                fact.plate,
                fact.frames_read,
                fact.at_barrier,
                fact.evidence,
                context.now.mono,
            )
            return _look(replace(lane, tracks={**lane.tracks, fact.track: track}), context)
        case VehicleLost():
            left = {name: t for name, t in lane.tracks.items() if name != fact.track}
            gone = tuple(pair for pair in lane.gone if pair[0] != fact.track)
            return _look(replace(lane, tracks=left, gone=gone), context)
        case VehicleArrived():
            return _look(replace(lane, present=True), context)
        case VehicleBackedOff():
            return _backed_off(replace(lane, present=False), context)
        case VehicleEntered():
            return _entered(replace(lane, present=False), fact.authorisation, context)
        case VehicleCrossed():
            return _crossed(lane, fact.authorisation, context)
        case TailgateSeen():
            return lane, [RaiseAlarm(TAILGATE, "a second vehicle passed on one authorisation")]
        case RequestHandled():
            return _handled(lane, fact, context)
        case OperatorDecided():
            return _settled_by_person(lane, fact, context)
        case AssignmentsChanged() | Ticked():
            return _look(lane, context)
        case BarrierFirstSeen():
            return _resumed(lane, fact, context)
        case _:
            return lane, []


# --- a vehicle is there: read and decide ---


def _look(lane: Lane, context: Context) -> Reaction:
    """Looks again at who stands there; begins a turn, takes up the reading, decides."""
    now = context.now
    fresh = {n: t for n, t in lane.tracks.items() if now.mono - t.seen <= TRACK_KEPT_S}
    lane = replace(lane, tracks=fresh)
    if lane.restored or lane.state is LaneState.CROSSING:
        return lane, []
    candidates = _candidates(lane)
    if lane.turn is None:
        if not (lane.present or (not context.policy.needs_loop and candidates)):
            return lane, []
        turn = Turn(context.new_id(), now.wall, now.mono + context.policy.read_wait_s)
        lane = replace(lane, state=LaneState.READING, turn=turn, since=now.wall)
    elif not context.policy.needs_loop and not candidates and lane.state is not LaneState.ADMITTED:
        return _end(lane, "left", context)
    return _read(lane, candidates, context)


def _candidates(lane: Lane) -> list[Track]:
    """The tracks at the barrier that have not had their turn."""

    def had_turn(track: Track) -> bool:
        text = track.plate.text if track.plate and track.plate.accepted else None
        return any(track.track == n and text in (None, plate) for n, plate in lane.gone)

    return [t for t in lane.tracks.values() if t.at_barrier and not had_turn(t)]


def _read(lane: Lane, candidates: list[Track], context: Context) -> Reaction:
    """Takes up what vision reads of the vehicle whose turn it is."""
    turn = lane.turn
    assert turn is not None
    if turn.corrected or turn.by != "gate":
        return lane, []
    sure = {t.plate.text for t in candidates if t.plate and t.plate.accepted}
    if len(sure) > 1:
        return _refer(lane, Reason.SEVERAL_VEHICLES, context)
    best = max(candidates, key=lambda t: t.plate.confidence if t.plate else -1.0, default=None)
    effects: list[Effect] = []
    if best is not None:
        old = turn.view
        if (
            old
            and old.accepted
            and best.plate
            and best.plate.accepted
            and old.text != best.plate.text
        ):
            turn = replace(turn, view=best.plate, track=best.track)
            return _refer(replace(lane, turn=turn), Reason.READING_CHANGED, context)
        keep_old = old is not None and (
            best.plate is None or (old.accepted and not best.plate.accepted)
        )
        turn = replace(
            turn,
            track=best.track,
            kind=best.kind or turn.kind,
            view=old if keep_old else best.plate,
            frames=max(turn.frames, best.frames_read),
            evidence=best.evidence or turn.evidence,
        )
        turn, effects = _told(turn)
        lane = replace(lane, turn=turn)
    lane, more = _decide(lane, context)
    return lane, effects + more


def _told(turn: Turn) -> tuple[Turn, list[Effect]]:
    """Records a reading when it becomes sure; an unsure one is recorded with the decision."""
    view = turn.view
    if view is None or not view.accepted or turn.told == (view.text, True):
        return turn, []
    return replace(turn, told=(view.text, True)), [Record(events.PLATE_READ, _read_data(turn))]


def _decide(lane: Lane, context: Context) -> Reaction:
    turn = lane.turn
    assert turn is not None
    if lane.state is LaneState.ADMITTED:
        return lane, []
    if turn.decision and turn.decision.reason in _FINAL_UNTIL_PERSON:
        return lane, []
    sure = turn.view is not None and turn.view.accepted
    if not sure and context.now.mono < turn.read_by:
        return lane, []
    decision = decide(turn.view, context.book, context.policy, context.now.wall)
    if decision == turn.decision:
        return lane, []
    return _decided(lane, decision, context)


_FINAL_UNTIL_PERSON = frozenset(
    {Reason.READING_CHANGED, Reason.SEVERAL_VEHICLES, Reason.ENTRY_TIMEOUT, Reason.BARRIER_REFUSED}
)
"""Doubts that neither a list nor another frame can settle."""


def _decided(lane: Lane, decision: Decision, context: Context) -> Reaction:
    """Records the decision, then lets it have its effect."""
    turn = lane.turn
    assert turn is not None
    effects: list[Effect] = []
    view = turn.view
    if view is not None and turn.told is None:
        turn = replace(turn, told=(view.text, view.accepted))
        effects.append(Record(events.PLATE_READ, _read_data(turn)))
    turn = replace(turn, decision=decision, decided_at=context.now.wall)
    effects.append(Record(events.PASSAGE_DECIDED, _decided_data(turn)))
    allowed = decision.verdict is Verdict.ALLOW
    if allowed:
        effects.append(Authorise(turn.passage))
    elif lane.state is LaneState.ADMITTED:
        effects.append(Revoke(turn.passage))
    state = LaneState.ADMITTED if allowed else LaneState.WAITING
    since = lane.since if state is lane.state else context.now.wall
    return replace(lane, turn=turn, state=state, since=since), effects


def _refer(lane: Lane, reason: Reason, context: Context) -> Reaction:
    """A doubt: whatever was allowed is taken back, and a person is asked."""
    assert lane.turn is not None
    if lane.turn.decision is not None and lane.turn.decision.reason is reason:
        return lane, []
    return _decided(lane, Decision(Verdict.REFER, reason), context)


def _settled_by_person(lane: Lane, fact: OperatorDecided, context: Context) -> Reaction:
    turn = lane.turn
    if turn is None or turn.passage != fact.passage or lane.state is not LaneState.WAITING:
        return lane, []
    known = context.book.for_plate(fact.plate or turn.plate)
    usable = [a for a in known if a.state.value == "active"]
    assignment = usable[0].assignment_id if usable else ""
    turn = replace(turn, by=f"operator:{fact.user}", corrected=fact.plate)
    lane = replace(lane, turn=turn)
    if fact.admit:
        return _decided(lane, Decision(Verdict.ALLOW, Reason.OPERATOR, assignment), context)
    return _decided(lane, Decision(Verdict.REFUSE, Reason.REJECTED), context)


# --- the vehicle moves ---


def _entered(lane: Lane, authorisation: str | None, context: Context) -> Reaction:
    turn = lane.turn
    if turn is None:
        return lane, []
    if authorisation is not None and authorisation != turn.passage:
        return lane, []
    turn = replace(turn, entered_at=context.now.wall)
    return (
        replace(lane, state=LaneState.CROSSING, turn=turn, since=context.now.wall),
        [],
    )


def _crossed(lane: Lane, authorisation: str | None, context: Context) -> Reaction:
    turn = lane.turn
    mine = turn is not None and authorisation == turn.passage
    if turn is not None and (mine or lane.state is LaneState.CROSSING):
        if authorisation is not None and not mine:
            return lane, []
        return _complete(lane, turn, True, context)
    return _unidentified(lane, context)


def _unidentified(lane: Lane, context: Context) -> Reaction:
    """Somebody crossed and no turn was under way: recorded, and told loudly."""
    turn = Turn(context.new_id(), context.now.wall, context.now.mono)
    data = _completed_data(turn, context.now.wall, True)
    return lane, [
        Record(events.PASSAGE_COMPLETED, data),
        RaiseAlarm(UNIDENTIFIED, "a vehicle crossed that was neither read nor admitted"),
    ]


def _complete(lane: Lane, turn: Turn, observed: bool, context: Context) -> Reaction:
    effects: list[Effect] = []
    admitted = turn.decision is not None and turn.decision.verdict is Verdict.ALLOW
    effects.append(
        Record(events.PASSAGE_COMPLETED, _completed_data(turn, context.now.wall, observed))
    )
    if admitted and turn.decision is not None and turn.decision.assignment:
        effects.append(Spend(turn.decision.assignment))
    if not observed:
        effects.append(
            RaiseAlarm(UNOBSERVED, "a vehicle crossed while the gate restarted; check its pictures")
        )
        effects.append(CloseArm())
    lane, more = _look(_emptied(lane, turn, context.now.wall), context)
    return lane, effects + more


def _backed_off(lane: Lane, context: Context) -> Reaction:
    if lane.turn is None or lane.state is LaneState.CROSSING:
        return lane, []
    return _end(lane, "backed_off", context)


def _end(lane: Lane, why: str, context: Context) -> Reaction:
    """The vehicle is gone without passing."""
    turn = lane.turn
    assert turn is not None
    effects: list[Effect] = []
    if lane.state is LaneState.ADMITTED:
        effects.append(Revoke(turn.passage))
    effects.insert(0, Record(events.PASSAGE_ABANDONED, _abandoned_data(turn, why)))
    return _emptied(lane, turn, context.now.wall), effects


def _handled(lane: Lane, fact: RequestHandled, context: Context) -> Reaction:
    """The guard could not carry out an authorisation: a person is asked."""
    turn = lane.turn
    mine = turn is not None and fact.request == turn.passage
    if not mine or fact.outcome != "refused" or lane.state is not LaneState.ADMITTED:
        return lane, []
    timeout = fact.why == Reason.ENTRY_TIMEOUT
    if timeout and context.policy.needs_loop and not lane.present:
        return _end(lane, "entry_timeout", context)
    return _refer(lane, Reason.ENTRY_TIMEOUT if timeout else Reason.BARRIER_REFUSED, context)


def _emptied(lane: Lane, turn: Turn, wall: datetime) -> Lane:
    gone = tuple(pair for pair in lane.gone if pair[0] in lane.tracks)
    if turn.track in lane.tracks:
        text = turn.view.text if turn.view else ""
        gone = (*gone, (turn.track, text))
    return replace(lane, state=LaneState.EMPTY, turn=None, gone=gone, since=wall)


# --- after a restart ---


def _resumed(lane: Lane, fact: BarrierFirstSeen, context: Context) -> Reaction:
    """Goes on with the turn that the crash interrupted, from what the loops and the arm show.

    On the safety loop: it is crossing. Still on the entry loop: authorised again, the same id.
    Gone, and the arm up: it crossed unseen (recorded as not observed, its assignment spent).
    Gone, and the arm down: it left.
    """
    if not lane.restored:
        return lane, []
    lane = replace(lane, restored=False, present=bool(fact.entry_loop))
    turn = lane.turn
    if turn is None or lane.state not in (LaneState.ADMITTED, LaneState.CROSSING):
        if turn is not None and fact.entry_loop is False:
            return _end(lane, "left_during_restart", context)
        return _look(lane, context)
    if fact.safety_loop:
        turn = replace(turn, entered_at=turn.entered_at or context.now.wall)
        return replace(lane, state=LaneState.CROSSING, turn=turn), []
    if lane.state is LaneState.CROSSING:
        return _complete(lane, turn, False, context)
    if fact.entry_loop or fact.entry_loop is None:
        return lane, [Authorise(turn.passage)]
    if fact.arm in (Arm.OPEN, Arm.OPENING, Arm.STOPPED, Arm.UNKNOWN):
        return _complete(lane, turn, False, context)
    return _end(lane, "left_during_restart", context)


# --- what the events say (docs/schemas) ---


def _read_data(turn: Turn) -> dict[str, Any]:
    view = turn.view
    assert view is not None
    return {
        "passage": turn.passage,
        "plate": view.text,
        "display": view.display,
        "country": view.country,
        "colour": view.colour,
        "lines": view.lines,
        "confidence": round(view.confidence, 4),
        "accepted": view.accepted,
        "kind": turn.kind,
        "frames": turn.frames,
        "evidence": list(turn.evidence),
    }


def _common(turn: Turn) -> dict[str, Any]:
    decision = turn.decision
    return {
        "passage": turn.passage,
        "plate": turn.plate,
        "country": turn.view.country if turn.view else "?",
        "kind": turn.kind,
        "verdict": decision.verdict.value if decision else "",
        "reason": decision.reason.value if decision else "",
        "assignment": decision.assignment if decision else "",
    }


def _decided_data(turn: Turn) -> dict[str, Any]:
    return {
        **_common(turn),
        "by": turn.by,
        "read_plate": turn.view.text if turn.view else "",
        "confidence": round(turn.view.confidence, 4) if turn.view else 0.0,
        "evidence": list(turn.evidence),
    }


def _completed_data(turn: Turn, completed_at: datetime, observed: bool) -> dict[str, Any]:
    return {
        **_common(turn),
        "by": turn.by if turn.decision else "",
        "read_plate": turn.view.text if turn.view else "",
        "arrived_at": iso(turn.arrived_at),
        "decided_at": iso(turn.decided_at) if turn.decided_at else "",
        "entered_at": iso(turn.entered_at) if turn.entered_at else "",
        "completed_at": iso(completed_at),
        "observed": observed,
        "evidence": list(turn.evidence),
    }


def _abandoned_data(turn: Turn, why: str) -> dict[str, Any]:
    return {**_common(turn), "why": why}


__all__ = ["TAILGATE", "UNIDENTIFIED", "UNOBSERVED", "ClearAlarm", "Context", "react"]
