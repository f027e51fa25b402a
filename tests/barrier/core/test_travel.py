"""The learned travel time and its drift."""

from edge.barrier.core.travel import LEARN_MOTIONS, Travel, plausible_s


def after(seconds, times, travel=None, commissioned=2.0):
    travel = travel or Travel()
    for _ in range(times):
        travel = travel.after(seconds, commissioned)
    return travel


def test_the_first_motions_are_the_usual_time():
    travel = after(1.5, LEARN_MOTIONS)
    assert travel.usual_s == 1.5
    assert not travel.drifting


def test_one_slow_motion_tells_and_the_next_ordinary_one_ends_it():
    slow = after(2.6, 1, after(1.5, LEARN_MOTIONS))
    assert slow.drifting
    assert not after(1.5, 3, slow).drifting


def test_a_drive_that_creeps_is_told_although_each_motion_is_little_slower():
    travel, seconds = after(1.5, LEARN_MOTIONS), 1.5
    while not travel.drifting and seconds < 2.2:
        seconds += 0.02
        travel = travel.after(seconds, 2.0)
    assert travel.drifting
    assert seconds < 2.2


def test_slower_than_commissioned_is_told_although_it_was_learned_so():
    assert after(2.4, LEARN_MOTIONS, commissioned=2.0).drifting


def test_nothing_is_told_of_the_first_motions_before_they_are_a_usual_time():
    assert not after(2.4, LEARN_MOTIONS - 1, commissioned=2.0).drifting


def test_supervision_never_grows_beyond_what_is_configured():
    assert after(9.0, 20).supervised_s(3.0) == 3.0
    assert Travel().supervised_s(3.0) == 3.0
    assert after(1.0, 20).supervised_s(3.0) == 1.5


def down_after(opening, closing, configured=4.4):
    """How long after it began to come down the arm may be down, when both are learned."""
    learned = {"open": after(opening, LEARN_MOTIONS), "close": after(closing, LEARN_MOTIONS)}
    return plausible_s(learned, configured)


def test_an_arm_is_not_down_much_sooner_than_it_usually_is():
    assert 3.7 < down_after(3.5, 4.0) <= 4.0


def test_a_lower_switch_that_is_sooner_reached_than_the_upper_one_teaches_nothing():
    """Adjusted to half way it would teach that an arm is down which has a third of its way left."""
    assert down_after(3.5, 2.8) > 4.1


def test_a_closing_that_is_a_little_quicker_than_the_opening_is_learned():
    assert down_after(3.5, 3.3) < 3.5


def test_nothing_is_plausible_sooner_than_half_of_what_is_configured():
    assert down_after(0.5, 0.5) > 2.0


def test_a_learned_time_that_is_longer_than_configured_counts_as_configured():
    assert down_after(6.0, 6.0) < 4.4


def test_before_both_motions_are_learned_the_configured_time_counts():
    assert plausible_s({}, 4.4) == plausible_s({"close": after(2.0, LEARN_MOTIONS)}, 4.4) > 4.1
    few = {"open": after(2.0, LEARN_MOTIONS), "close": after(2.0, LEARN_MOTIONS - 1)}
    assert plausible_s(few, 4.4) > 4.1
