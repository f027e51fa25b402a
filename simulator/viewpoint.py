"""PURE. Where a lane's cameras hang, and where a place on the road lies in their pictures.

The first hangs above the far side of the barrier, in the middle of the lane, and looks at the
fronts of those who come. The second stands on a pole to the left of the approach and looks the way
they drive, past who comes next, at the rears of those who wait.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT = 1280, 720


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """`focal`: in pixels; `high`: metres above the road; `horizon`: its row; `left`: metres beside
    the middle of the lane; `turned`: pixels by which the picture is moved for that; `behind`: it
    sees the rears. Between `nearest` and `farthest` metres vehicles are seen."""

    focal: float
    high: float
    horizon: int
    left: float = 0.0
    turned: float = 0.0
    behind: bool = False
    nearest: float = 5.0
    farthest: float = 60.0

    def ground_y(self, distance: float) -> float:
        """The row where the road lies at that distance."""
        return self.horizon + self.focal * self.high / distance

    def x_of(self, right: float, distance: float) -> float:
        """The column of what stands so many metres right of the lane's middle."""
        return WIDTH / 2 - self.turned + self.focal * (right + self.left) / distance


FRONT = Viewpoint(1350.0, 2.3, 235)
REAR = Viewpoint(1800.0, 2.3, 150, 2.8, 380.0, True, farthest=45.0)

WAITING_BEHIND = ((0.25, 0.4), (0.7, 0.4), (1.0, 0.98), (0.2, 0.98))
"""In REAR's picture, in fractions: where the rears of those stand who wait at the barrier."""
