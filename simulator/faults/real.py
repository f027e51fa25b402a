"""Faults on real wires: what happens to the rig's twins and to the service's process."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.barrier.bad_wires import Clean
from simulator.faults.catalogue import Value
from simulator.faults.on_lane import BEGIN as ON_LANE
from simulator.faults.on_lane import End, nothing, put
from simulator.faults.wires import NAMES as WIRES
from simulator.faults.wires import bad_wire
from simulator.spoilt_pictures import PictureFault

if TYPE_CHECKING:
    from simulator.rig import Rig
    from simulator.service import Service

Begin = Callable[["Rig", str, Value], End]
OfService = Callable[["Service", Value], End]


def _switch(of: object, name: str, on: object = True) -> End:
    """A fault that is an attribute of a twin."""
    before = getattr(of, name)
    setattr(of, name, on)
    return lambda: setattr(of, name, before)


def _power_cut(rig: Rig, lane: str, value: Value) -> End:
    rig.board(lane).fall()
    return _switch(rig.boards, "silent")


def _broker(rig: Rig, lane: str, value: Value) -> End:
    rig.broker.kill()
    return rig.broker.start


def _refuses(rig: Rig, lane: str, value: Value) -> End:
    return put(rig.platform.answers, "*", 422)


def _wire(name: str, rig: Rig, value: Value) -> End:
    rig.boards.fault = bad_wire(name, value)

    def end() -> None:
        rig.boards.fault = Clean()

    return end


_SPOILT = {
    "camera_still": PictureFault.STILL,
    "camera_black": PictureFault.BLACK,
    "camera_blinded": PictureFault.BLINDED,
    "camera_blurred": PictureFault.BLURRED,
    "camera_moved": PictureFault.MOVED,
    "camera_garbled": PictureFault.GARBLED,
}

BEGIN: dict[str, Begin] = {
    "camera_dark": lambda rig, lane, value: _switch(rig.cameras.faults[lane], "dark"),
    "camera_hangs": lambda rig, lane, value: _switch(rig.cameras.faults[lane], "frozen"),
    "camera_cut": lambda rig, lane, value: _switch(rig.cameras.faults[lane], "cut"),
    "camera_clock": lambda rig, lane, value: _switch(
        rig.cameras.faults[lane], "clock_ahead_s", float(value)
    ),
    "wire_silent": lambda rig, lane, value: _switch(rig.boards, "silent"),
    "board_power_cut": _power_cut,
    "broker_down": _broker,
    "customs_deaf": lambda rig, lane, value: _switch(rig.customs, "deaf"),
    "platform_down": lambda rig, lane, value: _switch(rig.platform, "down"),
    "platform_failing": lambda rig, lane, value: _switch(rig.platform, "failing"),
    "platform_forbidding": lambda rig, lane, value: _switch(rig.platform, "forbidding"),
    "platform_refuses_passages": _refuses,
}


def _killed(service: Service, value: Value) -> End:
    service.kill()
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


OF_SERVICE: dict[str, OfService] = {
    "service_killed": _killed,
    "service_ended": _ended,
    "service_frozen": _frozen,
}
"""Of a controller that the simulator has started; one of somebody else's it leaves alone."""

SERVED = frozenset({*BEGIN, *_SPOILT, *ON_LANE, *WIRES})
NAMES = SERVED | OF_SERVICE.keys()


def begin(rig: Rig, service: Service | None, name: str, lane: str, value: Value) -> End:
    """It happens now; what ends it. Raises ValueError for a fault of a service that is not ours."""
    if name in ON_LANE:
        return ON_LANE[name](rig.worlds[lane], value)
    if name in WIRES:
        return _wire(name, rig, value)
    if name in _SPOILT:
        return _switch(rig.cameras.faults[lane].spoiling, "fault", _SPOILT[name])
    if name in BEGIN:
        return BEGIN[name](rig, lane, value)
    if service is None:
        raise ValueError(f"{name}: the controller is not the simulator's to end or stop")
    return OF_SERVICE[name](service, value)
