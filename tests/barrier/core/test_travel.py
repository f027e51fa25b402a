"""The learned travel time and its drift."""

from edge.barrier.core.travel import LEARN_MOTIONS, Travel


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


def test_supervision_never_grows_beyond_what_is_configured():
    assert after(9.0, 20).supervised_s(3.0) == 3.0
    assert Travel().supervised_s(3.0) == 3.0
    assert after(1.0, 20).supervised_s(3.0) == 1.5
