"""Every reachable state of the guard's core, walked through, with the invariants checked on each.

The abstract lane: each input may change at any tick, the arm's switches follow the commanded motion
or stick, readings may fail, requests may come. Times are whole ticks, so that states repeat and
the walk ends. A broken invariant prints the way there.
"""

from collections import deque
from dataclasses import replace

from edge.barrier import safety
from edge.barrier.outputs import Outputs, Pulse
from edge.barrier.safety import (
    Authorised,
    Missed,
    Ordered,
    Revoked,
    Sampled,
    begin,
    may_close,
    step,
)
from edge.barrier.sensing import obstructed
from edge.barrier.state import Drive, Limits
from edge.barrier.table import TABLE, Deed, Phase, Signal
from edge.commands import Action, Order

WIRED = frozenset({"safety_loop", "limit_open", "limit_closed", "stop", "fire"})
LIMITS = Limits(2.5, 1.0, 1.0, 1.0, 4.0, 1, True)
"""One tick is one second here."""

MOST_STATES = 40_000
HORIZON = 6.0
"""Older times are all the same age."""


def key(b):
    """The state without absolute time, so that like states are one."""

    def age(at):
        return None if at is None else min(HORIZON, NOW[0] - at)

    return (
        b.phase, b.authorisation, b.opened_by, b.inside, b.inside_by, b.close_due, b.open_ordered,
        b.held_open, b.locked, b.in_service, b.failed, b.retries, b.green, bool(b.lost),
        b.stop_told, tuple(sorted(b.senses.believed.items())),
        tuple(sorted(b.senses.clear_runs.items())), b.senses.doubt, age(b.senses.read_at),
        age(b.since), age(b.moved_at), age(b.clear_since),
    )  # fmt: skip


NOW = [0.0]


def inputs_after(b, loop, stop, fire, stuck):
    """The switches as the physical arm would show them."""
    moving = NOW[0] - b.moved_at >= 1.0 and not stuck
    return {
        "safety_loop": loop,
        "stop": stop,
        "fire": fire,
        "limit_open": b.phase is Phase.OPEN or (b.phase is Phase.OPENING and moving),
        "limit_closed": b.phase in (Phase.CLOSED, Phase.UNREAD)
        or (b.phase is Phase.CLOSING and moving),
    }


def moves(b):
    """Everything that may happen at this tick."""
    for loop in (False, True):
        yield f"loop {loop}", Sampled(inputs_after(b, loop, False, False, False))
    yield "stop", Sampled(inputs_after(b, False, True, False, False))
    yield "fire", Sampled(inputs_after(b, False, False, True, False))
    yield "stuck", Sampled(inputs_after(b, False, False, False, True))
    yield "missed", Missed()
    yield "authorised", Authorised("a")
    yield "revoked", Revoked("a")
    for action in (Action.OPEN, Action.CLOSE, Action.LOCK, Action.UNLOCK, Action.STOP):
        yield action.value, Ordered(Order("o", action, "x", ""))


def forget(b):
    """Used authorisations and learned times do not matter to the walk."""
    return replace(b, used=(), travel={})


def check(before, name, done, now):
    """The invariants on one step; what is broken, or ""."""
    b = done.barrier
    for effect in done.effects:
        if effect == Drive(Deed.CLOSE):
            if obstructed(b.senses) or not b.senses.fresh(now, LIMITS.fresh_s):
                return "closes although something is, or may be, under the arm"
            if b.senses.on("stop") or not b.in_service:
                return "closes against a stop"
            if b.held_open or b.authorisation or b.inside:
                return "closes on somebody admitted"
            if before.phase is Phase.UNREAD:
                return "moves before the inputs are read"
        if effect == Drive(Deed.OPEN):
            if before.phase is Phase.UNREAD and b.senses.read_at != now:
                return "moves before the inputs are read"
            if b.senses.on("stop"):
                return "opens against a stop"
            turned = before.phase in (Phase.CLOSING, Phase.OPENING)
            if b.locked and not turned and not b.senses.on("fire"):
                return "opens although locked"
    if b.phase is Phase.CLOSING and obstructed(b.senses):
        return "goes on closing onto something"
    if b.green and not (b.phase is Phase.OPEN and b.senses.on("limit_open")):
        return "green without a fully open arm"
    if b.phase is Phase.CLOSING and b.senses.on("stop"):
        return "goes on closing against a stop"
    return ""


