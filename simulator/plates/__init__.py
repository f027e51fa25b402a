"""Number plates drawn by their national layouts, and what road and camera do to them."""

from simulator.plates.drawing import draw, fonts_shipped
from simulator.plates.inventing import Invented, invent
from simulator.plates.wear import weathered, worn

__all__ = ["Invented", "draw", "fonts_shipped", "invent", "weathered", "worn"]
