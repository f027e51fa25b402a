"""PURE. The snapshot of a barrier that console, logs and tests share."""

from __future__ import annotations

from edge.barrier.core.state import Barrier
from edge.barrier.core.table import Phase
from edge.barrier.port import BarrierStatus
from edge.domain.alarm_codes import AlarmCode
from edge.domain.facts import Arm


def snapshot(b: Barrier, wire_open: bool, cycle_s: float | None) -> BarrierStatus:
    """What the guard believes now. `cycle_s`: between the lane's last two polls."""
    s = b.input_state
    opened, closed = b.travel.get("open"), b.travel.get("close")
    alarms: dict[str, str] = {} if b.reported.lost is None else {b.reported.lost.value: ""}
    if b.reported.left_open:
        alarms[AlarmCode.LEFT_OPEN.value] = b.reported.left_open
    return BarrierStatus(
        lane=b.lane,
        arm=Arm.UNKNOWN if b.phase is Phase.UNREAD else Arm(b.phase.value),
        entry_loop=s.on("entry_loop"),
        safety_loop=s.on("safety_loop"),
        photocell=s.on("photocell"),
        exit_loop=s.on("exit_loop"),
        limit_open=s.on("limit_open"),
        limit_closed=s.on("limit_closed"),
        stop_pressed=s.on("stop"),
        light="green" if b.green else "red",
        authorisation=b.claim.authorisation,
        locked=b.modes.locked,
        held_open=b.modes.held_open,
        in_service=b.modes.in_service,
        wire_ok=wire_open and not b.reported.lost and b.phase is not Phase.UNREAD,
        cycle_ms=None if cycle_s is None else 1000 * cycle_s,
        travel_open_s=opened.mean_s if opened else None,
        travel_close_s=closed.mean_s if closed else None,
        alarms=alarms,
    )
