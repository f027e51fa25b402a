"""PURE. What the sensors together say of the vehicle under the arm: which way it went, how sure
that is, and which sensor has not told of it.

The weights of `sureness` are judgement, not measurement: the probability that one sensor's word
alone is right. They join as independent ones.
"""

from __future__ import annotations

import math
from dataclasses import replace

from edge.barrier.core.sensing import SAFETY, InputState
from edge.barrier.core.state import Barrier, Crossing, Exit, Step, Way, reported
from edge.domain.alarm_codes import AlarmCode, Params
from edge.domain.facts import GuardAlarm

GAP_S = 0.3
"""Nothing is seen between two vehicles for longer: both sensors miss a moment of one that is
shorter."""

BACK_OFF_S = 2.0
"""Maximum seconds that a vehicle is between two loops, seen by neither."""

SILENT_PASSAGES = 3
"""Vehicles in a row that only the other sensors saw, after which a sensor is reported as silent."""

SENSORS = ("entry_loop", *SAFETY, "exit_loop")

ORDER, BEAM, EXIT = 0.9, 0.5, 0.95
"""How much the order of the loops, the beam and the exit loop each say of a direction."""


def loop_of(b: Barrier) -> str:
    """The sensor that tells of a vehicle under the arm."""
    return "safety_loop" if "safety_loop" in b.input_state.wired else "photocell"


def sensors_on(s: InputState) -> frozenset[str]:
    return frozenset(name for name in SENSORS if s.on(name))


def exit_seen(b: Barrier) -> Exit:
    """What the exit loop says of the vehicle that is inside, or enters. While it is not known
    nobody has left it."""
    on, c = b.input_state.on("exit_loop"), b.crossing
    if not (c.inside or c.slipping):
        return Exit.BEFORE if on else Exit.NO
    if c.exit is Exit.BEFORE:
        return Exit.LEFT if on is False else Exit.BEFORE
    if b.input_state.counts("exit_loop"):
        return Exit.ON
    return Exit.PASSED if c.exit is Exit.ON and on is False else c.exit


def way_of(b: Barrier, clear_s: float, now: float) -> Way:
    """Which way the vehicle has gone that has been seen by nothing under the arm for so long;
    UNKNOWN while it may still be there."""
    c = b.crossing
    if clear_s < GAP_S:
        return Way.UNKNOWN
    if c.line is not Way.UNKNOWN:
        return c.line
    if c.exit is Exit.PASSED:
        return Way.FORWARD
    leaves = c.leaving_at is not None and now - c.leaving_at >= BACK_OFF_S
    kept = c.entry_kept and not leaves
    if kept or c.exit is Exit.ON or (c.exit is Exit.BEFORE and exit_would_know(b)):
        # It has not left yet: a long bed may stand under the arm, seen by nothing; also where it
        # is so close behind another one that the exit loop has had no break between them.
        return Way.UNKNOWN
    if c.released_at is not None:
        # It left the entry loop last; or its rear is between the loops.
        return Way.UNKNOWN if now - c.released_at < BACK_OFF_S else Way.BACK
    if not exit_would_know(b) or c.exit is not Exit.NO or not c.arrived:
        return Way.FORWARD
    # Somebody is on the entry loop again, and nobody has left the exit loop: it has turned back,
    # or that is its rear, with a long bed or drawbar under the arm.
    return Way.UNKNOWN


def may_follow(b: Barrier) -> bool:
    """Whether the one who came to the entry loop behind the one under the arm may be there too: a
    safety sensor had a break and has come on since."""
    s = b.input_state
    came = s.fronts.get("entry_loop", math.inf) if b.crossing.behind else math.inf
    return any(s.counts(name) and s.fronts.get(name, came) > came for name in SAFETY)


def exit_since(b: Barrier) -> Exit:
    """What the exit loop says of the one under the arm of whom nobody has told: a long one is on it
    before he has left the entry loop."""
    fronts = b.input_state.fronts
    under = min((fronts[name] for name in SAFETY if name in fronts), default=math.inf)
    own = b.input_state.counts("exit_loop") and fronts.get("exit_loop", under) > under
    return Exit.ON if own else exit_seen(b)


def exit_would_know(b: Barrier) -> bool:
    """Whether a vehicle that goes through is seen by the exit loop."""
    wired = "exit_loop" in b.input_state.wired
    return wired and b.silent.get("exit_loop", 0) < SILENT_PASSAGES


def sureness(b: Barrier, c: Crossing) -> float:
    """How sure the direction is, 0 to 1."""
    doubts = 1.0
    if c.in_order and "entry_loop" in b.input_state.wired and not c.found:
        doubts *= 1 - ORDER
    if "photocell" in c.seen:
        doubts *= 1 - BEAM
    if c.exit in (Exit.ON, Exit.PASSED):
        doubts *= 1 - EXIT
    if c.line is not Way.UNKNOWN:
        doubts *= 1 - c.line_sure
    return round(1 - doubts, 4)


def checked(b: Barrier) -> Step:
    """After a passage: which of the sensors have not told of it, for how many in a row."""
    if b.crossing.found:
        return Step(b)
    wired = [name for name in SENSORS if name in b.input_state.wired]
    # An exit loop that has been on since before has told of nobody: it may be stuck.
    spoke = b.crossing.seen - ({"exit_loop"} if b.crossing.exit is Exit.BEFORE else set())
    silent = {n: 0 if n in spoke else b.silent.get(n, 0) + 1 for n in wired}
    names = tuple(n for n, times in silent.items() if times >= SILENT_PASSAGES)
    b = replace(b, silent={n: min(times, SILENT_PASSAGES) for n, times in silent.items()})
    if bool(names) == b.reported.silent:
        return Step(b)
    figures: Params = {"sensors": names, "times": SILENT_PASSAGES} if names else {}
    alarm = GuardAlarm(b.lane, AlarmCode.SENSOR_SILENT, bool(names), figures)
    return reported(replace(b, reported=replace(b.reported, silent=bool(names))), [alarm])
