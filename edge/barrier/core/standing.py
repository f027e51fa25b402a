"""PURE. What has stood for too long, each told once until it ends: a close that was due and has not
happened, an arm that is up for nobody, a hold, a loop or the beam occupied. It moves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from edge.barrier.core.sensing import blocked
from edge.barrier.core.state import Barrier, CloseWish, OpenedBy, Step, reported, stay_up
from edge.barrier.core.table import Phase
from edge.domain.alarm_codes import AlarmCode, Params
from edge.domain.facts import BarrierFact, GuardAlarm

OVERDUE, HELD = AlarmCode.CLOSE_OVERDUE, AlarmCode.HELD_LONG
OCCUPIED = AlarmCode.OCCUPIED_LONG

SENSORS = ("entry_loop", "safety_loop", "photocell")

OCCUPIABLE = (*SENSORS, "exit_loop")

IDLE, WIRE = "idle", "wire"
"""Up for nobody; due to close with nothing in the way."""

WIRE_SHARE = 10
"""Multiple of `close_alarm_s` for which a close is tried over a wire whose readings fail again and
again; then the arm stays up."""


def stand(b: Barrier, now: float) -> Step:
    """What stands now, since when, and what of it has stood for too long."""
    true = _true(b)
    since = {name: b.standing.get(name, now) for name in true}
    if since != b.standing:
        b = replace(b, standing=since)
    limits = b.limits
    long = {
        OVERDUE: _stood(since, OVERDUE, now, limits.close_alarm_s),
        HELD: _stood(since, HELD, now, limits.hold_alarm_s),
        OCCUPIED: any(_stood(since, n, now, limits.occupied_alarm_s) for n in OCCUPIABLE),
    }
    done = Step(b)
    for code, stands in long.items():
        if stands != (code in b.reported.standing):
            done = done.then(_reported, code, stands)
    if not b.reported.left_open and _stood(since, IDLE, now, limits.close_alarm_s):
        done = done.then(stay_up, "nobody_here")
    kept_up = _stood(since, WIRE, now, WIRE_SHARE * limits.close_alarm_s)
    if kept_up and b.phase is not Phase.CLOSING:
        done = done.then(stay_up, "wire")
    return done


def _true(b: Barrier) -> list[str]:
    # Readings that fail again and again, each time for a moment, bring no arm down.
    flickers = b.phase is Phase.UNREAD and not b.gone and not b.input_state.on("limit_closed")
    up = b.phase in (Phase.OPEN, Phase.STOPPED) or flickers
    nobody = b.claim.authorisation is None and not b.crossing.inside and not b.modes.held_open
    ours = b.claim.opened_by in (OpenedBy.NOBODY, OpenedBy.AUTHORISATION)
    found = [name for name in OCCUPIABLE if b.input_state.on(name)]
    if b.claim.close_wish is not CloseWish.NO:
        found += [OVERDUE] if blocked(b.input_state) else [OVERDUE, WIRE]
    elif up and nobody and ours:
        found.append(IDLE)
    return [*found, HELD] if b.modes.held_open else found


def _stood(since: Mapping[str, float], name: str, now: float, seconds: float) -> bool:
    return name in since and now - since[name] >= seconds


def _reported(b: Barrier, code: AlarmCode, stands: bool) -> Step:
    known = b.reported.standing | {code} if stands else b.reported.standing - {code}
    variant, params = _why(b, code)
    facts: list[BarrierFact] = [GuardAlarm(b.lane, code, stands, params, variant)]
    return reported(replace(b, reported=replace(b.reported, standing=known)), facts)


def _why(b: Barrier, code: AlarmCode) -> tuple[str, Params]:
    """Which text of the alarm, and its figures, as far as the inputs tell."""
    sensors = OCCUPIABLE if code is OCCUPIED else SENSORS
    on = tuple(name for name in sensors if b.input_state.on(name))
    if code is HELD:
        return "", {"hours": b.limits.hold_alarm_s / 3600}
    if code is OCCUPIED:
        return "", {"sensors": on, "minutes": b.limits.occupied_alarm_s / 60}
    seconds = b.limits.close_alarm_s
    return ("", {"seconds": seconds, "sensors": on}) if on else ("unread", {"seconds": seconds})
