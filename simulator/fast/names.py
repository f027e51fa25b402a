"""Under which names the gate may record each vehicle of a case: the ways out of docs/lane.md.

A case that is not named here has the name of its vehicle's fate. A person's no is `refused`,
whatever was asked of him, but for what the vehicle itself is: in the wrong lane, a trailer alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulator.fast.guests import Fate

ADMITTED, REFUSED, RESUMED = "admitted", "refused", "resumed"
TAILGATED, UNADMITTED, BY_HAND = "tailgated", "passed_unadmitted", "arm_by_hand"
TURNED, REVERSED, ABANDONED = "turned_back", "reversed_out", "abandoned"
SWAPPED, TWO, TRAILER = "swapped", "two_vehicles", "trailer_only"
WRONG_LANE, WRONG_WAY, UNREADABLE, REFERRED = "wrong_lane", "wrong_way", "unreadable", "referred"

ONLY: Mapping[Fate, frozenset[str]] = {
    Fate.PASSES: frozenset({ADMITTED}),
    Fate.STAYS: frozenset({REFUSED}),
    Fate.FREE: frozenset({ADMITTED, REFUSED}),
}

# By hand only where somebody had raised the arm before the first one came: it stays up then.
FOLLOWS = (frozenset({ADMITTED}), frozenset({TAILGATED, UNADMITTED, BY_HAND}))
LEAVES_ASIDE = frozenset({REFUSED, SWAPPED})

NAMES: Mapping[str, tuple[frozenset[str], ...]] = {
    "wrong_lane": (frozenset({WRONG_LANE, REFUSED}),),
    "wrong_direction": (frozenset({WRONG_LANE, REFUSED}),),
    "trailer_alone": (frozenset({TRAILER}),),
    "trailer_beside_an_unsure_strange_tractor": (frozenset({TRAILER}),),
    "swapped_while_waiting_read_surely": (LEAVES_ASIDE, frozenset({REFUSED})),
    "swapped_while_waiting_read_unsurely": (LEAVES_ASIDE, frozenset({REFUSED, UNREADABLE})),
    "a_persons_word_for_the_one_before": (LEAVES_ASIDE, frozenset({REFUSED, UNREADABLE})),
    "handed_over_during_a_restart": (
        frozenset({ADMITTED, SWAPPED, RESUMED}),
        # Where the service is back before they change places, the arm may be up for the first.
        frozenset({REFUSED, UNADMITTED}),
    ),
    "restart_while_crossing": (frozenset({ADMITTED, RESUMED}),),
    "restart_with_a_drawbar_half_way": (frozenset({RESUMED}),),
    "tailgater": FOLLOWS,
    "tailgater_at_a_metre": FOLLOWS,
    "two_tailgaters": (*FOLLOWS, FOLLOWS[1]),
    "car_bumper_to_bumper": FOLLOWS,
    "declared_tailgater_at_a_metre": (FOLLOWS[0], FOLLOWS[1] | {ADMITTED}),
    "motorcycle_behind_a_truck": FOLLOWS,
    "motorcycle_beside_the_closed_arm": (frozenset({UNADMITTED, TAILGATED}),),
    "motorcycle_with_a_trucks_plate": (LEAVES_ASIDE,),
    "turns_back_at_the_line": (frozenset({TURNED, ADMITTED, ABANDONED}),),
    "turns_back_when_let_in": (frozenset({TURNED}),),
    # The nose is 0.1 m over the line: the safety loop may not have seen it.
    "reverses_out_before_the_beam": (frozenset({REVERSED, TURNED}), frozenset({ADMITTED})),
    "reverses_out_beyond_the_beam": (frozenset({REVERSED}), frozenset({ADMITTED})),
    "dawdles": (frozenset({TURNED, ABANDONED}),),
    "breaks_through": (frozenset({UNADMITTED}),),
    "through_an_arm_that_stands_open": (frozenset({BY_HAND, UNADMITTED, TAILGATED}),),
    # On the entry loop, before he is through, he looks like one who comes and goes again: like the
    # one who waits before it, and is read meanwhile.
    "from_the_other_side": (frozenset({ADMITTED, TURNED}), frozenset({WRONG_WAY, ABANDONED})),
    "moved_to_another_lane_while_admitted": (frozenset({WRONG_LANE}),),
    "another_trailer_than_declared": (frozenset({TWO}),),
    "two_side_by_side": (frozenset({ADMITTED, TAILGATED}),),
    "leaves_while_a_person_looks": (frozenset({REFUSED, UNREADABLE, REFERRED}),),
}
"""Case -> what each of its vehicles may be recorded as, in their order."""


STOOD_MEANWHILE = frozenset({RESUMED, SWAPPED, ABANDONED, UNREADABLE})
"""Of who stood there when the service went, or came, and whom it has lost sight of; unsurely read
afterwards, he may have no patience left for a person's look."""

ENTERED_MEANWHILE = frozenset({RESUMED, TAILGATED, UNADMITTED, BY_HAND})
"""Of who went under the arm while it was away."""


def names_of(case: str, at: int, fate: Fate) -> frozenset[str]:
    """What the vehicle at that place of the case may be recorded as."""
    named = NAMES.get(case, ())
    return named[at] if at < len(named) else ONLY[fate]
