"""Faults on real wires: what happens to the rig's twins and to the service's process."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.faults.catalogue import Value
from simulator.faults.disturbance import FULL, READ_ONLY, WELL, Disturbance
from simulator.faults.on_lane import BEGIN as ON_LANE
from simulator.faults.on_lane import End, nothing
from simulator.faults.wires import NAMES as WIRES
from simulator.faults.wires import bad_wire
from simulator.rendered import rear_camera_of
from simulator.spoilt_pictures import PictureFault

if TYPE_CHECKING:
    from simulator.rig import Rig
    from simulator.service import Service

Begin = Callable[["Rig", str, Value], End]
OfService = Callable[["Service", Value], End]


def _camera(rig: Rig, lane: str, name: str, on: object = True) -> End:
    if lane not in rig.cameras.faults:
        raise ValueError("this lane has no rear camera")
    return rig.switches.on(rig.cameras.faults[lane], name, on)


def _silent(rig: Rig, lane: str, value: Value) -> End:
    return rig.switches.member(rig.boards.cut, rig.address(lane))


def _power_cut(rig: Rig, lane: str, value: Value) -> End:
    rig.board(lane).fall()
    return _silent(rig, lane, value)


def _broker(rig: Rig, lane: str, value: Value) -> End:
    return rig.switches.broker(rig.broker, "down")


def _refusing(rig: Rig, lane: str, value: Value) -> End:
    return rig.switches.broker(rig.broker, "refusing")


def _loses(rig: Rig, lane: str, value: Value) -> End:
    with rig.switches.lock:
        rig.broker.kill()
        rig.broker.lose()
        time.sleep(float(value))
        rig.switches.settle(rig.broker)
    return nothing


def _refuses(rig: Rig, lane: str, value: Value) -> End:
    return rig.switches.entry(rig.platform.answers, "*", 422)


def _restarts(rig: Rig, lane: str, value: Value) -> End:
    rig.platform.restart()
    return nothing


def _wire(name: str, rig: Rig, value: Value) -> End:
    return rig.switches.on(rig.boards, "fault", bad_wire(name, value))


_SPOILT = {
    "camera_still": PictureFault.STILL,
    "camera_black": PictureFault.BLACK,
    "camera_blinded": PictureFault.BLINDED,
    "camera_blurred": PictureFault.BLURRED,
    "camera_covered": PictureFault.COVERED,
    "camera_moved": PictureFault.MOVED,
    "camera_garbled": PictureFault.GARBLED,
}

BEGIN: dict[str, Begin] = {
    "camera_dark": lambda rig, lane, value: _camera(
        rig, rear_camera_of(lane) if value == "rear" else lane, "dark"
    ),
    "camera_hangs": lambda rig, lane, value: _camera(rig, lane, "frozen"),
    "camera_cut": lambda rig, lane, value: _camera(rig, lane, "cut"),
    "camera_clock": lambda rig, lane, value: _camera(rig, lane, "clock_ahead_s", float(value)),
    "wire_silent": _silent,
    "board_power_cut": _power_cut,
    "broker_down": _broker,
    "broker_refusing": _refusing,
    "broker_loses_store": _loses,
    "customs_deaf": lambda rig, lane, value: rig.switches.on(rig.customs, "deaf", True),
    "platform_down": lambda rig, lane, value: rig.switches.on(rig.platform, "down", True),
    "platform_failing": lambda rig, lane, value: rig.switches.on(rig.platform, "failing", True),
    "platform_forbidding": lambda rig, lane, value: rig.switches.on(
        rig.platform, "forbidding", True
    ),
    "platform_stale": lambda rig, lane, value: rig.switches.on(rig.platform, "stale", True),
    "platform_slow": lambda rig, lane, value: rig.switches.on(rig.platform, "slow_s", float(value)),
    "platform_wrong": lambda rig, lane, value: rig.switches.on(rig.platform, "wrong", True),
    "platform_flooding": lambda rig, lane, value: rig.switches.on(
        rig.platform, "flooding", int(value)
    ),
    "platform_refuses_passages": _refuses,
    "platform_restarts": _restarts,
}


def _killed(service: Service, value: Value) -> End:
    service.kill()
    time.sleep(float(value))
    service.start()
    service.wait_ready()
    return nothing


def _ended(service: Service, value: Value) -> End:
    service.stop()
    service.start()
    service.wait_ready()
    return nothing


def _frozen(service: Service, value: Value) -> End:
    pid = service.pid
    os.kill(pid, signal.SIGSTOP)
    return lambda: os.kill(pid, signal.SIGCONT)


def _vision_killed(service: Service, value: Value) -> End:
    os.kill(service.vision_pid(), signal.SIGKILL)
    return nothing


def _disturbed(service: Service) -> Disturbance:
    """Raises ValueError."""
    if service.disturbance is None:
        raise ValueError(
            "clock and disk of this service cannot be disturbed: it was started without"
        )
    return service.disturbance


def _jumps(service: Service, value: Value) -> End:
    _disturbed(service).jump_by(float(value))
    return nothing


def _slow(service: Service, value: Value) -> End:
    disturbance = _disturbed(service)
    disturbance.slow_syncs(float(value), float(value))
    return lambda: disturbance.slow_syncs(0, 0)


def _disk(service: Service, how: int) -> End:
    disturbance = _disturbed(service)
    disturbance.disk(how)
    return lambda: disturbance.disk(WELL)


DISTURBED: dict[str, OfService] = {
    "clock_jump": _jumps,
    "disk_slow": _slow,
    "disk_full": lambda service, value: _disk(service, FULL),
    "disk_read_only": lambda service, value: _disk(service, READ_ONLY),
}
"""What happens to clock and disk as the service sees them; it is started with a Disturbance."""

OF_SERVICE: dict[str, OfService] = {
    **DISTURBED,
    "service_killed": _killed,
    "service_ended": _ended,
    "service_frozen": _frozen,
    "vision_killed": _vision_killed,
}
"""Of a controller that the simulator has started; one of somebody else's it leaves alone."""

SERVED = frozenset({*BEGIN, *_SPOILT, *ON_LANE, *WIRES})
NAMES = SERVED | OF_SERVICE.keys()


def begin(rig: Rig, service: Service | None, name: str, lane: str, value: Value) -> End:
    """It happens now; what ends it. Raises ValueError for a fault of a service that is not ours,
    or of a camera that is not there."""
    if name in ON_LANE:
        return ON_LANE[name](rig.switches, rig.worlds[lane], value)
    if name in WIRES:
        return _wire(name, rig, value)
    if name in _SPOILT:
        return rig.switches.on(rig.cameras.faults[lane].spoiling, "fault", _SPOILT[name])
    if name in BEGIN:
        return BEGIN[name](rig, lane, value)
    if service is None:
        raise ValueError(f"{name}: the controller is not the simulator's to end or stop")
    if name == "clock_jump":
        rig.jumps.append((time.monotonic(), float(value)))
    return OF_SERVICE[name](service, value)
