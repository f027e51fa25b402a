"""What people and programs may ask of the gate, checked in one place for pages and API alike."""

from __future__ import annotations

from pydantic import BaseModel

from edge.console import access
from edge.console.users import User, UserError, UserStore
from edge.gate_view import GateDesk, Unanswered
from edge.plate import StrangePlate, canonical, plate_text


class OrderBody(BaseModel):
    lane: str
    action: str
    reason: str


class DecideBody(BaseModel):
    lane: str
    passage: str
    admit: bool
    plate: str = ""
    reason: str


class AcknowledgeBody(BaseModel):
    lane: str
    code: str


class SetAsideBody(BaseModel):
    """`what`: again or settle; to settle needs a reason."""

    sequence: int
    what: str
    reason: str = ""


class UserBody(BaseModel):
    """`what`: add, passwd, disable or enable."""

    what: str
    name: str
    role: str = "viewer"
    password: str = ""


def order(desk: GateDesk, user: User, body: OrderBody) -> None:
    """Gives a barrier order. Raises Unanswered with the reason if it may not or cannot be done."""
    needed = access.ACTION_ROLES.get(body.action)
    if needed is None or user.rank < needed:
        raise Unanswered(f"{user.name} may not {body.action}")
    reason = body.reason.strip()
    if not reason and body.action != "stop":
        raise Unanswered("a reason is needed")
    desk.order(body.lane, body.action, reason, user.name)


def decide(desk: GateDesk, user: User, body: DecideBody) -> None:
    """Settles a waiting vehicle. Raises Unanswered if it no longer waits, or its corrected plate is
    none."""
    reason = body.reason.strip()
    if not reason:
        raise Unanswered("a reason is needed")
    plate = _correction(desk, body)
    desk.decide(body.lane, body.passage, body.admit, plate, reason, user.name)


def _correction(desk: GateDesk, body: DecideBody) -> str:
    """The plate that a person gives, or "". What was read corrects nothing, and may be a plate of
    another country. Raises Unanswered."""
    read = next((lane.plate for lane in desk.view().lanes if lane.lane == body.lane), "")
    try:
        given = canonical(body.plate)
        return given if given in ("", read) else plate_text(given)
    except StrangePlate as error:
        raise Unanswered(
            f"the plate is not understood: {error}. Without a correction, leave it empty"
        ) from None


def set_aside(desk: GateDesk, user: User, body: SetAsideBody) -> None:
    """Tries a passage again that the platform does not take, or settles it. Raises Unanswered."""
    reason = body.reason.strip()
    match body.what:
        case "again":
            desk.hand_over_again(body.sequence, user.name)
        case "settle" if not reason:
            raise Unanswered("a reason is needed")
        case "settle":
            desk.settle_passage(body.sequence, reason, user.name)
        case _:
            raise Unanswered(f"unknown: {body.what}; there are again and settle")


def change_user(desk: GateDesk, users: UserStore, by: User, body: UserBody) -> None:
    """Makes or changes a console user, and records who did. Raises UserError."""
    match body.what:
        case "add":
            users.add(body.name, body.role, body.password)
        case "passwd":
            users.passwd(body.name, body.password)
        case "disable" | "enable":
            users.disable(body.name, body.what == "disable")
        case _:
            raise UserError(f"unknown: {body.what}; there are add, passwd, disable and enable")
    desk.audit(by.name, f"user_{body.what}", {"name": body.name, "role": body.role})


def audit_quietly(desk: GateDesk, user: str, action: str) -> None:
    """Records a sign-in; a journal that cannot commit must not lock people out."""
    try:
        desk.audit(user, action, {})
    except Unanswered:
        return
