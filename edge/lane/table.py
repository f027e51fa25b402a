"""PURE. The lane's table: stage x cue -> next stage and actions. It is total.

A cue is what the lane concludes from a fact (cues.py); an action is what is recorded, asked of the
guard or told (actions.py). A pair that should not happen holds. One invariant stands in it in place
of flags: an admission holds while its reasons hold, so whatever ends one of them leaves ADMITTED
and LET_IN by a cell with REVOKE. docs/lane.md prints the table, drawn by `tools/draw_lane.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Where the vehicle before the barrier stands with the gate."""

    EMPTY = "empty"
    READING = "reading"
    """somebody stands there and is read; nothing is decided"""
    REREADING = "rereading"
    """who stands there may be another than before: read anew, and compared"""
    REFERRED = "referred"
    """a person is asked; a reading or the list may yet settle it"""
    REFUSED = "refused"
    """the list says no; it may change, or a person decides"""
    DOUBTED = "doubted"
    """only a person can settle it"""
    REJECTED = "rejected"
    """a person said no; so it stays until it leaves, or a person says yes"""
    ADMITTED = "admitted"
    """by reading, list and policy, as long as they say so"""
    LET_IN = "let_in"
    """by a person, as long as it is the vehicle that he saw"""
    CROSSING = "crossing"
    """the admitted vehicle is under the arm"""
    CROSSING_FOLLOWED = "crossing_followed"
    """and another has come to the entry loop behind it"""
    CROSSING_UNADMITTED = "crossing_unadmitted"
    """somebody is under the arm whom nobody admitted"""
    CROSSING_RESUMED = "crossing_resumed"
    """the vehicle that was admitted before a restart is, or may be, under the arm"""
    TAILGATING = "tailgating"
    """a second vehicle is under the arm on the admission of the first"""
    BEHIND = "behind"
    """the first has passed; whether the one behind it stands there is to be seen"""
    RESUMING_EMPTY = "resuming_empty"
    """after a start: nothing is decided before the barrier has been looked at"""
    RESUMING_STANDING = "resuming_standing"
    RESUMING_REJECTED = "resuming_rejected"
    RESUMING_ADMITTED = "resuming_admitted"
    RESUMING_CROSSING = "resuming_crossing"
    RESUMING_UNADMITTED = "resuming_unadmitted"
    """somebody was under the arm whom nobody admitted: looked at until it is gone"""


class Cue(StrEnum):
    """What the lane concludes from a fact."""

    FAILED = "failed"
    """the rules failed on a fact"""
    FOUND_UNDER_ARM = "found_under_arm"
    """the first look after a start, or since nothing was read: the safety loop is occupied"""
    FOUND_STANDING = "found_standing"
    """it is free; the entry loop is occupied, or is not wired and the arm is down"""
    FOUND_GONE_ARM_UP = "found_gone_arm_up"
    """nobody is on a loop, and the arm is not down"""
    FOUND_GONE_ARM_DOWN = "found_gone_arm_down"
    ARRIVED = "arrived"
    """the entry loop is occupied; where none is wired, vision sees somebody at the barrier"""
    FOLLOWED = "followed"
    """the camera reads another vehicle at the barrier behind the one that is under the arm"""
    STANDS = "stands"
    """the one behind the first still stands on the entry loop"""
    GONE_WITH_FIRST = "gone_with_first"
    """it does not: it passed with the first, or turned back unseen"""
    LEFT = "left"
    """gone without passing; under the arm: backed out"""
    GONE_UNSEEN = "gone_unseen"
    """gone while the loops were silent and the arm was up: passed, as far as anybody knows"""
    SLIPPED_BY = "slipped_by"
    """a two-wheeler that nobody admitted has vanished at the line: beside the arm, or away"""
    ENTERED = "entered"
    """under the arm, on this passage's authorisation"""
    ENTERED_UNADMITTED = "entered_unadmitted"
    """under the arm, on none"""
    CROSSED = "crossed"
    """through, on this passage's authorisation"""
    CROSSED_SEVERAL = "crossed_several"
    """and more vehicles with it than one"""
    CROSSED_UNADMITTED = "crossed_unadmitted"
    """through, on no authorisation or on one that is over"""
    WRONG_WAY = "wrong_way"
    """through, from the other side"""
    TAILGATED = "tailgated"
    """the guard saw a second vehicle use one authorisation"""
    BARRIER_REFUSED = "barrier_refused"
    """the guard could not carry the authorisation out"""
    ENTRY_TIMEOUT = "entry_timeout"
    """nobody used the authorisation in time, and somebody still stands there"""
    TIMEOUT_GONE = "timeout_gone"
    """and nobody stands there"""
    SWAPPED = "swapped"
    """another vehicle stands there: another plate is surely read on another track"""
    ANOTHER = "another"
    """another track stands there, not shown to be the same vehicle"""
    CHANGED = "changed"
    """the same track surely reads another plate, and no assignment joins the two"""
    SEVERAL = "several"
    """plates of two vehicles are surely read at the barrier"""
    ALLOWED = "allowed"
    """the decision says yes, and says it anew"""
    REFUSED = "refused"
    REFERRED = "referred"
    """the decision asks a person; a reading that may come yet has its time first"""
    PERSON_ADMITS = "person_admits"
    PERSON_REJECTS = "person_rejects"
    PERSON_MUST_CHOOSE = "person_must_choose"
    """he admits, and several assignments fit"""


