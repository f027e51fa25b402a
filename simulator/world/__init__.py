"""The simulator's world: one lane's vehicles, drivers, loops, beams and arm, and the truth of them.

`Road` is pure and has no clock; `LaneWorld` is one on a running clock, for boards and cameras.
"""

from simulator.world.hardware import LaneWorld
from simulator.world.places import ARM_CLEAR, CAMERA_AT, GONE_AT, STOP_AT
from simulator.world.road import Road, Seen
from simulator.world.shapes import bare_semi_trailer, drawbar, pedestrian, semi_trailer
from simulator.world.truth import Crossing, Touch, Truth
from simulator.world.vehicle import Driver, Look, Mood, Vehicle

__all__ = [
    "ARM_CLEAR",
    "CAMERA_AT",
    "GONE_AT",
    "STOP_AT",
    "Crossing",
    "Driver",
    "LaneWorld",
    "Look",
    "Mood",
    "Road",
    "Seen",
    "Touch",
    "Truth",
    "Vehicle",
    "bare_semi_trailer",
    "drawbar",
    "pedestrian",
    "semi_trailer",
]
