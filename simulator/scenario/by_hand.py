"""What a tester does by hand to hardware that is served: faults, vehicles; and how it stands.

`state` is plain data for pages and programs. Thread-safe.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from simulator.broker import Foreign
from simulator.fast.guests import Makes
from simulator.faults import real
from simulator.faults.catalogue import FAULTS, Value, value_of
from simulator.rig import Rig
from simulator.scenario.model import LANE, Scenario, Vehicle
from simulator.scenario.references import IN_PICTURES
from simulator.scenario.staging import Staging
from simulator.service import Service

SENT = "by hand"

LAST_GUIDED = 20
"""So many of the vehicles that were sent to another lane are told, the oldest first."""


IN_A_FILE = (
    "at_s", "when", "after_s", "in_place_of", "same_plate_as", "assignment_of", *IN_PICTURES,
)  # fmt: skip
"""Keys of a vehicle that mean nothing where one is sent by hand."""


class NotPossible(ValueError):
    """No such lane or fault, or not here; the text is for the tester."""


class ByHand:
    """`service`: the controller's process where it is the simulator's own; None for one of somebody
    else's, whose process is left alone."""

    def __init__(self, rig: Rig, service: Service | None = None, seed: int = 1) -> None:
        self.rig, self._service = rig, service
        self.closing = threading.Event()
        self._lock = threading.RLock()
        self._ends: dict[tuple[str, str], tuple[Value, Callable[[], None]]] = {}
        self._turns: dict[tuple[str, str], threading.Lock] = {}
        numbers = count(1_000_000)
        self._makes = {
            plan.name: Makes(
                plan.name,
                plan.direction,
                random.Random(f"hand-{plan.name}-{seed}"),
                lambda: datetime.now(UTC),
                numbers,
            )
            for plan in rig.lanes
        }

    @property
    def possible(self) -> list[str]:
        """The faults that may happen here."""
        known = set(real.SERVED if self._service is None else real.NAMES)
        if self._service is not None and self._service.disturbance is None:
            known -= real.DISTURBED.keys()
        if isinstance(self.rig.broker, Foreign):
            known = {name for name in known if not name.startswith("broker_")}
        return [name for name in FAULTS if name in known]

    def begin(
        self, name: str, lane: str = "", value: Value | None = None, for_s: float | None = None
    ) -> None:
        """It happens now, and ends after so long or by `end`. Raises NotPossible."""
        if name not in self.possible:
            raise NotPossible(f"no fault {name!r} here; possible: {', '.join(self.possible)}")
        fault = FAULTS[name]
        lane = self._lane(lane) if fault.of_lane else ""
        try:
            told = value_of(fault, value)
        except ValueError as error:
            raise NotPossible(str(error)) from None
        with self._turn(name, lane):
            self._end(name, lane)
            # Some take their time, as a service that is started again: who looks does not wait.
            end = real.begin(self.rig, self._service, name, lane or self.rig.lanes[0].name, told)
            if not fault.instant:
                with self._lock:
                    self._ends[name, lane] = (told, end)
        if for_s is not None and not fault.instant:
            timer = threading.Timer(for_s, self._end, (name, lane))
            timer.daemon = True
            timer.start()

    def end(self, name: str, lane: str = "") -> None:
        """Raises NotPossible where it does not last."""
        lane = self._lane(lane) if name in FAULTS and FAULTS[name].of_lane else ""
        if not self._end(name, lane):
            raise NotPossible(f"{name} does not last here")

    def end_all(self) -> None:
        for name, lane in list(self._ends):
            self._end(name, lane)

    def send(self, vehicle: Vehicle) -> str:
        """One who comes now, declared as he says; his plate. Raises NotPossible."""
        lane = self._lane(vehicle.lane)
        if told := [key for key in IN_A_FILE if key in vehicle.model_fields_set]:
            raise NotPossible(f"{', '.join(told)}: of a scenario's file alone; here he comes now")
        one = Scenario(about="one who is sent", traffic=[vehicle.model_copy(update={"lane": ""})])
        with self._lock:
            staging = Staging(SENT, one, {LANE: self._makes[lane]})
            visit = staging.visits[LANE]
            for item in visit.items:
                self.rig.platform.put(item)
            for guest in visit.guests:
                guest.vehicle.case = SENT
                self.rig.worlds[lane].add(guest.vehicle)
                self.rig.sent += 1
        return next(iter(staging.guests.values())).vehicle.look.plate

    def state(self) -> dict[str, Any]:
        """Lanes with vehicles, sensors, arm and lights; the truth; the faults that last; what the
        platform was told."""
        lanes = [self._of_lane(plan.name) for plan in self.rig.lanes]
        return {"lanes": lanes, "faults": self.lasting(), "platform": self._platform()}

    def _platform(self) -> dict[str, Any]:
        """Counts, and of those who were sent to another lane the last."""
        platform = self.rig.platform
        guided = platform.guided()
        return {
            "passages": len(platform.posted),
            "turned_away": len(platform.told["turned-away"]),
            "not_understood": len(platform.told["not-understood"]),
            "guided": len(guided),
            "guided_last": guided[-LAST_GUIDED:],
        }

    def lasting(self) -> list[dict[str, Any]]:
        """The faults that have begun and not ended."""
        with self._lock:
            return [
                {"name": name, "lane": lane, "value": value}
                for (name, lane), (value, _) in self._ends.items()
            ]

    @property
    def service_runs(self) -> bool | None:
        """Whether the controller's process runs; None for one of somebody else's."""
        return None if self._service is None else self._service.alive()

    def picture(self, lane: str) -> bytes | None:
        """The newest that the lane's camera sends; None: it sends none."""
        faults = self.rig.cameras.faults.get(lane)
        if faults is None or faults.dark:
            return None
        jpeg = faults.spoiling.out(self.rig.pictures[lane]()[1])
        return jpeg[: len(jpeg) // 2] if faults.cut else jpeg or None

    def _of_lane(self, lane: str) -> dict[str, Any]:
        world = self.rig.worlds[lane]
        sensed = world.sense()
        truth = world.truth
        return {
            "lane": lane,
            "arm": round(world.arm.position, 3),
            "green": world.green,
            "inputs": dict(sensed),
            "vehicles": [
                {
                    "number": v.look.seed,
                    "plate": v.look.plate,
                    "kind": v.look.kind,
                    "front_m": round(v.front, 2),
                    "length_m": round(v.length, 2),
                    "may_pass": v.assigned,
                    "mood": v.mood.value,
                }
                for v in list(world.vehicles)
            ],
            "crossed": len(truth.crossings),
            "turned_away": len(truth.turned_away),
            "violations": len(truth.violations),
        }

    def _lane(self, lane: str) -> str:
        known = [plan.name for plan in self.rig.lanes]
        if not lane and len(known) == 1:
            return known[0]
        if lane not in known:
            raise NotPossible(f"no lane {lane!r}; known: {', '.join(known)}")
        return lane

    def _turn(self, name: str, lane: str) -> threading.Lock:
        """Of two who begin the same fault at once one waits for the other."""
        with self._lock:
            return self._turns.setdefault((name, lane), threading.Lock())

    def _end(self, name: str, lane: str) -> bool:
        with self._lock:
            value_and_end = self._ends.pop((name, lane), None)
        if value_and_end is None:
            return False
        value_and_end[1]()
        return True
