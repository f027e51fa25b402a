"""Pictures of a lane as an imaginary camera gives them, with what may go wrong with it."""

import cv2
import numpy as np

WIDTH, HEIGHT = 640, 360


class LaneCamera:
    """`noise`: of its sensor, in steps of brightness; 0 for one that has none."""

    def __init__(self, noise=2, seed=5):
        self._rng = np.random.default_rng(seed)
        self.noise = noise
        ground = np.full((HEIGHT + 80, WIDTH + 160, 3), 110, np.uint8)
        for _ in range(140):
            x, y = self._rng.integers(0, (WIDTH + 160, HEIGHT + 80))
            w, h = self._rng.integers(8, 90, 2)
            colour = tuple(int(c) for c in self._rng.integers(20, 235, 3))
            cv2.rectangle(ground, (int(x), int(y)), (int(x + w), int(y + h)), colour, -1)
        self._ground = ground

    def picture(self, light=1.0, dx=0, dy=0, vehicle=None, clock=None):
        """`dx`, `dy`: pixels by which the camera is turned; `vehicle`: its left edge; `clock`: what
        it writes into the picture."""
        shown = self._ground[40 + dy : 40 + dy + HEIGHT, 80 + dx : 80 + dx + WIDTH].copy()
        if vehicle is not None:
            cv2.rectangle(shown, (vehicle, 90), (vehicle + 260, 330), (160, 60, 50), -1)
            cv2.rectangle(shown, (vehicle + 90, 280), (vehicle + 170, 305), (240, 240, 240), -1)
        shown = (shown * light).astype(np.uint8)
        if self.noise:
            grain = self._rng.integers(-self.noise, self.noise + 1, shown.shape).astype(np.int16)
            shown = cv2.add(shown, grain, dtype=cv2.CV_8U)
        if clock is not None:
            cv2.putText(shown, str(clock), (8, 20), 0, 0.6, (255, 255, 255), 2)
        return shown
