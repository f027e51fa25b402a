"""The person in the booth: looks at who waits, decides, sees to alarms and to an arm that stays up.

He sees the vehicle and its papers, so that he is right unless a case makes him err; what he needs
is time. He uses the same operations as the console.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from edge.domain.commands import Action
from edge.domain.facts import Arm
from edge.gate.port import Unanswered
from simulator.fast.guests import Guest
from simulator.world import LaneWorld

USER = "lan"
ROUND_S = 1.0
LOOKS_S = 8.0
"""From the call to his word."""

AGAIN_S = 15.0
"""He looks again where his word had no effect."""

ALARM_S = 6.0
STUCK_S = 20.0
"""An arm that is up, red and with nobody under it for so long is closed by him."""


class SeenBarrier(Protocol):
    @property
    def arm(self) -> Arm: ...

    @property
    def in_service(self) -> bool: ...


class SeenLane(Protocol):
    """What of a lane he looks at; port.LaneView says what each is."""

    @property
    def lane(self) -> str: ...

    @property
    def waiting(self) -> bool: ...

    @property
    def passage(self) -> str | None: ...

    @property
    def plate(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def barrier(self) -> SeenBarrier: ...


class SeenAlarm(Protocol):
    @property
    def code(self) -> str: ...

    @property
    def lane(self) -> str: ...


class SeenGate(Protocol):
    @property
    def lanes(self) -> Sequence[SeenLane]: ...

    @property
    def alarms(self) -> Sequence[SeenAlarm]: ...


class BoothOperations(Protocol):
    """What he sees and may do: the product's operations, or its console over HTTP. Each raises
    Unanswered where the gate does not do as he says."""

    def view(self) -> SeenGate: ...

    def acknowledge_alarm(self, code: str, lane: str, user: str, /) -> object: ...

    def order(self, lane: str, action: str, reason: str, user: str, /) -> object: ...

    def decide(
        self, lane: str, passage: str, admit: bool, plate: str, reason: str, user: str,
        version: int | None, /,
    ) -> object: ...  # fmt: skip


class Booth:
    """`guest_at`: who stands at a lane's line, or None."""

    def __init__(
        self, worlds: Mapping[str, LaneWorld], guest_at: Callable[[str], Guest | None]
    ) -> None:
        self._worlds, self._guest_at = worlds, guest_at
        self._asked: dict[str, float] = {}
        self._alarms: dict[tuple[str, str], float] = {}
        self._seen: set[tuple[str, str]] = set()
        self._stuck: dict[str, float] = {}
        self.decided = 0
        self.rejected: set[str] = set()
        """Plates that he said no to as they were read."""
        self.refused: list[str] = []
        """What the gate answered where it did not do as he said."""

    def round(self, operations: BoothOperations, now: float) -> None:
        view = operations.view()
        for lane in view.lanes:
            self._decide(operations, lane, now)
            self._free(operations, lane, now)
        standing = {(a.code, a.lane) for a in view.alarms}
        for code, lane_name in sorted(standing):
            since = self._alarms.setdefault((code, lane_name), now)
            if now - since >= ALARM_S and (code, lane_name) not in self._seen:
                self._seen.add((code, lane_name))
                self._try(partial(operations.acknowledge_alarm, code, lane_name, USER))
        for gone in [key for key in self._alarms if key not in standing]:
            del self._alarms[gone]
            self._seen.discard(gone)

    def _decide(self, operations: BoothOperations, lane: SeenLane, now: float) -> None:
        if not lane.waiting or lane.passage is None:
            return
        asked = self._asked.setdefault(lane.passage, now)
        guest = self._guest_at(lane.lane)
        if now - asked < LOOKS_S or guest is None:
            return
        self._asked[lane.passage] = now + AGAIN_S - LOOKS_S
        passage, admits, plate = lane.passage, guest.person_admits, guest.vehicle.look.plate
        typed = plate if admits and lane.plate != plate else ""
        why = "papers seen" if admits else "may not pass"
        self.decided += 1
        version = lane.version
        done = self._try(
            lambda: operations.decide(lane.lane, passage, admits, typed, why, USER, version)
        )
        if done and not admits and lane.plate == plate:
            self.rejected.add(plate)

    def _free(self, operations: BoothOperations, lane: SeenLane, now: float) -> None:
        """An arm that nobody needs any more, or that was put out of service."""
        world, barrier = self._worlds[lane.lane], lane.barrier
        under = any(v.front > -1.0 and v.back < 2.0 and v.under_arm for v in world.vehicles)
        idle = barrier.arm is not Arm.CLOSED and not world.green and not under
        if not idle:
            self._stuck.pop(lane.lane, None)
            return
        if now - self._stuck.setdefault(lane.lane, now) < STUCK_S:
            return
        self._stuck[lane.lane] = now
        actions = [Action.CLOSE] if barrier.in_service else [Action.IN_SERVICE, Action.CLOSE]
        for action in actions:
            why = "the way is clear"
            self._try(partial(operations.order, lane.lane, action.value, why, USER))

    def _try(self, do: Callable[[], object]) -> bool:
        """Whether the gate did as he said."""
        try:
            do()
        except Unanswered as error:
            self.refused.append(str(error))
            return False
        return True
