"""Where things are in a lane, in metres: 0 is the arm, vehicles come from the negative side."""

from __future__ import annotations

STOP_AT = -1.2
"""Where a driver stops before the closed arm (his front)."""

ENTRY_LOOP = (-4.0, -1.5)
SAFETY_LOOP = (-0.8, 1.4)
PHOTOCELL = 0.3
EXIT_LOOP = (3.5, 5.5)
UNDER_ARM = (-0.15, 0.15)
GONE_AT = 14.0
COMES_FROM = -38.0
CAMERA_AT = 7.6
REAR_CAMERA_AT = -26.0
"""Of the camera that looks at the rears of those who wait."""

GAP_M = 6.0
"""Between a waiting vehicle and the one behind it."""

WAITS_BEYOND = 9.0
"""Who comes from the other side waits here, beside the way of those who leave."""

TURNS_AT = -7.0
"""A vehicle that reverses leaves to the side here, behind the entry loop."""

ARM_CLEAR = 0.75
"""From this position up the arm clears a truck."""
