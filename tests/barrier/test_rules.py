"""Single conditions that the walk cannot tell apart, because another one says the same."""

from dataclasses import replace

from explorer import LIMITS

from edge.barrier.safety import Sampled, begin, step
from edge.barrier.signals import may_close
from edge.barrier.table import Phase

WIRED = frozenset({"safety_loop", "limit_open", "limit_closed", "fire", "manual_open"})
CLEAR = {**dict.fromkeys(WIRED, False), "limit_open": True}


def an_open_barrier(limits=LIMITS, **inputs):
    """Open, looked at four times, everything clear, at 4.0."""
    b = begin("x", limits, WIRED, 0.0)
    for now in (1.0, 2.0, 3.0, 4.0):
        b = step(b, Sampled({**CLEAR, **inputs}), now).barrier
    return b


def test_the_rule_for_closing_needs_every_condition():
    b = an_open_barrier()
    assert may_close(b, 4.0)
    assert not may_close(b, 4.0 + LIMITS.fresh_s)
    assert not may_close(replace(b, inside=True), 4.0)
    assert not may_close(replace(b, held_open=True), 4.0)
    assert not may_close(replace(b, green=True), 4.0)
    assert not may_close(replace(b, authorisation="a"), 4.0)
    assert not may_close(replace(b, clear_since=3.5), 4.0)
    assert not may_close(replace(b, clear_since=None), 4.0)
    for name in ("safety_loop", "fire", "manual_open"):
        assert not may_close(an_open_barrier(**{name: True}), 4.0)


def test_a_fire_contact_that_is_not_to_open_does_not():
    deaf = replace(LIMITS, open_on_fire=False)
    b = an_open_barrier(deaf, fire=True, limit_open=False, limit_closed=True)
    assert b.phase is Phase.CLOSED
    assert may_close(an_open_barrier(deaf, fire=True), 4.0)
