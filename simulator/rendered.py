"""A lane's rendered cameras: its world, drawn anew and again."""

from __future__ import annotations

from collections.abc import Iterator

import cv2

from simulator.rears import rear_look
from simulator.scene import Placed, Scene
from simulator.viewpoint import FRONT, Viewpoint
from simulator.weather import Weather
from simulator.world import LaneWorld


class RenderedView:
    """A rendered camera: the newest JPEG of a lane."""

    def __init__(
        self, world: LaneWorld, seed: int, night: bool, weather: Weather, at: Viewpoint = FRONT
    ) -> None:
        self._world, self._behind = world, at.behind
        self._scene = Scene(seed, night, weather, at)
        self._newest: tuple[int, bytes] = (0, b"")
        self.frame = lambda: self._newest

    def draw(self, flowing: bool) -> None:
        """As the world is; traffic changes that and not this."""
        picture, _ = self._scene.render(list(self._placed()))
        done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 88])
        if done:
            self._newest = (self._newest[0] + 1, data.tobytes())

    def _placed(self) -> Iterator[Placed]:
        if not self._behind:
            yield from (Placed(v.look, v.distance) for v in self._world.placed())
            return
        for v in self._world.placed_behind():
            look = rear_look(v.look, v.trailer_plate)
            yield Placed(look, v.distance, brakes=v.brakes, length=v.length)


def rear_camera_of(lane: str) -> str:
    """What the lane's second camera is called on its server."""
    return f"{lane}-rear"
