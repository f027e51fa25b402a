"""What vehicles are made of, seen from the side: parts with gaps between them, and their heights.

Metres; a part lies `front` to `rear` behind the vehicle's front and `low` to `high` above the road.
"""

from __future__ import annotations

from dataclasses import dataclass

LOOP_REACH_M = 0.9
"""A loop in the road notices metal that is no higher than this."""

BEAM_M = 0.8
"""Height of the photocell's beam."""


@dataclass(frozen=True, slots=True)
class Part:
    """`metal`: enough of it for a loop; a drawbar or a person has not."""

    front: float
    rear: float
    low: float
    high: float
    metal: bool = True

    @property
    def on_loops(self) -> bool:
        return self.metal and self.low < LOOP_REACH_M

    @property
    def in_beam(self) -> bool:
        return self.low < BEAM_M < self.high


Shape = tuple[Part, ...]

HEIGHTS = {"truck": 3.7, "bus": 3.2, "car": 1.55, "motorcycle": 1.6, "pedestrian": 1.7}


def block(kind: str, length: float) -> Shape:
    """One solid part of that kind's height."""
    return (Part(0.0, length, 0.3, HEIGHTS[kind]),)


SHORT_GAP_M, LONG_GAP_M = 2.4, 3.0
"""A gap longer than the safety loop, during which the entry loop stays occupied; one in which that
has a break too."""


def drawbar(tractor: float = 7.0, bar: float = SHORT_GAP_M, trailer: float = 7.0) -> Shape:
    """A truck that pulls a trailer: under the arm neither loop nor beam notices the drawbar."""
    whole = tractor + bar + trailer
    return (
        Part(0.0, tractor, 0.3, 3.7),
        Part(tractor, tractor + bar, 0.5, 0.7, metal=False),
        Part(tractor + bar, whole, 0.3, 3.7),
    )


def semi_trailer() -> Shape:
    """A high semi-trailer: its bed lies above the loops' reach and above the beam; what is low are
    tractor, supports and axles."""
    supports = 6.0 + SHORT_GAP_M
    axles = supports + 0.6 + SHORT_GAP_M
    return (
        Part(0.0, 6.0, 0.3, 3.7),
        Part(6.0, axles, 1.3, 3.9),
        Part(supports, supports + 0.6, 0.3, 1.3),
        Part(axles, 16.0, 0.3, 3.9),
    )


def bare_semi_trailer(length: float = 16.0) -> Shape:
    """One with nothing below its bed: for seven metres no loop and no beam notices it."""
    return (
        Part(0.0, 5.0, 0.3, 3.7),
        Part(5.0, length - 4.0, 1.3, 3.9),
        Part(length - 4.0, length, 0.3, 3.9),
    )


def pedestrian() -> Shape:
    return (Part(0.0, 0.4, 0.0, HEIGHTS["pedestrian"], metal=False),)
