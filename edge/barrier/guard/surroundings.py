"""What a lane has besides the inputs of its guard: faults, pairs of contacts, the photocell's test,
the relays as the board tells them, and what one board reads for all lanes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.barrier.core.equipment import Equipment
from edge.barrier.core.readback import Readback
from edge.barrier.core.self_test import TEST, SelfTest
from edge.barrier.core.state import Barrier
from edge.barrier.core.table import Phase
from edge.barrier.guard.site_inputs import FOR_ALL, FREE_FLOW, SITE_FIRE, SiteInputs
from edge.barrier.wires.port import Write
from edge.config import BarrierConfig
from edge.domain.commands import Action, Order
from edge.domain.facts import BarrierFact, RequestHandled

FLOW = "free_flow"
"""Who orders, and the request that nobody waits for."""

FLOW_AGAIN_S = 1.0
"""Seconds between two tries to open an arm that free flow cannot open yet."""

FIRE = "fire"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one good reading means: `inputs` for the guard's core; what is told and written."""

    inputs: dict[str, bool]
    facts: list[BarrierFact]
    writes: list[Write]


class Surroundings:
    """One lane's. `guarded`: the inputs that its guard's core gets."""

    def __init__(self, lane: str, config: BarrierConfig, site: SiteInputs) -> None:
        self._lane = lane
        self._site = site
        self._equipment = Equipment(lane, frozenset(config.input_names))
        self._test = SelfTest(lane, TEST in config.output_names)
        self._readback = Readback(lane)
        self._tells_relays = config.tells_relays
        self._flows = False
        self._flow_at = 0.0
        fire = {FIRE} if SITE_FIRE in site.wired else set()
        self.guarded = self._equipment.guarded | fire

    def read(self, sample: Mapping[str, bool], phase: Phase, now: float) -> Seen:
        """After one good reading of the board."""
        for name in FOR_ALL:
            if name in sample:
                self._site.tell(self._lane, name, sample[name])
        self._equipment, inputs, facts = self._equipment.read(sample, now)
        down = phase is Phase.CLOSED
        self._test, inputs, more, writes = self._test.read(inputs, down, now)
        if SITE_FIRE in self._site.wired:
            inputs[FIRE] = inputs.get(FIRE, False) or self._site.on(SITE_FIRE)
        return Seen(inputs, [*facts, *more], writes)

    def hides(self, fact: BarrierFact) -> bool:
        """Whether that is told otherwise: a fault that is not the local stop, free flow's own
        orders."""
        ours = isinstance(fact, RequestHandled) and fact.request == FLOW
        return ours or self._equipment.misnames(fact)

    def flow(self, barrier: Barrier, now: float, holds: bool) -> Order | None:
        """What free flow orders now: it holds every arm of the gate open that may be opened, and
        lets go of it. `holds`: this lane's is to be held whatever the gate's contact says."""
        on, modes = holds or self._site.on(FREE_FLOW), barrier.modes
        able = modes.in_service and not modes.locked and barrier.phase is not Phase.UNREAD
        if on and able and not modes.held_open and now - self._flow_at >= FLOW_AGAIN_S:
            self._flow_at, self._flows = now, True
            return Order(FLOW, Action.HOLD_OPEN, FLOW, "")
        if not on and self._flows:
            self._flows = False
            return Order(FLOW, Action.RELEASE, FLOW, "")
        return None

    def relays_due(self, now: float) -> bool:
        """Whether the board is to be asked which relays are on, where it tells that."""
        return self._tells_relays and self._readback.due(now)

    def relays(
        self, outputs: Mapping[str, bool] | None, now: float
    ) -> tuple[list[BarrierFact], list[Write]]:
        """After that question; None: it was not answered."""
        if outputs is None:
            self._readback = self._readback.missed(now)
            return [], []
        self._readback, facts, writes = self._readback.read(outputs, now)
        return facts, writes
