"""PURE. Cells that several stages of the lane's table have in common."""

from __future__ import annotations

from dataclasses import dataclass

from edge.lane.vocabulary import Cue, LaneAction, Outcome, Stage


@dataclass(frozen=True, slots=True)
class Cell:
    """`outcome`: of the passage that ends here; None where its decision names it, or none ends."""

    stage: Stage
    actions: tuple[LaneAction, ...] = ()
    outcome: Outcome | None = None


_S, _C, _D, _O = Stage, Cue, LaneAction, Outcome


def row(stage: Stage, *rules: dict[Cue, Cell]) -> dict[tuple[Stage, Cue], Cell]:
    """The cells named, the later the stronger, and otherwise hold."""
    row = {(stage, cue): Cell(stage) for cue in Cue}
    for rule in rules:
        row.update({(stage, cue): cell for cue, cell in rule.items()})
    return row


def others_pass(stage: Stage) -> dict[Cue, Cell]:
    """Whoever passes beside the vehicle of the passage is recorded and told."""
    return {
        _C.CROSSED_UNADMITTED: Cell(stage, (_D.STRANGER,), _O.PASSED_UNADMITTED),
        _C.WRONG_WAY: Cell(stage, (_D.STRANGER,), _O.WRONG_WAY),
        _C.SLIPPED_PAST: Cell(stage, (_D.STRANGER,), _O.PASSED_UNADMITTED),
        _C.TAILGATED: Cell(stage, (_D.TELL_TAILGATE,)),
    }


def not_its_own(stage: Stage) -> dict[Cue, Cell]:
    """Who went under the arm was a two-wheeler beside the vehicle of the passage. That one stands
    there still, and begins anew: to the guard its admission is used."""
    actions = (_D.ABANDON, _D.REVOKE, _D.BEGIN)
    return {_C.CROSSED_BESIDE: Cell(_S.READING, actions, _O.TWO_VEHICLES)}


UNADMITTED_PASSES = (_D.COMPLETE, _D.TELL_UNADMITTED)
PASSED_UNADMITTED = Cell(_S.EMPTY, UNADMITTED_PASSES, _O.PASSED_UNADMITTED)
UNSEEN = Cell(_S.EMPTY, (_D.COMPLETE, _D.SPEND, _D.TELL_UNOBSERVED), _O.RESUMED)
"""Gone with the arm up while nobody watched: he has passed, as far as anybody knows."""


def standing(stage: Stage) -> dict[Cue, Cell]:
    """Somebody stands there who is not admitted."""
    several = Cell(_S.EMPTY, (*UNADMITTED_PASSES, _D.TAILGATERS), _O.PASSED_UNADMITTED)
    return {
        **others_pass(stage),
        _C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,)),
        _C.SLIPPED_BY: PASSED_UNADMITTED,
        _C.FOUND_GONE_ARM_UP: PASSED_UNADMITTED,
        _C.ENTERED: Cell(_S.CROSSING_UNADMITTED, (_D.ENTER,)),
        _C.ENTERED_UNADMITTED: Cell(_S.CROSSING_UNADMITTED, (_D.ENTER,)),
        _C.CROSSED: PASSED_UNADMITTED,
        _C.CROSSED_SEVERAL: several,
        _C.SWAPPED: Cell(_S.READING, (_D.ABANDON, _D.BEGIN), _O.SWAPPED),
        _C.SWAPPED_UNSEEN: Cell(_S.READING, (*UNSEEN.actions, _D.BEGIN), _O.RESUMED),
        _C.GONE_UNSEEN: UNSEEN,
        _C.ANOTHER: Cell(_S.REREADING, (_D.REREAD,)),
        _C.CHANGED: Cell(_S.DOUBTED, (_D.DECIDE,)),
        _C.SEVERAL: Cell(_S.DOUBTED, (_D.DECIDE,)),
        _C.FAILED: Cell(_S.DOUBTED, (_D.DECIDE,)),
    }


DECIDES: dict[Cue, Cell] = {
    _C.ALLOWED: Cell(_S.ADMITTED, (_D.DECIDE, _D.AUTHORISE)),
    _C.REFUSED: Cell(_S.REFUSED, (_D.DECIDE,)),
    _C.REFERRED: Cell(_S.REFERRED, (_D.DECIDE,)),
}
"""Reading, list and policy decide."""

PERSON_DECIDES: dict[Cue, Cell] = {
    _C.PERSON_ADMITS: Cell(_S.LET_IN, (_D.DECIDE, _D.AUTHORISE)),
    _C.PERSON_REJECTS: Cell(_S.REJECTED, (_D.DECIDE,)),
    _C.PERSON_MUST_CHOOSE: Cell(_S.DOUBTED, (_D.DECIDE,)),
}


def only_a_person(stage: Stage) -> dict[Cue, Cell]:
    """No reading and no list settles it; another vehicle in its place does neither, until shown."""
    return {
        _C.ANOTHER: Cell(_S.DOUBTED, (_D.REREAD, _D.DECIDE)),
        _C.CHANGED: Cell(stage),
        _C.SEVERAL: Cell(stage),
        _C.FAILED: Cell(stage),
    }


