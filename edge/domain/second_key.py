"""PURE. A second key: a code that names an assignment, for a vehicle whose plate cannot be read.

    BG1:<assignment>:<expires>:<nonce>:<issuer>:<key>:<signature>

`expires` in seconds since 1970, `signature` Ed25519 of all before it (without its colon), base64url
without padding. It never weighs more than the policy says, and never against a plate that is read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from edge.domain.assignment import NEAR, TRACTOR, Assignment, AssignmentBook, apart
from edge.domain.decision import decide
from edge.domain.facts import CodeShown, PlateView
from edge.domain.policy import KeyWeight
from edge.domain.question import LanePolicy, Vehicle
from edge.domain.reason import Decision, Reason, Verdict

LONGEST = 400
"""Maximum characters of a code."""

PREFIX = "BG1:"
_CODE = re.compile(
    r"BG1:(?P<assignment>[A-Za-z0-9._-]{1,64}):(?P<expires>\d{1,11}):(?P<nonce>[A-Za-z0-9_-]{4,32}):"
    r"(?P<issuer>[a-z0-9][a-z0-9_-]{0,31}):(?P<key>[A-Za-z0-9._-]{1,80}):"
    r"(?P<signature>[A-Za-z0-9_-]{85}[AQgw])"
)
"""The last letter of a signature carries four bits that no byte needs: with others than zeros it
would be another text, and so another code, of the same signature."""

LIKELY = 0.5
"""Probability from which an unsure reading speaks against a code."""

TOLERANCE = timedelta(seconds=30)
"""How far the issuer's clock and ours may differ."""

STANDS_FOR = frozenset({Reason.UNREAD.value, Reason.UNSURE_READING.value})
"""Rows that a code may stand in for: no plate is surely read."""


class CodeRefusal(StrEnum):
    """Why a code does not count; the values stand in events."""

    OFF = "off"
    """the policy looks at none here"""
    NOBODY = "nobody"
    """no vehicle stands there"""
    MALFORMED = "malformed"
    UNKNOWN_ISSUER = "unknown_issuer"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    EXPIRED = "expired"
    REPLAYED = "replayed"
    """it has admitted another vehicle before"""
    NOT_DECLARED = "not_declared"
    """the list has no such assignment"""
    OTHER_VEHICLE = "other_vehicle"
    """a plate is read that its assignment does not name"""
    ELSEWHERE = "elsewhere"
    """the vehicle of its assignment stands in another lane, surely read"""
    RESTORED = "restored"
    """the gate was put back from a copy: whether it was used since is not known"""


@dataclass(frozen=True, slots=True)
class Code:
    """A code's parts; `signed`: the text that the signature is of."""

    assignment: str
    expires: datetime
    nonce: str
    issuer: str
    key: str
    signature: str
    signed: str

    def expired(self, now: datetime) -> bool:
        return now > self.expires + TOLERANCE


def signed_text(assignment: str, expires: datetime, nonce: str, issuer: str, key: str) -> str:
    """What the signature is of; `expires` aware, in whole seconds."""
    return f"{PREFIX}{assignment}:{int(expires.timestamp())}:{nonce}:{issuer}:{key}"


def parse_code(text: str) -> Code | None:
    """None for what is no code of ours."""
    found = _CODE.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if found is None:
        return None
    signed = text.strip().rpartition(":")[0]
    expires = datetime.fromtimestamp(0, UTC) + timedelta(seconds=int(found["expires"]))
    return Code(
        found["assignment"],
        expires,
        found["nonce"],
        found["issuer"],
        found["key"],
        found["signature"],
        signed,
    )


def stands_elsewhere(assignment: Assignment, reads: Collection[str]) -> bool:
    """`reads`: plates that are surely read in other lanes now."""
    return any(plate.role == TRACTOR and plate.text in reads for plate in assignment.plates)


def speaks_against(assignment: Assignment, reads: Sequence[PlateView]) -> bool:
    """Whether a plate is read, surely or likely, that the assignment does not name."""
    named = [plate.text for plate in assignment.plates]

    def other(view: PlateView) -> bool:
        if view.accepted:
            return view.text not in named
        likely = view.confidence >= LIKELY
        return likely and all(apart(view.text, text) > NEAR for text in named)

    return any(other(view) for view in reads)


def with_key(
    decision: Decision,
    codes: tuple[CodeShown | None, CodeShown | None],
    reads: tuple[PlateView, ...],
    vehicle: Vehicle,
    book: AssignmentBook,
    policy: LanePolicy,
    now: datetime,
) -> Decision:
    """The decision with a code beside it. Where no plate is surely read and the policy lets a code
    stand for it, the list decides on the assignment that the code names, and on no other. `codes`:
    the one that was shown, and another that counts too, for another assignment."""
    shown, other = codes
    weighs = policy.second_key is KeyWeight.ADMITS
    if shown is None or shown.refused or not weighs or decision.row not in STANDS_FOR:
        return decision
    if decision.rule:
        # The chief has said what becomes of a vehicle that is not read.
        return decision
    if other is not None:
        both = f"{shown.assignment}, {other.assignment}"
        return Decision(Verdict.REFER, Reason.SEVERAL_CODES, "", both, decision.row)
    named = next((a for a in book.items if a.assignment_id == shown.assignment), None)
    if named is None:
        return decision
    if speaks_against(named, reads):
        return replace(
            decision,
            verdict=Verdict.REFER,
            reason=Reason.CODE_CONTRADICTS,
            assignment="",
            detail=shown.assignment,
        )
    tractors = [plate for plate in named.plates if plate.role == TRACTOR] or list(named.plates)
    if not tractors:
        return decision
    first = tractors[0]
    stands_for = PlateView(first.text, first.text, first.country, "?", 1, 1.0, True)
    only = AssignmentBook((named,), book.as_of)
    said = decide((stands_for,), vehicle, only, policy, now)
    if said.verdict is Verdict.ALLOW:
        return replace(said, reason=Reason.SECOND_KEY, detail=shown.source)
    return said
