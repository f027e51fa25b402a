"""What really happened in a lane, which everything is judged by. Moments are the world's."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.world.vehicle import Vehicle


@dataclass(frozen=True, slots=True)
class Crossing:
    """A vehicle that went through; `number` is its look's seed. `stood_at`: it stood at the line
    (None: it never had to); `opening`: which grant (an opening pulse, or the light turning green)
    it used, `order` among those who used it; `green`: what the light showed when it entered."""

    plate: str
    kind: str
    number: int
    assigned: bool
    case: str
    stood_at: float | None
    arrived_at: float | None
    entered_at: float
    left_at: float
    opening: int
    order: int
    green: bool


@dataclass(frozen=True, slots=True)
class Touch:
    """Arm and vehicle met. `fell`: the arm came down on it; else it drove into the arm. `own`: the
    arm moved by itself."""

    plate: str
    at: float
    fell: bool
    own: bool


@dataclass(slots=True)
class Truth:
    """`turned_away`: plates of those who left without crossing, `left_assigned` of those among them
    who might have passed and lost patience. `violations`: plates of the vehicles that an arm was
    sent down on, "" for one without. `waits_ms`: from the line to the start. `turned`: how often an
    arm that was on its way down was stopped or sent up again."""

    crossings: list[Crossing] = field(default_factory=list)
    touches: list[Touch] = field(default_factory=list)
    turned_away: list[str] = field(default_factory=list)
    left_assigned: list[str] = field(default_factory=list)
    walked: int = 0
    violations: list[str] = field(default_factory=list)
    waits_ms: list[float] = field(default_factory=list)
    turned: int = 0

    @property
    def crossed(self) -> list[str]:
        """Plates of those who crossed, in order."""
        return [c.plate for c in self.crossings]

    @property
    def crossed_unassigned(self) -> list[str]:
        """Plates of those who were let in and might not pass."""
        return [c.plate for c in self.crossings if not c.assigned and c.green and c.order == 1]

    @property
    def tailgates(self) -> int:
        """Those who crossed on a grant that another had used."""
        return sum(1 for c in self.crossings if c.order > 1)

    def crossed_now(self, v: Vehicle, at: float) -> None:
        if v.look.kind == "pedestrian":
            self.walked += 1
            return
        opening, order, green = v.entered_as
        entered = at if v.entered_at is None else v.entered_at
        self.crossings.append(
            Crossing(
                v.look.plate, v.look.kind, v.look.seed, v.assigned, v.case, v.stood_at,
                v.arrived_at, entered, at, opening, order, green,
            )
        )  # fmt: skip

    def left(self, v: Vehicle) -> None:
        """Without crossing."""
        self.turned_away.append(v.look.plate)
        if v.assigned and v.lost_patience:
            self.left_assigned.append(v.look.plate)
