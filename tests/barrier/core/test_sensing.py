"""From samples to what may be believed."""

from edge.barrier.core.safety import Sampled, begin, step
from edge.barrier.core.sensing import blocked, doubted, obstructed, sampled, settled, unknowing
from edge.barrier.core.table import Phase
from tests.support.barrier.lane_play import LIMITS

WIRED = frozenset({"safety_loop", "photocell"})
CLEAR = {"safety_loop": False, "photocell": False}


def seen(*samples):
    input_state = unknowing(WIRED)
    for n, sample in enumerate(samples):
        input_state = sampled(input_state, {**CLEAR, **sample}, float(n))
    return input_state


def test_before_the_first_sample_everything_is_occupied():
    assert obstructed(unknowing(WIRED))
    assert not settled(unknowing(WIRED))


def test_one_sample_is_enough_for_occupied():
    assert obstructed(seen({}, {}, {"photocell": True}))


def test_clear_takes_two_samples():
    assert obstructed(seen({}))
    assert not obstructed(seen({}, {}))
    assert obstructed(seen({}, {}, {"safety_loop": True}, {}))


def test_a_failed_reading_is_occupied_until_two_clear_ones():
    input_state = doubted(seen({}, {}))
    assert obstructed(input_state)
    input_state = sampled(input_state, CLEAR, 3.0)
    assert obstructed(input_state)
    assert not obstructed(sampled(input_state, CLEAR, 4.0))


def test_without_any_safety_input_the_way_is_never_clear():
    bare = unknowing(frozenset({"entry_loop"}))
    assert obstructed(sampled(sampled(bare, {"entry_loop": False}, 0), {"entry_loop": False}, 1))


def test_an_input_that_a_reading_lacks_is_not_known():
    input_state = sampled(seen({}, {}), {"photocell": False}, 3.0)
    assert input_state.on("safety_loop") is None
    assert obstructed(input_state)
    assert not settled(input_state)


def test_freshness_ends():
    input_state = seen({}, {})
    assert input_state.fresh(1.3, 0.5)
    assert not input_state.fresh(1.5, 0.5)
    assert not input_state.fresh(0.5, 0.5)


def test_blocked_is_what_is_seen_and_not_what_is_unknown():
    assert not blocked(unknowing(WIRED))
    assert not blocked(seen({}, {}))
    assert blocked(seen({"photocell": True}))


def test_two_clear_samples_with_a_stale_gap_between_are_not_two_in_a_row():
    """After a loss of the inputs the second sample must come while the first is fresh."""
    clear = dict.fromkeys(("safety_loop", "limit_open", "limit_closed"), False)
    for gap_s, known in ((0.2, True), (1.0, False)):
        barrier = begin("x", LIMITS, frozenset(clear))
        for now in (100.0, 100.0 + gap_s):
            barrier = step(barrier, Sampled(clear), now).barrier
        assert obstructed(barrier.input_state) is not known
        assert (barrier.phase is Phase.STOPPED) is known


def test_a_limit_switch_proves_nothing_before_three_samples_over_a_tenth_of_a_second():
    input_state = unknowing(frozenset({"limit_open"}))
    for now in (1.0, 1.02, 1.04):
        input_state = sampled(input_state, {"limit_open": True}, now)
    assert not input_state.proved("limit_open", 1.04)
    assert input_state.proved("limit_open", 1.1)
    input_state = sampled(doubted(input_state), {"limit_open": True}, 1.2)
    input_state = sampled(input_state, {"limit_open": True}, 1.25)
    input_state = sampled(input_state, {"limit_open": True}, 1.28)
    assert not input_state.proved("limit_open", 1.28)


def test_what_has_not_been_read_or_is_not_wired_is_not_steadily_on():
    assert not unknowing(WIRED).steady("safety_loop")
    assert not seen({}).steady("limit_open")
    assert seen({"safety_loop": True}).steady("safety_loop")
