"""Whose fault an unsafe coming down was: the guard's, or nobody's that only listens and orders.

The guard is held to what the wires showed, for as long as there was a process, a wire and a board.
A sensor that has shown something for longer than the reaction takes, and was not answered, is the
guard's fault; so is a close while the entry loop had no break since the vehicle came.
"""

from __future__ import annotations

from tests.barrier.second_world.arm import DEBOUNCE_S
from tests.barrier.second_world.monitor import Descent
from tests.barrier.second_world.site import OUTPUTS, Site

REACTS_S = 0.12
"""Two polls at 9600 baud, the turning frame, the board's work, and a step of the world."""

SHARED_S = 0.06
"""A lane more on the line is polled in between."""

BELIEVES_S = 0.1
"""That an arm has left its upper end by itself is believed after two samples, past all bouncing."""

WATCHED_S = 0.16
"""While the arm of another lane on the line comes down, those two samples lie so far apart."""

RECOVERS_S = 1.2
"""After a pause, a lost wire or a start: reopening, silence on the line, the first readings."""


ANSWER_S = 0.2
"""So long the answer to a frame is waited for before it is said again."""

LATE = "came too late"
RUN_OUT = "halted at once, run-out"
NO_STOP = "no stop wired, pulse and dead time"
NO_LIMIT = "by itself, limit_open is not wired"
BETWEEN = "by itself, from between its ends"
STUCK = "a sensor stuck on hid it"
LIED = "by itself, limit_open still says up"
PRESSED = "by itself, the stop says pressed"
ORDERED = "a person ordered it closed on a gap"
UNHEARD = "frames that turn or stop it were lost"

LISTED = {
    LATE: "a vehicle that comes under a falling arm faster than that can stop",
    RUN_OUT: "a vehicle that comes under a falling arm faster than that can stop",
    NO_STOP: "no stop is wired, and it is seen within `pulse_s` + `dead_time_s` of the close",
    NO_LIMIT: "it comes down by itself and `limit_open` is not wired",
    BETWEEN: "the arm stands between its ends and comes down by itself",
    UNHEARD: "the frames that turn or stop a closing arm are lost",
    PRESSED: "it comes down by itself while the stop input says pressed",
    ORDERED: "a person orders the arm closed on a gap in a vehicle",
    LIED: "it comes down by itself and its upper switch does not tell",
    STUCK: "a vehicle that comes under the arm while a safety sensor is stuck on",
    "a sensor was dead": "a safety sensor that is dead",
    "a loop tuned it out": "a vehicle that no sensor sees",
    "outside of what the wired sensors see": "a vehicle that no sensor sees",
    "process killed": "SIGKILL, a dead computer or a dead wire",
    "process ended": "SIGKILL, a dead computer or a dead wire",
    "process paused": "SIGKILL, a dead computer or a dead wire",
    "adapter gone": "SIGKILL, a dead computer or a dead wire",
    "network dead": "SIGKILL, a dead computer or a dead wire",
    "board slower than it is waited for": "SIGKILL, a dead computer or a dead wire",
    "board without power": "SIGKILL, a dead computer or a dead wire",
}
"""What excuses an unsafe coming down, and how its row begins in docs/barrier.md under "What no
controller can see"."""

NOBODY = ("process killed", "process paused", "adapter gone")
"""What a permit in series with the close is there for."""


def judge(site: Site, d: Descent) -> tuple[str, str]:
    """("safe" | "guard" | "excused", why)."""
    if d.under and d.why == "guard":
        return _ordered_over(site, d)
    if not d.touched:
        return "safe", ""
    if not d.seen_at_touch:
        late = d.seen_after is not None and d.seen_after - d.touched_at < 0.5
        return "excused", LATE if late else d.unseen
    since = max(min(d.seen_at_touch.values()), d.at)
    if d.why != "guard":
        if "limit_open" not in site.config.inputs:
            return "excused", NO_LIMIT
        if d.from_p < site.arm.make.upper:
            return "excused", BETWEEN
        if d.left_at is None or d.left_at > d.touched_at:
            return "excused", LIED
        if d.pressed:
            return "excused", PRESSED
        since = max(since, d.left_at) + BELIEVES_S
        since += WATCHED_S if len(site.cable.boards) > 1 else 0.0
    acted = min(d.halted_at or 1e12, d.touched_at)
    deaf, why = _deaf(site, since, acted, d.why != "guard")
    took = acted - since - deaf
    allowed = REACTS_S + site.kind.slow_s + SHARED_S * (len(site.cable.boards) - 1)
    if took <= allowed:
        if deaf > 0:
            if "permit" in site.config.outputs and why in NOBODY and _held_on(site, d, acted):
                return "guard", "the permit outlived the process"
            return "excused", why
        if d.halted_at is not None and d.halted_at < d.touched_at:
            return "excused", RUN_OUT
        return "excused", LATE
    unheard = _unheard_s(site, since, acted)
    if unheard and took - unheard <= allowed:
        return "excused", UNHEARD
    bound = site.config.pulse_s + site.config.dead_time_s + allowed + DEBOUNCE_S
    if d.why == "guard" and "stop" not in site.config.outputs and acted - d.at <= bound:
        return "excused", NO_STOP
    how = "never halted" if d.halted_at is None else f"halted {d.halted_at - since:.2f} s after"
    return "guard", f"seen {d.touched_at - since:.2f} s before the touch, {how}"


def _ordered_over(site: Site, d: Descent) -> tuple[str, str]:
    allowed = REACTS_S + min(site.kind.slow_s, site.config.fresh_s)
    old = {n: round(d.at - s, 2) for n, s in d.seen_at_order.items() if d.at - s > allowed}
    if old:
        return "guard", f"closed although seen for {old} s"
    entered = "entry_loop" in site.config.inputs and d.entry_since is not None
    if entered and d.entered and d.entry_since < d.under_since:
        if d.stuck:
            return "excused", STUCK
        if any(d.under_since <= t <= d.at for t in site.lane.closings):
            return "excused", ORDERED
        return "guard", "closed although the entry loop had no break since it came"
    if not d.seen_at_order:
        return "excused", d.unseen
    return "excused", LATE


def _unheard_s(site: Site, since: float, until: float) -> float:
    """How much of that time pulses that turn or stop this arm were under way and did not come."""
    relays = {OUTPUTS["open"] - 1, OUTPUTS["stop"] - 1}
    said = [t for t, at, relay in site.cable.unheard if at == site.address and relay in relays]
    return sum(min(t + ANSWER_S, until) - t for t in said if since <= t < until)


def _held_on(site: Site, d: Descent, until: float) -> bool:
    """Whether the arm came down for longer than the permit and its run-out after the last moment
    that somebody could renew it."""
    last = max((a for a, _, why in site.world.deaf if a <= until and why in NOBODY), default=d.at)
    ends = max(last, d.at) + site.config.permit_s + site.arm.make.run_out_s + REACTS_S
    return d.touched_at > ends


def _deaf(site: Site, since: float, until: float, by_itself: bool) -> tuple[float, str]:
    """How much of that time nobody could act in, and why; after an orderly end nobody looks for an
    arm that comes down by itself."""
    total, reason, reached = 0.0, "", since
    away = site.world.deaf + (site.world.ended if by_itself else [])
    for a, b, why in sorted(away):
        a, b = max(a, reached), min(b + RECOVERS_S, until)
        if b > a:
            total, reason, reached = total + b - a, why, b
    return total, reason