def let_through(stage: Stage) -> dict[Cue, Cell]:
    """Admitted, as long as the reasons hold."""
    doubted = Cell(_S.DOUBTED, (_D.DECIDE, _D.REVOKE))
    passed = (_D.COMPLETE, _D.SPEND)
    unseen = Cell(_S.EMPTY, (*UNSEEN.actions, _D.REVOKE), _O.ADMITTED)
    return {
        **others_pass(stage),
        _C.LEFT: Cell(_S.EMPTY, (_D.ABANDON, _D.REVOKE), _O.TURNED_BACK),
        _C.GONE_UNSEEN: unseen,
        _C.ENTERED: Cell(_S.CROSSING, (_D.ENTER,)),
        # To the guard its admission is used by nobody.
        _C.ENTERED_UNFELT: Cell(_S.CROSSING_UNFELT, (_D.ENTER, _D.REVOKE)),
        _C.ENTERED_UNADMITTED: Cell(_S.CROSSING_UNADMITTED, (_D.ENTER, _D.REVOKE)),
        _C.CROSSED: Cell(_S.EMPTY, passed, _O.ADMITTED),
        _C.CROSSED_SEVERAL: Cell(_S.EMPTY, (*passed, _D.TAILGATERS), _O.ADMITTED),
        _C.BARRIER_REFUSED: doubted,
        _C.ENTRY_TIMEOUT: doubted,
        # He has passed, perhaps, and another may stand in his place.
        _C.TIMEOUT_UNSEEN: Cell(_S.DOUBTED, (_D.REREAD, _D.DECIDE, _D.REVOKE)),
        _C.TIMEOUT_GONE: Cell(_S.EMPTY, (_D.ABANDON, _D.REVOKE), _O.ABANDONED),
        _C.FOUND_GONE_ARM_UP: unseen,
        _C.FOUND_UNDER_ARM: Cell(stage, (_D.TELL_UNOBSERVED,)),
        _C.SWAPPED: Cell(_S.READING, (_D.ABANDON, _D.REVOKE, _D.BEGIN), _O.SWAPPED),
        _C.ANOTHER: Cell(_S.REREADING, (_D.REREAD, _D.REVOKE)),
        _C.CHANGED: doubted,
        _C.SEVERAL: doubted,
    }


def crossing(stage: Stage, outcome: Outcome, *more: LaneAction) -> dict[Cue, Cell]:
    """The admitted vehicle is under the arm: what is said of it now comes too late."""
    passed = (_D.COMPLETE, _D.SPEND, *more)
    # Who passed behind it while nothing was read, nobody saw.
    recorded = Cell(stage, (_D.TELL_UNOBSERVED,))
    return {
        **others_pass(stage),
        **not_its_own(stage),
        _C.FOUND_UNDER_ARM: recorded,
        _C.FOUND_STANDING: recorded,
        _C.FOUND_GONE_ARM_UP: recorded,
        _C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,), _O.REVERSED_OUT),
        _C.ENTERED_UNADMITTED: Cell(stage, (_D.TAILGATERS,)),
        _C.CROSSED: Cell(_S.EMPTY, passed, outcome),
        _C.CROSSED_UNADMITTED: Cell(_S.EMPTY, passed, outcome),
        _C.CROSSED_SEVERAL: Cell(_S.EMPTY, (*passed, _D.TAILGATERS), outcome),
    }


def followed() -> dict[Cue, Cell]:
    passed = Cell(_S.BEHIND, (_D.COMPLETE, _D.SPEND, _D.BEGIN), _O.ADMITTED)
    return {
        _C.FOLLOWED: Cell(_S.CROSSING_FOLLOWED, (_D.FOLLOW,)),
        # He was the one behind; whoever stands there besides is felt by the loop.
        _C.SLIPPED_PAST: Cell(_S.CROSSING, (_D.STRANGER,), _O.PASSED_UNADMITTED),
        _C.CROSSED: passed,
        _C.CROSSED_UNADMITTED: passed,
    }


def unadmitted(stage: Stage, outcome: Outcome, actions: tuple[LaneAction, ...]) -> dict[Cue, Cell]:
    passed = Cell(_S.EMPTY, actions, outcome)
    return {
        **others_pass(stage),
        **not_its_own(stage),
        _C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,), _O.REVERSED_OUT),
        _C.ENTERED_UNADMITTED: Cell(stage, (_D.TAILGATERS,)),
        _C.CROSSED: passed,
        _C.CROSSED_UNADMITTED: passed,
        _C.CROSSED_SEVERAL: Cell(_S.EMPTY, (*actions, _D.TAILGATERS), outcome),
    }


_LEFT_MEANWHILE = Cell(_S.EMPTY, (_D.ABANDON,), _O.RESUMED)
UNDER_ARM_UNADMITTED = Cell(_S.CROSSING_UNADMITTED, (_D.ENTER,))
READ_ANEW = Cell(_S.READING, (_D.REREAD,))


def resuming(stage: Stage) -> dict[Cue, Cell]:
    """Before the first look somebody who was not admitted may move already."""
    return {
        **others_pass(stage),
        _C.ENTERED: UNDER_ARM_UNADMITTED,
        _C.ENTERED_UNADMITTED: UNDER_ARM_UNADMITTED,
        _C.LEFT: _LEFT_MEANWHILE,
        _C.FOUND_UNDER_ARM: READ_ANEW,
        _C.FOUND_STANDING: READ_ANEW,
        _C.FOUND_STANDING_ARM_UP: READ_ANEW,
        # Under an arm that is up nobody knows whether he left or passed.
        _C.FOUND_GONE_ARM_UP: UNSEEN,
        _C.FOUND_GONE_ARM_DOWN: _LEFT_MEANWHILE,
    }


def resuming_on_admission() -> dict[Cue, Cell]:
    """It was admitted, or under the arm already."""
    under_arm = Cell(_S.CROSSING_RESUMED, (_D.ENTER,))
    passed = Cell(_S.EMPTY, (_D.COMPLETE, _D.SPEND, _D.TELL_UNOBSERVED), _O.RESUMED)
    return {
        _C.ENTERED: under_arm,
        _C.ENTERED_UNADMITTED: under_arm,
        _C.CROSSED: passed,
        _C.CROSSED_UNADMITTED: passed,
        _C.FOUND_UNDER_ARM: under_arm,
    }
