"""The gate as it is shown: one snapshot for pages, programs, displays and tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from edge import __version__
from edge.barrier.port import GuardRunner
from edge.config import Settings
from edge.display.text import closed, guided, lane_text
from edge.domain.alarm_codes import known
from edge.domain.alarms import Alarm
from edge.domain.assignment import Assignments
from edge.domain.declaration import Declared, declared
from edge.domain.mode import LaneMode
from edge.gate.open_lanes import OpenLanes
from edge.gate.policies import Policies
from edge.gate.port import AlarmView, CodeView, GateView, GuidanceView, LaneView, ReferralView
from edge.lane.state import Lane, LaneState
from edge.lane.vehicle import Passage
from edge.sync.port import LinkStatus
from edge.system.clock import Clock, clock_trusted
from edge.vision.port import Eyes, view_of

SIGN_LANGUAGE = "vi"
"""Of the drivers' sign as people at the console see it."""


class Standing(Protocol):
    """The alarms that stand; alarms.GateAlarms."""

    @property
    def standing(self) -> tuple[Alarm, ...]: ...


class Lanes(Protocol):
    """What of the running gate is shown; gate.Gate."""

    @property
    def lanes(self) -> Mapping[str, Lane]: ...

    def choices(self, lane: str, plate: str = "") -> tuple[str, ...]: ...


class Views:
    """Call it for the view of now; any thread. `journal`: its
    figures; `ready`: whether vehicles can be served."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        gate: Lanes,
        alarms: Standing,
        guards: GuardRunner,
        eyes: Eyes,
        book: Callable[[], Assignments],
        links: Callable[[], tuple[LinkStatus, ...]],
        journal: Callable[[], Mapping[str, Any]],
        ready: Callable[[], bool],
        policies: Policies,
        referral: Callable[[str], ReferralView | None],
        open_lanes: OpenLanes,
    ) -> None:
        self._open_lanes = open_lanes
        self._referral = referral
        self._settings, self._clock, self._gate = settings, clock, gate
        self._alarms, self._guards, self._eyes, self._book = alarms, guards, eyes, book
        self._links, self._journal, self._ready = links, journal, ready
        self._policies = policies
        self._started = clock.now().wall

    def __call__(self) -> GateView:
        return GateView(
            site=self._settings.site,
            gate=self._settings.gate,
            version=__version__,
            started=self._started,
            now=self._clock.now().wall,
            clock_trusted=clock_trusted(),
            ready=self._ready(),
            lanes=tuple(self._lane(lane) for lane in self._gate.lanes.values()),
            alarms=tuple(_alarm(alarm) for alarm in self._alarms.standing),
            links=self._links(),
            journal=dict(self._journal()),
        )

    def line(self, name: str, language: str) -> str:
        """What a lane's display should show now; "" for a lane that there is not."""
        lane = self._gate.lanes.get(name)
        if lane is None:
            return ""
        return _line(self._lane(lane), language)

    def _lane(self, lane: Lane) -> LaneView:
        view = self._plain(lane)
        return replace(view, sign=_line(view, SIGN_LANGUAGE))

    def _plain(self, lane: Lane) -> LaneView:
        config = self._settings.lanes[lane.lane]
        passage = lane.passage
        view = passage.view if passage else None
        decision = passage.decision if passage else None
        return LaneView(
            lane=lane.lane,
            name=config.name or lane.lane,
            direction=config.direction,
            state=lane.state.value,
            passage=passage.id if passage else None,
            plate=passage.named if passage else "",
            plate_display=_display(passage) if passage else "",
            country=view.country if view else "?",
            colour=view.colour if view else "?",
            confidence=view.confidence if view else 0.0,
            kind=passage.kind if passage else "",
            verdict=decision.verdict.value if decision else "",
            reason=decision.reason.value if decision else "",
            assignment=decision.assignment if decision else "",
            waiting=lane.state is LaneState.WAITING,
            since=lane.since or self._started,
            evidence=passage.evidence if passage else (),
            barrier=self._guards.guard(lane.lane).status(),
            camera=self._eyes.status(lane.lane),
            declared=self._declared(lane) if passage else None,
            trailers=tuple(v.display for v in passage.trailers) if passage else (),
            version=passage.version if passage else 0,
            detail=decision.detail if decision else "",
            row=decision.row if decision else "",
            rule=decision.rule if decision else "",
            choices=self._gate.choices(lane.lane) if lane.state is LaneState.WAITING else (),
            mode=self._policies.mode(lane.lane).value,
            second=view.second if view else "",
            second_confidence=view.second_confidence if view else None,
            queue=lane.queue,
            fronts=lane.fronts,
            code=_code(passage),
            guidance=self._guidance(passage),
            open=self._open_lanes.is_open(lane.lane),
            referral=self._referral(lane.lane) if lane.state is LaneState.WAITING else None,
            cameras=tuple(self._eyes.status(view_of(lane.lane, name)) for name in config.cameras),
        )

    def _guidance(self, passage: Passage | None) -> GuidanceView | None:
        to = passage.guided_to if passage else ""
        if not to:
            return None
        lane = self._settings.lanes.get(to)
        return GuidanceView(to, lane.name if lane and lane.name else to)

    def _declared(self, lane: Lane) -> Declared | None:
        passage = lane.passage
        assert passage is not None
        assignment = passage.decision.assignment if passage.decision else ""
        about = self._book().about({passage.named}, {assignment})
        return declared(about, assignment, passage.named, self._policies.of(lane.lane).clearances)


def _code(passage: Passage | None) -> CodeView | None:
    if passage is None or passage.code is None:
        return None
    code, other = passage.code, passage.other_code
    shown = other.assignment if other else ""
    return CodeView(code.assignment, code.source, code.refused, shown)


def _line(view: LaneView, language: str) -> str:
    """What the driver reads."""
    if view.mode == LaneMode.SHADOW:
        # The other controller has its own.
        return ""
    if view.guidance is not None:
        return guided(view.plate_display, view.guidance.name, language)
    if view.mode == LaneMode.CLOSED:
        return closed(language)
    return lane_text(
        view.state,
        view.verdict,
        view.barrier.arm,
        view.barrier.light == "green",
        view.barrier.in_service,
        view.plate_display,
        language,
    )


def _alarm(alarm: Alarm) -> AlarmView:
    code = known(alarm.code)
    return AlarmView(
        code=alarm.code,
        lane=alarm.lane,
        text=alarm.text,
        since=alarm.since,
        acknowledged_by=alarm.acknowledged_by,
        variant=alarm.variant,
        params=alarm.params,
        severity=code.severity.value if code else "",
    )


def _display(passage: Passage) -> str:
    """The plate as people write it, as far as it may be named."""
    if passage.corrected or not passage.named:
        return passage.corrected
    return passage.view.display if passage.view else ""
