"""PURE. The lane's table: stage x cue -> next stage and actions. It is total.

A cue is what the lane concludes from a fact (from_facts.py, cues.py); an action is what is
recorded, asked of the guard or told (actions.py, telling.py). A pair that should not happen holds.
One invariant stands in it in place of flags: an admission holds while its reasons hold, so whatever
ends one of them leaves ADMITTED and LET_IN by a cell with REVOKE. docs/lane.md prints the table,
drawn by `tools/draw_lane.py`.
"""

from __future__ import annotations

from edge.lane.cells import (
    DECIDES,
    PERSON_DECIDES,
    UNADMITTED_PASSES,
    UNDER_ARM_UNADMITTED,
    UNSEEN,
    Cell,
    crossing,
    followed,
    let_through,
    only_a_person,
    others_pass,
    resuming,
    resuming_on_admission,
    row,
    standing,
    unadmitted,
)
from edge.lane.vocabulary import Cue, LaneAction, Outcome, Stage

_S, _C, _D, _O = Stage, Cue, LaneAction, Outcome

_SOME_PASSED = Cell(_S.EMPTY, (*UNADMITTED_PASSES, _D.TELL_UNOBSERVED), _O.PASSED_UNADMITTED)
_BEGUN_UNDER_ARM = Cell(_S.CROSSING_UNADMITTED, (_D.BEGIN, _D.ENTER))

