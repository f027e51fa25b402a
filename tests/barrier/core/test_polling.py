"""Whose poll slot is next on a shared wire."""

from edge.barrier.core.polling import DEAD_AFTER, PollSlot, pick

FRESH_S = 0.5
POLL_S = 0.02


def played(seconds, **lanes):
    """How often each lane is polled, and the longest it waits, when a poll takes 20 ms."""
    now, polled, waits = 100.0, dict.fromkeys(lanes, 0), dict.fromkeys(lanes, 0.0)
    at = dict.fromkeys(lanes, now)
    while now < 100.0 + seconds:
        slots = [PollSlot(at[n], FRESH_S, **how) for n, how in lanes.items()]
        chosen, wait = pick(slots, now)
        if chosen is None:
            assert wait > 0
            now += wait
            continue
        name = list(lanes)[chosen]
        waits[name] = max(waits[name], now - at[name])
        at[name], polled[name] = now, polled[name] + 1
        now += POLL_S
    return polled, waits


def test_lanes_at_rest_are_polled_alike():
    polled, _ = played(10, a={}, b={}, c={})
    assert max(polled.values()) - min(polled.values()) <= 1


def test_a_closing_lane_comes_first_and_no_other_becomes_stale():
    polled, waits = played(10, a={"closing": True}, b={}, c={})
    assert polled["a"] > 8 * polled["b"]
    assert waits["a"] < 4 * POLL_S
    assert max(waits["b"], waits["c"]) < FRESH_S


def test_a_dead_board_is_asked_seldom_and_never_while_an_arm_comes_down():
    polled, _ = played(10, a={}, dead={"misses": DEAD_AFTER})
    assert polled["dead"] <= 11
    polled, _ = played(10, a={"closing": True}, dead={"misses": DEAD_AFTER})
    assert polled["dead"] == 0


def test_a_board_that_has_missed_a_reading_is_asked_less_but_for_an_arm_that_comes_down():
    polled, _ = played(10, a={}, missed={"misses": DEAD_AFTER - 1})
    assert polled["missed"] <= 101
    polled, _ = played(10, a={"closing": True, "misses": DEAD_AFTER - 1})
    assert polled["a"] > 400


def test_a_wire_with_nothing_but_dead_boards_is_still_asked():
    polled, _ = played(10, dead={"misses": DEAD_AFTER, "closing": True})
    assert polled["dead"] > 5


def test_an_arm_that_is_up_over_somebody_is_looked_at_while_another_closes():
    """It may come down by itself; two looks tell."""
    polled, waits = played(10, a={"closing": True}, b={"watched": True}, c={})
    assert waits["b"] < 0.1 + 2 * POLL_S
    assert waits["c"] > 0.2
    assert polled["a"] > 2 * polled["b"]


def test_one_that_is_looked_at_so_is_asked_no_more_often_at_rest():
    polled, _ = played(10, a={"watched": True}, b={})
    assert abs(polled["a"] - polled["b"]) <= 1
