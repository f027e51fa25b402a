"""The actions of people and programs, checked in one place for pages and API alike."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from edge.console import access
from edge.console.given import Country, Id, Plate, Reason, Sequence
from edge.console.shelf import LONGEST_MIN, Shelf
from edge.console.users import Role, User, UserError, UserStore
from edge.domain.commands import Seen
from edge.domain.plate import StrangePlate, canonical, parse, plate_text
from edge.domain.recordable import LEFT_OUT
from edge.gate.port import GateOperations, Unanswered
from edge.system.causes import cause

STOP = "stop"
ORDERS_AT_ONCE = 16
"""Orders wait for the guard's answer on threads of their own, so that no page is before a stop."""

DECISIONS_AT_ONCE = 16
"""Decisions wait for the arm, on threads of their own too."""

log = logging.getLogger(__name__)


IDLE = cause("refused.idle")


class Idle(Exception):
    """Nobody was there for long: the password is asked before anything but a stop."""


class OrderBody(BaseModel):
    """`reason`: needed for all but a stop, which is done even with one that cannot be recorded.
    `passage`, `version`: of the vehicle that the person saw in the lane ("": nobody); an opening
    for another is refused. Without `passage` it is for whoever stands there."""

    lane: Id
    action: Id
    reason: Reason = ""
    passage: Id | None = None
    version: int | None = Field(None, ge=0)

    @field_validator("reason", mode="wrap")
    @classmethod
    def _a_stop_is_done(cls, value: Any, check: Callable[[Any], str], info: ValidationInfo) -> str:
        try:
            return check(value)
        except ValidationError:
            if info.data.get("action") == STOP:
                return LEFT_OUT
            raise


class DecideBody(BaseModel):
    """`version`: of the passage as the person saw it; without it, whatever it is, though not what
    stands there after a restart. `assignment`: the one to pass on, where several fit. `country`: of
    the corrected plate, as the person says."""

    lane: Id
    passage: Id
    admit: bool
    plate: Plate = ""
    reason: Reason
    version: int | None = Field(None, ge=0)
    assignment: Id = ""
    country: Country = ""


class ReferralBody(BaseModel):
    """`what`: claim, release or escalate; to escalate needs a reason."""

    lane: Id
    passage: Id
    what: Id
    reason: Reason = ""


class AcknowledgeBody(BaseModel):
    lane: Id
    code: Id


class CodeBody(BaseModel):
    """`text`: the code as a hand-held scanner at the booth gives it."""

    lane: Id
    text: Reason


class ShelveBody(BaseModel):
    """Puts an alarm on the shelf for so many minutes, for a reason."""

    lane: Id
    code: Id
    reason: Reason
    minutes: int = Field(30, ge=1, le=LONGEST_MIN)


class PolicyBody(BaseModel):
    """`text`: the whole policy (TOML). `what`: check or activate; to activate needs a reason."""

    what: Id
    text: str = Field(max_length=32_000)
    reason: Reason = ""


class ExplainBody(BaseModel):
    """`at`: a moment (ISO, with its zone); `text`: a policy to try in place of the one that
    counts."""

    lane: Id
    plate: Plate
    kind: Id = ""
    at: AwareDatetime | None = None
    text: str = Field("", max_length=32_000)

    @field_validator("at")
    @classmethod
    def _a_year_of_ours(cls, at: datetime | None) -> datetime | None:
        """Near the ends of all dates nothing is added to them."""
        if at is not None and not 2000 <= at.year <= 9000:
            raise ValueError("a year between 2000 and 9000 is expected")
        return at


class ModeBody(BaseModel):
    """`mode`: automatic, attended, closed, free_flow or shadow."""

    lane: Id
    mode: Id
    reason: Reason


class ParkedBody(BaseModel):
    """`what`: again or settle; to settle needs a reason."""

    sequence: Sequence
    what: Id
    reason: Reason = ""