class LaneAction(StrEnum):
    """What follows, in the order of the cell."""

    BEGIN = "begin"
    """a passage begins"""
    REREAD = "reread"
    """what was read and decided counts no more"""
    DECIDE = "decide"
    """records the decision"""
    AUTHORISE = "authorise"
    REVOKE = "revoke"
    ENTER = "enter"
    """notes when it came under the arm"""
    COMPLETE = "complete"
    """records that it passed"""
    ABANDON = "abandon"
    """records that it went without passing"""
    SPEND = "spend"
    """its assignment is used"""
    FOLLOW = "follow"
    """notes the vehicle behind it"""
    STRANGER = "stranger"
    """records another vehicle that passed, and tells it"""
    TAILGATERS = "tailgaters"
    """records those that passed with it, and tells it"""
    TELL_TAILGATE = "tell_tailgate"
    TELL_UNADMITTED = "tell_unadmitted"
    TELL_UNOBSERVED = "tell_unobserved"
    """who passed while nobody watched, and whether the arm may come down, is for a person to see"""


class Outcome(StrEnum):
    """Every way out has a name of its own."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    REFERRED = "referred"
    TURNED_BACK = "turned_back"
    ABANDONED = "abandoned"
    TAILGATED = "tailgated"
    WRONG_LANE = "wrong_lane"
    WRONG_WAY = "wrong_way"
    REVERSED_OUT = "reversed_out"
    SWAPPED = "swapped"
    TWO_VEHICLES = "two_vehicles"
    TRAILER_ONLY = "trailer_only"
    UNREADABLE = "unreadable"
    PASSED_UNADMITTED = "passed_unadmitted"
    ARM_BY_HAND = "arm_by_hand"
    DEVICE_FAULT = "device_fault"
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True)
class Cell:
    """`outcome`: of the passage that ends here; None where its decision names it, or none ends."""

    stage: Stage
    actions: tuple[LaneAction, ...] = ()
    outcome: Outcome | None = None


_S, _C, _D, _O = Stage, Cue, LaneAction, Outcome


def _row(stage: Stage, *rules: dict[Cue, Cell]) -> dict[tuple[Stage, Cue], Cell]:
    """The cells named, the later the stronger, and otherwise hold."""
    row = {(stage, cue): Cell(stage) for cue in Cue}
    for rule in rules:
        row.update({(stage, cue): cell for cue, cell in rule.items()})
    return row


def _others_pass(stage: Stage) -> dict[Cue, Cell]:
    """Whoever passes beside the vehicle of the passage is recorded and told."""
    return {
        _C.CROSSED_UNADMITTED: Cell(stage, (_D.STRANGER,), _O.PASSED_UNADMITTED),
        _C.WRONG_WAY: Cell(stage, (_D.STRANGER,), _O.WRONG_WAY),
        _C.TAILGATED: Cell(stage, (_D.TELL_TAILGATE,)),
    }


_UNADMITTED_PASSES = (_D.COMPLETE, _D.TELL_UNADMITTED)
_PASSED_UNADMITTED = Cell(_S.EMPTY, _UNADMITTED_PASSES, _O.PASSED_UNADMITTED)
_UNSEEN = Cell(_S.EMPTY, (_D.COMPLETE, _D.SPEND, _D.TELL_UNOBSERVED), _O.RESUMED)
"""Gone with the arm up while nobody watched: he has passed, as far as anybody knows."""


def _standing(stage: Stage) -> dict[Cue, Cell]:
    """Somebody stands there who is not admitted."""
    several = Cell(_S.EMPTY, (*_UNADMITTED_PASSES, _D.TAILGATERS), _O.PASSED_UNADMITTED)
    return {
        **_others_pass(stage),
        _C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,)),
        _C.SLIPPED_BY: _PASSED_UNADMITTED,
        _C.FOUND_GONE_ARM_UP: _PASSED_UNADMITTED,
        _C.ENTERED: Cell(_S.CROSSING_UNADMITTED, (_D.ENTER,)),
        _C.ENTERED_UNADMITTED: Cell(_S.CROSSING_UNADMITTED, (_D.ENTER,)),
        _C.CROSSED: _PASSED_UNADMITTED,
        _C.CROSSED_SEVERAL: several,
        _C.SWAPPED: Cell(_S.READING, (_D.ABANDON, _D.BEGIN), _O.SWAPPED),
        _C.ANOTHER: Cell(_S.REREADING, (_D.REREAD,)),
        _C.CHANGED: Cell(_S.DOUBTED, (_D.DECIDE,)),
        _C.SEVERAL: Cell(_S.DOUBTED, (_D.DECIDE,)),
        _C.FAILED: Cell(_S.DOUBTED, (_D.DECIDE,)),
    }


_DECIDES: dict[Cue, Cell] = {
    _C.ALLOWED: Cell(_S.ADMITTED, (_D.DECIDE, _D.AUTHORISE)),
    _C.REFUSED: Cell(_S.REFUSED, (_D.DECIDE,)),
    _C.REFERRED: Cell(_S.REFERRED, (_D.DECIDE,)),
}
"""Reading, list and policy decide."""

_PERSON_DECIDES: dict[Cue, Cell] = {
    _C.PERSON_ADMITS: Cell(_S.LET_IN, (_D.DECIDE, _D.AUTHORISE)),
    _C.PERSON_REJECTS: Cell(_S.REJECTED, (_D.DECIDE,)),
    _C.PERSON_MUST_CHOOSE: Cell(_S.DOUBTED, (_D.DECIDE,)),
}


def _only_a_person(stage: Stage) -> dict[Cue, Cell]:
    """No reading and no list settles it; another vehicle in its place does neither, until shown."""
    return {
        _C.ANOTHER: Cell(_S.DOUBTED, (_D.REREAD, _D.DECIDE)),
        _C.CHANGED: Cell(stage),
        _C.SEVERAL: Cell(stage),
        _C.FAILED: Cell(stage),
    }


def _let_through(stage: Stage) -> dict[Cue, Cell]:
    """Admitted, as long as the reasons hold."""
    doubted = Cell(_S.DOUBTED, (_D.DECIDE, _D.REVOKE))
    passed = (_D.COMPLETE, _D.SPEND)
    unseen = Cell(_S.EMPTY, (*_UNSEEN.actions, _D.REVOKE), _O.ADMITTED)
    return {
        **_others_pass(stage),
        _C.LEFT: Cell(_S.EMPTY, (_D.ABANDON, _D.REVOKE), _O.TURNED_BACK),
        _C.GONE_UNSEEN: unseen,
        _C.ENTERED: Cell(_S.CROSSING, (_D.ENTER,)),
        _C.ENTERED_UNADMITTED: Cell(_S.CROSSING_UNADMITTED, (_D.ENTER, _D.REVOKE)),
        _C.CROSSED: Cell(_S.EMPTY, passed, _O.ADMITTED),
        _C.CROSSED_SEVERAL: Cell(_S.EMPTY, (*passed, _D.TAILGATERS), _O.ADMITTED),
        _C.BARRIER_REFUSED: doubted,
        _C.ENTRY_TIMEOUT: doubted,
        _C.TIMEOUT_GONE: Cell(_S.EMPTY, (_D.ABANDON, _D.REVOKE), _O.ABANDONED),
        _C.FOUND_GONE_ARM_UP: unseen,
        _C.FOUND_UNDER_ARM: Cell(stage, (_D.TELL_UNOBSERVED,)),
        _C.SWAPPED: Cell(_S.READING, (_D.ABANDON, _D.REVOKE, _D.BEGIN), _O.SWAPPED),
        _C.ANOTHER: Cell(_S.REREADING, (_D.REREAD, _D.REVOKE)),
        _C.CHANGED: doubted,
        _C.SEVERAL: doubted,
    }


def _crossing(stage: Stage, outcome: Outcome, *more: LaneAction) -> dict[Cue, Cell]:
    """The admitted vehicle is under the arm: what is said of it now comes too late."""
    passed = (_D.COMPLETE, _D.SPEND, *more)
    # Who passed behind it while nothing was read, nobody saw.
    recorded = Cell(stage, (_D.TELL_UNOBSERVED,))
    return {
        **_others_pass(stage),
        _C.FOUND_UNDER_ARM: recorded,
        _C.FOUND_STANDING: recorded,
        _C.FOUND_GONE_ARM_UP: recorded,
        _C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,), _O.REVERSED_OUT),
        _C.ENTERED_UNADMITTED: Cell(stage, (_D.TAILGATERS,)),
        _C.CROSSED: Cell(_S.EMPTY, passed, outcome),
        _C.CROSSED_UNADMITTED: Cell(_S.EMPTY, passed, outcome),
        _C.CROSSED_SEVERAL: Cell(_S.EMPTY, (*passed, _D.TAILGATERS), outcome),
    }


def _followed() -> dict[Cue, Cell]:
    passed = Cell(_S.BEHIND, (_D.COMPLETE, _D.SPEND, _D.BEGIN), _O.ADMITTED)
    return {
        _C.FOLLOWED: Cell(_S.CROSSING_FOLLOWED, (_D.FOLLOW,)),
        _C.CROSSED: passed,
        _C.CROSSED_UNADMITTED: passed,
    }


def _unadmitted(stage: Stage, outcome: Outcome, actions: tuple[LaneAction, ...]) -> dict[Cue, Cell]:
    passed = Cell(_S.EMPTY, actions, outcome)
    return {
        **_others_pass(stage),
        _C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,), _O.REVERSED_OUT),
        _C.ENTERED_UNADMITTED: Cell(stage, (_D.TAILGATERS,)),
        _C.CROSSED: passed,
        _C.CROSSED_UNADMITTED: passed,
        _C.CROSSED_SEVERAL: Cell(_S.EMPTY, (*actions, _D.TAILGATERS), outcome),
    }


_LEFT_MEANWHILE = Cell(_S.EMPTY, (_D.ABANDON,), _O.RESUMED)
_UNDER_ARM_UNADMITTED = Cell(_S.CROSSING_UNADMITTED, (_D.ENTER,))
_READ_ANEW = Cell(_S.READING, (_D.REREAD,))


def _resuming(stage: Stage) -> dict[Cue, Cell]:
    """Before the first look somebody who was not admitted may move already."""
    return {
        **_others_pass(stage),
        _C.ENTERED: _UNDER_ARM_UNADMITTED,
        _C.ENTERED_UNADMITTED: _UNDER_ARM_UNADMITTED,
        _C.LEFT: _LEFT_MEANWHILE,
        _C.FOUND_UNDER_ARM: _READ_ANEW,
        _C.FOUND_STANDING: _READ_ANEW,
        _C.FOUND_GONE_ARM_UP: _LEFT_MEANWHILE,
        _C.FOUND_GONE_ARM_DOWN: _LEFT_MEANWHILE,
    }


def _resuming_on_admission() -> dict[Cue, Cell]:
    """It was admitted, or under the arm already."""
    under_arm = Cell(_S.CROSSING_RESUMED, (_D.ENTER,))
    passed = Cell(_S.EMPTY, (_D.COMPLETE, _D.SPEND, _D.TELL_UNOBSERVED), _O.RESUMED)
    return {
        _C.ENTERED: under_arm,
        _C.ENTERED_UNADMITTED: under_arm,
        _C.CROSSED: passed,
        _C.CROSSED_UNADMITTED: passed,
        _C.FOUND_UNDER_ARM: under_arm,
        _C.FOUND_GONE_ARM_UP: _UNSEEN,
    }


_BEGUN_UNDER_ARM = Cell(_S.CROSSING_UNADMITTED, (_D.BEGIN, _D.ENTER))

TABLE: dict[tuple[Stage, Cue], Cell] = {
    **_row(
        _S.EMPTY,
        _others_pass(_S.EMPTY),
        {
            _C.ARRIVED: Cell(_S.READING, (_D.BEGIN,)),
            _C.ENTERED_UNADMITTED: _BEGUN_UNDER_ARM,
        },
    ),
    **_row(
        _S.READING,
        _standing(_S.READING),
        _DECIDES,
        {_C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,), _O.ABANDONED)},
    ),
    **_row(
        _S.REREADING,
        _standing(_S.REREADING),
        _DECIDES,
        {_C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,), _O.ABANDONED)},
    ),
    **_row(_S.REFERRED, _standing(_S.REFERRED), _DECIDES, _PERSON_DECIDES),
    **_row(_S.REFUSED, _standing(_S.REFUSED), _DECIDES, _PERSON_DECIDES),
    **_row(_S.DOUBTED, _standing(_S.DOUBTED), _PERSON_DECIDES, _only_a_person(_S.DOUBTED)),
    **_row(_S.REJECTED, _standing(_S.REJECTED), _PERSON_DECIDES, _only_a_person(_S.REJECTED)),
    **_row(
        _S.ADMITTED,
        _let_through(_S.ADMITTED),
        {
            _C.ALLOWED: Cell(_S.ADMITTED, (_D.DECIDE,)),
            _C.REFUSED: Cell(_S.REFUSED, (_D.DECIDE, _D.REVOKE)),
            _C.REFERRED: Cell(_S.REFERRED, (_D.DECIDE, _D.REVOKE)),
            _C.FAILED: Cell(_S.DOUBTED, (_D.DECIDE, _D.REVOKE)),
        },
    ),
    # A person's word stands against the list and against a fault of ours.
    **_row(
        _S.LET_IN,
        _let_through(_S.LET_IN),
        {_C.CHANGED: Cell(_S.LET_IN), _C.SEVERAL: Cell(_S.LET_IN)},
    ),
    **_row(
        _S.CROSSING,
        _crossing(_S.CROSSING, _O.ADMITTED),
        {
            _C.ARRIVED: Cell(_S.CROSSING_FOLLOWED),
            _C.FOLLOWED: Cell(_S.CROSSING_FOLLOWED, (_D.FOLLOW,)),
        },
    ),
    **_row(
        _S.CROSSING_FOLLOWED,
        _crossing(_S.CROSSING_FOLLOWED, _O.ADMITTED),
        _followed(),
    ),
    **_row(
        _S.CROSSING_UNADMITTED,
        _unadmitted(_S.CROSSING_UNADMITTED, _O.PASSED_UNADMITTED, _UNADMITTED_PASSES),
        {_C.TAILGATED: Cell(_S.TAILGATING, (_D.TELL_TAILGATE,))},
    ),
    **_row(
        _S.CROSSING_RESUMED,
        _crossing(_S.CROSSING_RESUMED, _O.RESUMED, _D.TELL_UNOBSERVED),
        {
            _C.ARRIVED: Cell(_S.CROSSING_FOLLOWED, (_D.TELL_UNOBSERVED,)),
            _C.FOLLOWED: Cell(_S.CROSSING_FOLLOWED, (_D.FOLLOW, _D.TELL_UNOBSERVED)),
            _C.FOUND_GONE_ARM_UP: _UNSEEN,
        },
    ),
    **_row(_S.TAILGATING, _unadmitted(_S.TAILGATING, _O.TAILGATED, (_D.COMPLETE,))),
    **_row(
        _S.BEHIND,
        _others_pass(_S.BEHIND),
        {
            _C.STANDS: Cell(_S.READING),
            _C.ARRIVED: Cell(_S.READING),
            _C.GONE_WITH_FIRST: Cell(_S.EMPTY, (_D.COMPLETE, _D.TELL_TAILGATE), _O.TAILGATED),
            _C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,), _O.ABANDONED),
            _C.ENTERED_UNADMITTED: _UNDER_ARM_UNADMITTED,
        },
    ),
    **_row(
        _S.RESUMING_EMPTY,
        _others_pass(_S.RESUMING_EMPTY),
        {
            _C.ENTERED_UNADMITTED: _BEGUN_UNDER_ARM,
            _C.FOUND_UNDER_ARM: Cell(_S.EMPTY),
            _C.FOUND_STANDING: Cell(_S.EMPTY),
            _C.FOUND_GONE_ARM_UP: Cell(_S.EMPTY),
            _C.FOUND_GONE_ARM_DOWN: Cell(_S.EMPTY),
        },
    ),
    **_row(_S.RESUMING_STANDING, _resuming(_S.RESUMING_STANDING)),
    # Who was rejected is not let in by the list because the service began anew.
    **_row(
        _S.RESUMING_REJECTED,
        _resuming(_S.RESUMING_REJECTED),
        {
            _C.FOUND_UNDER_ARM: Cell(_S.DOUBTED, (_D.REREAD, _D.DECIDE)),
            _C.FOUND_STANDING: Cell(_S.DOUBTED, (_D.REREAD, _D.DECIDE)),
        },
    ),
    **_row(
        _S.RESUMING_ADMITTED,
        _resuming(_S.RESUMING_ADMITTED),
        _resuming_on_admission(),
    ),
    **_row(
        _S.RESUMING_CROSSING,
        _resuming(_S.RESUMING_CROSSING),
        _resuming_on_admission(),
        {
            _C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,), _O.REVERSED_OUT),
            _C.FOUND_STANDING: _UNSEEN,
            _C.FOUND_GONE_ARM_DOWN: _UNSEEN,
        },
    ),
    # The guard that began again tells its end only where it has seen its beginning.
    **_row(
        _S.RESUMING_UNADMITTED,
        _unadmitted(_S.RESUMING_UNADMITTED, _O.PASSED_UNADMITTED, _UNADMITTED_PASSES),
        {
            _C.ENTERED: Cell(_S.CROSSING_UNADMITTED),
            _C.ENTERED_UNADMITTED: Cell(_S.CROSSING_UNADMITTED),
            _C.FOUND_STANDING: _PASSED_UNADMITTED,
            _C.FOUND_GONE_ARM_UP: _PASSED_UNADMITTED,
            _C.FOUND_GONE_ARM_DOWN: _PASSED_UNADMITTED,
        },
    ),
}
