"""A scenario's orders: given at their moment, and held against what must become of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from edge.domain.commands import Seen
from simulator.fast.order_giver import OrderGiver
from simulator.scenario.model import Order


class Ordered(Protocol):
    """What of a stage is used; staging.Stage."""

    @property
    def order_giver(self) -> OrderGiver: ...


Step = Callable[[Ordered], None]


@dataclass(slots=True)
class Orders:
    """`wrong`: what became of some otherwise than it must."""

    wrong: list[str] = field(default_factory=list)

    def steps(self, told: Order, lane: str) -> tuple[Step, Step]:
        """To look at the page of the lane, and to give the order for whom it showed."""
        shown: list[Seen] = []

        def look(day: Ordered) -> None:
            if (standing := day.order_giver.standing(lane)) is not None:
                shown.append(standing)

        def give(day: Ordered) -> None:
            if told.seen and not shown:
                self.wrong.append(f"the page never showed {told.seen} for the order {told.action}")
                return
            why = day.order_giver.order(lane, told.action, shown[0] if shown else None)
            became = "refused" if why else "done"
            if told.must not in (None, became):
                because = f": {why}" if why else ""
                self.wrong.append(
                    f"expected that the order {told.action} is {told.must}; "
                    f"it was {became}{because}"
                )

        return look, give
