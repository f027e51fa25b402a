"""Scenarios: what comes, what goes wrong, and what must hold in the end."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.barrier.hardware import KINDS
from simulator.demo import finish
from simulator.report import failures
from simulator.rig import LanePlan, Rig
from simulator.service import Service
from simulator.traffic import Mix

LANE = "out1"


def _nothing(rig: Rig, service: Service) -> None:
    """No fault."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """`fault` happens in the middle of the traffic and must end by itself. `expect`: figures that
    must be at least so much."""

    about: str
    lanes: tuple[LanePlan, ...] = (LanePlan(LANE, "export", "Làn xuất 1"),)
    seconds: float = 45.0
    fault: Callable[[Rig, Service], None] = _nothing
    expect: dict[str, int] = field(default_factory=lambda: {"passages": 2})


@dataclass(frozen=True, slots=True)
class Outcome:
    name: str
    figures: dict[str, Any]
    failures: list[str]


def play(name: str, seed: int) -> Outcome:
    """Runs one scenario against the real service."""
    scenario = SCENARIOS[name]
    with tempfile.TemporaryDirectory(prefix="gate-sim-") as folder:
        rig = Rig(Path(folder), scenario.lanes, seed)
        service = Service(rig.gate_config)
        try:
            rig.start()
            service.add_user()
            service.start()
            service.wait_ready()
            began = time.monotonic()
            rig.flowing = True
            time.sleep(scenario.seconds / 2)
            scenario.fault(rig, service)
            while time.monotonic() - began < scenario.seconds:
                time.sleep(0.2)
            figures = finish(rig, service, time.monotonic() - began)
        finally:
            service.stop()
            rig.stop()
    wrong = failures(figures)
    for key, least in scenario.expect.items():
        if figures[key] < least:
            wrong.append(f"{key} is {figures[key]}, expected at least {least}")
    return Outcome(name, figures, wrong)


def _broker_outage(rig: Rig, service: Service) -> None:
    rig.broker.kill()
    time.sleep(12)
    rig.broker.start()


def _platform_outage(rig: Rig, service: Service) -> None:
    rig.platform.down = True
    time.sleep(12)
    rig.platform.down = False


def _camera_stall(rig: Rig, service: Service) -> None:
    rig.cameras.faults[LANE].frozen = True
    time.sleep(12)
    rig.cameras.faults[LANE].frozen = False


def _kill(rig: Rig, service: Service) -> None:
    service.kill()
    service.start()
    service.wait_ready()


def _board_silent(rig: Rig, service: Service) -> None:
    rig.boards.silent = True
    time.sleep(6)
    rig.boards.silent = False


def _lane(mix: Mix, night: bool = False) -> tuple[LanePlan, ...]:
    return (LanePlan(LANE, "export", "Làn xuất 1", night, mix=mix),)


SCENARIOS: dict[str, Scenario] = {
    "calm-day": Scenario("two lanes, everybody declared", (
        LanePlan(LANE, "export", "Làn xuất 1"), LanePlan("in1", "import", "Làn nhập 1"),
    ), expect={"passages": 4}),
    "night": Scenario("one lane at night", _lane(Mix(), True)),
    "undeclared": Scenario(
        "a third is not declared and must not pass", _lane(Mix(undeclared=0.34)), 90.0,
        expect={"passages": 1, "refused": 1},
    ),
    "wrong-lane": Scenario(
        "a third is assigned elsewhere", _lane(Mix(wrong_lane=0.34)), 90.0,
        expect={"passages": 1, "refused": 1},
    ),
    "held": Scenario(
        "a third is held", _lane(Mix(held=0.34)), 90.0, expect={"passages": 1, "refused": 1}
    ),
    "back-off": Scenario("some turn back", _lane(Mix(backs_off=0.4)), 60.0, expect={"passages": 1}),
    "tailgate": Scenario("some follow closely", _lane(Mix(tailgates=0.4)), 60.0,
        expect={"passages": 2, "tailgates": 1},
    ),
    "broker-outage": Scenario("customs' broker dies and returns", fault=_broker_outage),
    "platform-outage": Scenario("the platform is away for a while", fault=_platform_outage),
    "camera-stall": Scenario("the camera hangs for a while", fault=_camera_stall, seconds=60.0),
    "board-silent": Scenario("the board does not answer for a while", fault=_board_silent),
    "kill-service": Scenario("the service is killed and started", fault=_kill, seconds=60.0),
    **{
        f"wire-{kind}": Scenario(
            f"the barrier is driven over {kind}",
            (LanePlan(LANE, "export", "Làn xuất 1", barrier=kind),),
        )
        for kind in KINDS if kind != "serial"
    },
}  # fmt: skip
