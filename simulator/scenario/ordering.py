"""A scenario's orders: given at their moment, and held against what must become of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from edge.domain.commands import Seen
from simulator.fast.order_giver import ASKS_ANOTHER, OrderGiver
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
            seen, giver = shown[0] if shown else None, day.order_giver
            out = told.outside
            why = (
                giver.order(lane, told.action, seen, told.by)
                if out is None
                else giver.command(lane, told.action, seen, out.valid_s, out.late_s)
            )
            became = why if why == ASKS_ANOTHER else "refused" if why else "done"
            if told.must not in (None, became):
                because = f": {why}" if became == "refused" else ""
                self.wrong.append(
                    f"expected that the order {told.action} is {told.must}; "
                    f"it was {became}{because}"
                )

        return look, give
