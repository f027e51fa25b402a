"""Single conditions that the walk cannot tell apart, because another one says the same."""

from dataclasses import replace

from edge.barrier.core.safety import Sampled, begin, step
from edge.barrier.core.signals import may_close, signal
from edge.barrier.core.state import CloseWish
from edge.barrier.core.table import Phase, Signal
from tests.support.barrier.explorer import LIMITS

WIRED = frozenset({"safety_loop", "limit_open", "limit_closed", "fire", "manual_open"})
CLEAR = {**dict.fromkeys(WIRED, False), "limit_open": True}


def an_open_barrier(limits=LIMITS, **inputs):
    """Open, looked at four times, everything clear, at 4.0."""
    b = begin("x", limits, WIRED)
    for now in (1.0, 2.0, 3.0, 4.0):
        b = step(b, Sampled({**CLEAR, **inputs}), now).barrier
    return b


def test_the_rule_for_closing_needs_every_condition():
    b = an_open_barrier()
    assert may_close(b, 4.0)
    assert not may_close(b, 4.0 + LIMITS.fresh_s)
    assert not may_close(replace(b, crossing=replace(b.crossing, inside=True)), 4.0)
    assert not may_close(replace(b, modes=replace(b.modes, held_open=True)), 4.0)
    assert not may_close(replace(b, green=True), 4.0)
    assert not may_close(replace(b, claim=replace(b.claim, authorisation="a")), 4.0)
    assert not may_close(replace(b, clear_since=3.5), 4.0)
    assert not may_close(replace(b, clear_since=None), 4.0)
    for name in ("safety_loop", "fire", "manual_open"):
        assert not may_close(an_open_barrier(**{name: True}), 4.0)


def test_a_fire_contact_that_is_not_to_open_does_not():
    deaf = replace(LIMITS, open_on_fire=False)
    b = an_open_barrier(deaf, fire=True, limit_open=False, limit_closed=True)
    assert b.phase is Phase.CLOSED
    assert may_close(an_open_barrier(deaf, fire=True), 4.0)


def test_a_wish_to_close_is_heard_only_where_an_arm_is_up_and_at_rest():
    b = an_open_barrier()
    due = replace(b.claim, close_wish=CloseWish.PASSAGE)
    up = replace(b, claim=due, motion=replace(b.motion, moved_at=4.0))
    off = replace(up.input_state, believed=dict.fromkeys(WIRED, False), on_runs={}, on_since={})
    on_its_way = replace(up, input_state=off)
    heard = {p for p in Phase if signal(replace(on_its_way, phase=p), 4.0) is Signal.WISH_CLOSE}
    assert heard <= {Phase.OPEN, Phase.STOPPED}
    assert signal(up, 4.0) is Signal.WISH_CLOSE
    assert signal(replace(on_its_way, phase=Phase.STOPPED), 4.0) is Signal.WISH_CLOSE