TABLE: dict[tuple[Stage, Cue], Cell] = {
    **row(
        _S.EMPTY,
        others_pass(_S.EMPTY),
        {
            _C.ARRIVED: Cell(_S.READING, (_D.BEGIN,)),
            _C.ENTERED_UNADMITTED: _BEGUN_UNDER_ARM,
        },
    ),
    **row(
        _S.READING,
        standing(_S.READING),
        DECIDES,
        {_C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,), _O.ABANDONED)},
    ),
    **row(
        _S.REREADING,
        standing(_S.REREADING),
        DECIDES,
        {_C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,), _O.ABANDONED)},
    ),
    **row(_S.REFERRED, standing(_S.REFERRED), DECIDES, PERSON_DECIDES),
    **row(_S.REFUSED, standing(_S.REFUSED), DECIDES, PERSON_DECIDES),
    **row(_S.DOUBTED, standing(_S.DOUBTED), PERSON_DECIDES, only_a_person(_S.DOUBTED)),
    **row(_S.REJECTED, standing(_S.REJECTED), PERSON_DECIDES, only_a_person(_S.REJECTED)),
    **row(
        _S.ADMITTED,
        let_through(_S.ADMITTED),
        {
            _C.ALLOWED: Cell(_S.ADMITTED, (_D.DECIDE,)),
            _C.REFUSED: Cell(_S.REFUSED, (_D.DECIDE, _D.REVOKE)),
            _C.REFERRED: Cell(_S.REFERRED, (_D.DECIDE, _D.REVOKE)),
            _C.FAILED: Cell(_S.DOUBTED, (_D.DECIDE, _D.REVOKE)),
        },
    ),
    # A person's word stands against the list and against a fault of ours.
    **row(
        _S.LET_IN,
        let_through(_S.LET_IN),
        {_C.CHANGED: Cell(_S.LET_IN), _C.SEVERAL: Cell(_S.LET_IN)},
    ),
    **row(
        _S.CROSSING,
        crossing(_S.CROSSING, _O.ADMITTED),
        {
            _C.ARRIVED: Cell(_S.CROSSING_FOLLOWED),
            _C.FOLLOWED: Cell(_S.CROSSING_FOLLOWED, (_D.FOLLOW,)),
        },
    ),
    **row(
        _S.CROSSING_FOLLOWED,
        crossing(_S.CROSSING_FOLLOWED, _O.ADMITTED),
        followed(),
    ),
    **row(
        _S.CROSSING_UNADMITTED,
        unadmitted(_S.CROSSING_UNADMITTED, _O.PASSED_UNADMITTED, UNADMITTED_PASSES),
        {_C.TAILGATED: Cell(_S.TAILGATING, (_D.TELL_TAILGATE,))},
    ),
    **row(
        _S.CROSSING_UNFELT,
        crossing(_S.CROSSING_UNFELT, _O.ADMITTED),
        {
            _C.ARRIVED: Cell(_S.CROSSING_FOLLOWED),
            _C.FOLLOWED: Cell(_S.CROSSING_FOLLOWED, (_D.FOLLOW,)),
            _C.FOUND_GONE_ARM_UP: Cell(_S.EMPTY, UNSEEN.actions, _O.ADMITTED),
        },
    ),
    **row(
        _S.CROSSING_RESUMED,
        crossing(_S.CROSSING_RESUMED, _O.RESUMED, _D.TELL_UNOBSERVED),
        {
            _C.ARRIVED: Cell(_S.CROSSING_FOLLOWED, (_D.TELL_UNOBSERVED,)),
            _C.FOLLOWED: Cell(_S.CROSSING_FOLLOWED, (_D.FOLLOW, _D.TELL_UNOBSERVED)),
            _C.LEFT: Cell(_S.EMPTY, (_D.ABANDON, _D.TELL_UNOBSERVED), _O.RESUMED),
            _C.FOUND_GONE_ARM_UP: UNSEEN,
        },
    ),
    **row(_S.TAILGATING, unadmitted(_S.TAILGATING, _O.TAILGATED, (_D.COMPLETE,))),
    **row(
        _S.BEHIND,
        others_pass(_S.BEHIND),
        {
            _C.STANDS: Cell(_S.READING),
            _C.ARRIVED: Cell(_S.READING),
            _C.GONE_WITH_FIRST: Cell(_S.EMPTY, (_D.COMPLETE, _D.TELL_TAILGATE), _O.TAILGATED),
            _C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,), _O.ABANDONED),
            _C.ENTERED_UNADMITTED: UNDER_ARM_UNADMITTED,
        },
    ),
    **row(
        _S.RESUMING_EMPTY,
        others_pass(_S.RESUMING_EMPTY),
        {
            _C.ENTERED_UNADMITTED: _BEGUN_UNDER_ARM,
            _C.FOUND_UNDER_ARM: Cell(_S.EMPTY),
            _C.FOUND_STANDING: Cell(_S.EMPTY),
            _C.FOUND_GONE_ARM_UP: Cell(_S.EMPTY),
            _C.FOUND_GONE_ARM_DOWN: Cell(_S.EMPTY),
        },
    ),
    **row(_S.RESUMING_STANDING, resuming(_S.RESUMING_STANDING)),
    # Who was rejected is not let in by the list because the service began anew.
    **row(
        _S.RESUMING_REJECTED,
        resuming(_S.RESUMING_REJECTED),
        {
            _C.FOUND_UNDER_ARM: Cell(_S.DOUBTED, (_D.REREAD, _D.DECIDE)),
            _C.FOUND_STANDING: Cell(_S.DOUBTED, (_D.REREAD, _D.DECIDE)),
            _C.FOUND_STANDING_ARM_UP: Cell(_S.DOUBTED, (_D.REREAD, _D.DECIDE)),
        },
    ),
    **row(
        _S.RESUMING_ADMITTED,
        resuming(_S.RESUMING_ADMITTED),
        resuming_on_admission(),
    ),
    **row(
        _S.RESUMING_CROSSING,
        resuming(_S.RESUMING_CROSSING),
        resuming_on_admission(),
        {
            _C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,), _O.REVERSED_OUT),
            _C.FOUND_STANDING: UNSEEN,
            _C.FOUND_GONE_ARM_DOWN: UNSEEN,
        },
    ),
    # The guard that began again tells its end only where it has seen its beginning.
    **row(
        _S.RESUMING_UNADMITTED,
        # One is recorded; how many were close behind him nobody can say.
        unadmitted(_S.RESUMING_UNADMITTED, _O.PASSED_UNADMITTED, _SOME_PASSED.actions),
        {
            _C.ENTERED: Cell(_S.CROSSING_UNADMITTED, (_D.TELL_UNOBSERVED,)),
            _C.ENTERED_UNADMITTED: Cell(_S.CROSSING_UNADMITTED, (_D.TELL_UNOBSERVED,)),
            _C.FOUND_STANDING: _SOME_PASSED,
            _C.FOUND_GONE_ARM_UP: _SOME_PASSED,
            _C.FOUND_GONE_ARM_DOWN: _SOME_PASSED,
        },
    ),
}