class UserBody(BaseModel):
    """`what`: add, passwd, disable, enable or restrict. `role` counts for add only; `lanes` for add
    and restrict: where the user may act, apart by commas; none named: everywhere."""

    what: Id
    name: Id
    role: Id = "viewer"
    password: str = ""
    lanes: str = Field("", max_length=500)


def order(operations: GateOperations, user: User, body: OrderBody, idle: bool = False) -> None:
    """Gives a barrier order. Raises Unanswered with the reason if it may not or cannot be done, and
    Idle for all but a stop where nobody was there for long."""
    if idle and body.action != STOP:
        raise Idle
    needed = access.ACTION_ROLES.get(body.action)
    if needed is None or user.rank < needed:
        named = cause(f"action.{body.action}") if needed is not None else body.action
        raise Unanswered(cause("refused.may_not", user=user.name, action=named))
    if body.action != STOP:
        _in_own_lane(operations, user, body.lane)
    reason = body.reason.strip()
    if not reason and body.action != STOP:
        raise Unanswered(cause("refused.reason_needed"))
    seen = None if body.passage is None else Seen(body.passage, body.version)
    operations.order(body.lane, body.action, reason, user.name, seen, _senior(user))


def decide(operations: GateOperations, users: UserStore, user: User, body: DecideBody) -> str:
    """Settles a waiting vehicle, and waits for what became of it; see GateOperations.decide. Raises
    Unanswered if it no longer waits, its corrected plate is none, or of another country than the
    person says, or the arm does not do it."""
    _in_own_lane(operations, user, body.lane)
    reason = body.reason.strip()
    if not reason:
        raise Unanswered(cause("refused.reason_needed"))
    lane = next((lane for lane in operations.view().lanes if lane.lane == body.lane), None)
    seen = body.version if body.version is not None else (lane.version if lane else 0)
    plate = _correction(body, lane.plate if lane else "")
    state = operations.decide(
        body.lane,
        body.passage,
        body.admit,
        plate,
        reason,
        user.name,
        body.version,
        body.assignment,
        _senior(user),
        _who_may_admit(users, body.lane),
    )
    if state != "second":
        operations.settled(body.lane, body.passage, body.admit, seen, user.name)
    return state


def _senior(user: User) -> bool:
    return user.rank >= Role.SUPERVISOR


def _who_may_admit(users: UserStore, lane: str) -> frozenset[str]:
    """Names. Raises Unanswered where the users cannot be read."""
    try:
        return frozenset(
            user.name
            for user in users.all()
            if not user.disabled and user.rank >= Role.OPERATOR and user.may_act_in(lane)
        )
    except UserError as error:
        raise Unanswered(cause("other", place="users", error=str(error))) from None


def _in_own_lane(operations: GateOperations, user: User, lane: str) -> None:
    """Anybody who may stop an arm may stop every arm; all else is for whose lane it is."""
    if not user.may_act_in_or_gate(lane):
        name = next((one.name for one in operations.view().lanes if one.lane == lane), lane)
        raise Unanswered(cause("refused.not_your_lane", user=user.name, lane=name))


def set_mode(operations: GateOperations, user: User, body: ModeBody) -> None:
    """Sets a lane's mode. Raises Unanswered."""
    _in_own_lane(operations, user, body.lane)
    operations.set_mode(body.lane, body.mode, body.reason, user.name)


def acknowledge(operations: GateOperations, user: User, body: AcknowledgeBody) -> None:
    """An alarm of the gate as a whole is everybody's. Raises Unanswered."""
    _in_own_lane(operations, user, body.lane)
    operations.acknowledge_alarm(body.code, body.lane, user.name)


def shelve(operations: GateOperations, shelf: Shelf, user: User, body: ShelveBody) -> None:
    """Raises Unanswered."""
    _in_own_lane(operations, user, body.lane)
    reason = body.reason.strip()
    if not reason:
        raise Unanswered(cause("refused.reason_needed"))
    shelf.put(body.code, body.lane, body.minutes, reason, user.name)