def explore():
    """(states seen, broken invariants with the way there)."""
    NOW[0] = 100.0
    start = begin("x", LIMITS, WIRED, NOW[0])
    seen = {key(start): None}
    queue = deque([(start, NOW[0], ())])
    while queue and len(seen) < MOST_STATES:
        b, now, way = queue.popleft()
        NOW[0] = now
        for name, given in list(moves(b)):
            then = now + 1.0
            done = step(b, given, then)
            NOW[0] = then
            wrong = check(b, name, done, then)
            if wrong:
                return len(seen), f"{wrong}: {' > '.join((*way, name))}"
            after = forget(done.barrier)
            k = key(after)
            if k not in seen:
                seen[k] = None
                queue.append((after, then, (*way, name)[-25:]))
            NOW[0] = now
    return len(seen), ""


def test_no_reachable_state_breaks_an_invariant():
    states, wrong = explore()
    assert wrong == ""
    assert states > 2000


def test_the_table_needs_each_of_its_guards():
    """Mutation of the table itself: each of these cells, weakened, is caught by the walk."""
    weakened = [
        ((Phase.CLOSING, Signal.OBSTRUCTED), (Phase.CLOSING, Deed.NONE)),
        ((Phase.CLOSING, Signal.STOP), (Phase.CLOSING, Deed.NONE)),
        ((Phase.OPEN, Signal.OBSTRUCTED), (Phase.CLOSING, Deed.CLOSE)),
        ((Phase.OPEN, Signal.NOTHING), (Phase.CLOSING, Deed.CLOSE)),
        ((Phase.STOPPED, Signal.STOP), (Phase.OPENING, Deed.OPEN)),
        ((Phase.CLOSED, Signal.NOTHING), (Phase.OPENING, Deed.CLOSE)),
    ]
    for cell, worse in weakened:
        good = TABLE[cell]
        TABLE[cell] = worse
        try:
            _, wrong = explore()
            walked = wrong != "" or not reachable(cell)
        finally:
            TABLE[cell] = good
        assert walked, f"{cell} may be {worse} and nobody notices"


def reachable(cell):
    """Whether the signal can come up in that phase at all."""
    phase, signal = cell
    return not (phase is Phase.OPEN and signal is Signal.OBSTRUCTED)


def test_the_rule_for_closing_needs_every_condition():
    """Mutation of `may_close`: without any of its inputs' conditions the answer changes."""
    clear = dict.fromkeys(WIRED, False)
    b = begin("x", LIMITS, WIRED, 0.0)
    b = replace(b, phase=Phase.OPEN)
    for now in (1.0, 2.0, 3.0, 4.0):
        b = step(b, Sampled({**clear, "limit_open": True}), now).barrier
    assert may_close(b, 4.0)
    assert not may_close(b, 4.0 + LIMITS.fresh_s)
    assert not may_close(replace(b, inside=True), 4.0)
    assert not may_close(replace(b, held_open=True), 4.0)
    assert not may_close(replace(b, authorisation="a"), 4.0)
    assert not may_close(replace(b, clear_since=3.5), 4.0)
    assert not may_close(replace(b, clear_since=None), 4.0)
    occupied = step(b, Sampled({**clear, "limit_open": True, "safety_loop": True}), 4.0).barrier
    assert not may_close(occupied, 4.0)


def test_pulses_of_the_walk_respect_the_dead_time():
    out = Outputs(frozenset({"open", "close"}), 0.5, 0.5)
    out, _ = out.asked(Drive(Deed.CLOSE), 1.0)
    out, writes = out.asked(Drive(Deed.OPEN), 1.1)
    assert not any(isinstance(w, Pulse) for w in writes)
    assert safety.ENTRY_TIMEOUT == "entry_timeout"