def _correction(body: DecideBody, read: str) -> str:
    """The plate that a person gives, or "". What was read corrects nothing, and may be a plate of
    another country. Raises Unanswered."""
    try:
        given = canonical(body.plate)
        text = given if given in ("", read) else plate_text(given)
    except StrangePlate as error:
        raise Unanswered(cause("refused.plate", why=error)) from None
    found = parse(text) if text else None
    if body.country and found is not None and found.country != body.country:
        raise Unanswered(
            cause("refused.country", plate=text, country=found.country, said=body.country)
        )
    return text


def referral(operations: GateOperations, user: User, body: ReferralBody) -> None:
    """Claims a waiting vehicle, gives it back, or passes it on. Raises Unanswered."""
    _in_own_lane(operations, user, body.lane)
    reason = body.reason.strip()
    match body.what:
        case "claim":
            operations.claim(body.lane, body.passage, user.name, _senior(user))
        case "release":
            operations.release(body.lane, body.passage, user.name)
        case "escalate" if not reason:
            raise Unanswered(cause("refused.reason_needed"))
        case "escalate":
            operations.escalate(body.lane, body.passage, reason, user.name)
        case _:
            raise Unanswered(cause("refused.no_referral_action"))


def policy(operations: GateOperations, user: User, body: PolicyBody) -> dict[str, Any]:
    """Checks a policy, or makes it count. Raises Unanswered with every mistake of it."""
    match body.what:
        case "check":
            return {"content": operations.check_policy(body.text)}
        case "activate":
            return {"number": operations.activate_policy(body.text, body.reason, user.name)}
        case _:
            raise Unanswered(cause("refused.no_policy_action"))


def code(operations: GateOperations, user: User, body: CodeBody) -> None:
    """A code may admit: it is for whose lane it is. Raises Unanswered."""
    _in_own_lane(operations, user, body.lane)
    operations.show_code(body.lane, body.text, user.name)


def parked(operations: GateOperations, user: User, body: ParkedBody) -> None:
    """Tries a passage again that the platform does not take, or settles it. Raises Unanswered."""
    for one in operations.parked(body.sequence - 1, 1):
        if one.passage.sequence == body.sequence:
            _in_own_lane(operations, user, str(one.passage.body.get("lane", "")))
    reason = body.reason.strip()
    match body.what:
        case "again":
            operations.hand_over_again(body.sequence, user.name)
        case "settle" if not reason:
            raise Unanswered(cause("refused.reason_needed"))
        case "settle":
            operations.settle_passage(body.sequence, reason, user.name)
        case _:
            raise Unanswered(cause("refused.no_parked_action"))


def change_user(operations: GateOperations, users: UserStore, by: User, body: UserBody) -> None:
    """Makes or changes a console user, and records who did. Raises UserError and Unanswered."""
    data: dict[str, Any] = {"name": body.name}
    lanes = [lane for part in body.lanes.split(",") if (lane := part.strip())]
    known = {lane.lane for lane in operations.view().lanes}
    if strange := [lane for lane in lanes if lane not in known]:
        raise UserError(cause("users.no_lane", lane=strange[0], lanes=", ".join(sorted(known))))
    if body.what == "add":
        data["role"] = body.role
    if body.what == "restrict" or (body.what == "add" and lanes):
        data["lanes"] = lanes

    def record() -> None:
        """Before the change is made, and only where it can be."""
        operations.audit(by.name, f"user_{body.what}", data)

    match body.what:
        case "add":
            users.add(body.name, body.role, body.password, record, lanes)
        case "passwd":
            users.passwd(body.name, body.password, record)
        case "disable" | "enable":
            users.disable(body.name, body.what == "disable", record)
        case "restrict":
            users.restrict(body.name, lanes, record)
        case _:
            raise UserError(cause("users.no_action"))


def audit_sign_in(operations: GateOperations, user: str) -> None:
    """Records a sign-in; a journal that cannot commit must not lock people out."""
    try:
        operations.audit(user, "sign_in", {})
    except Unanswered as error:
        log.error("%s signed in without a record: %s", user, error)
