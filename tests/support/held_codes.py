"""Codes that are held to a camera before a truck, seen by the real vision process over MJPEG.

`python -m tests.support.held_codes` measures what stands in docs/accuracy.md.
"""

import random
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np

from edge.config import load
from edge.domain.facts import CodeSeen, VehicleSeen
from edge.vision.process import VisionProcess
from simulator.bodywork import look_for
from simulator.camera import Cameras
from simulator.scene import Placed, Scene
from tests.support.codes import Issuer, at_night, dirty, on_a_phone, turned
from tests.support.vision_config import CONFIG

SIDE = 200
"""Pixels of a code's width."""

AT = (60, 470)
"""Where it is held: beside the truck, low, at the driver's side."""

PATIENCE_S = 6.0
"""How long a driver holds it out."""

HELD: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "printed": lambda code, seed: code,
    "on a phone": on_a_phone,
    "mirrored": lambda code, seed: np.ascontiguousarray(code[:, ::-1]),
    "tilted by 25 to 36 degrees, leaning": lambda code, seed: turned(code, 25 + seed, 0.3),
    "mud over 2 %": lambda code, seed: dirty(code, 0.02, seed),
    "out of focus": lambda code, seed: cv2.GaussianBlur(code, (0, 0), 1.5),
    "on a phone, dirty, tilted by 20": lambda code, seed: turned(
        dirty(on_a_phone(code, seed), 0.01, seed), 20
    ),
}


def drawn(text, side=SIDE):
    """A code with a margin on which it may be turned."""
    import zxingcpp

    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    bits = np.array(made.to_image(scale=4, add_quiet_zones=True))
    code = cv2.resize(bits, (side, side), interpolation=cv2.INTER_AREA)
    field = np.full((side * 5 // 4, side * 5 // 4, 3), 120, np.uint8)
    edge = side // 8
    field[edge : edge + side, edge : edge + side] = code[:, :, None]
    return field


class Booth:
    """A truck stands before the camera, and codes are held out. `facts` of the vision process."""

    def __init__(self, folder, night=False, truck=True):
        self.night, self.facts = night, []
        look = look_for("truck", random.Random(4), ("24C12345", "VN", "yellow", 1))
        self._scene, self._there = Scene(2, night), [Placed(look, 8.8)] if truck else []
        self._held, self._number = None, 0
        self._cameras = Cameras({"c": self._frame}, rate=8.0)
        self._cameras.start()
        file = Path(folder) / "gate.toml"
        source = f'{{ source = "{self._cameras.url("c")}", codes = true }}'
        text = CONFIG.replace('{ source = "none.mp4" }', source).replace("memory_mb = 400", "")
        file.write_text(text, encoding="utf-8")
        self._eyes = VisionProcess(load(file))
        self._eyes.start(self.facts.append)

    def _frame(self):
        self._number += 1
        picture, _ = self._scene.render(self._there)
        held = self._held
        if held is not None:
            (x, y), (height, width) = AT, held.shape[:2]
            picture[y : y + height, x : x + width] = held
        jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
        return self._number, jpeg.tobytes()

    def close(self):
        self._eyes.stop()
        self._cameras.stop()

    def sees_the_truck(self):
        return any(isinstance(fact, VehicleSeen) for fact in list(self.facts))

    def sent(self):
        """Pictures, as far as they are looked at."""
        looks = self._eyes.status("out1").frames_per_s > 1
        return self._cameras.served["c"] if looks else 0

    def hold(self, text, held=None, seed=0):
        """Nothing is held out where there is no text."""
        code = drawn(text) if text else None
        if code is not None and held is not None:
            code = held(code, seed)
        if code is not None and self.night:
            code = at_night(code, 0.3, seed=seed)
        self._held = code

    def read(self, text):
        return any(isinstance(f, CodeSeen) and f.text == text for f in list(self.facts))

    def read_within(self, text, seconds=PATIENCE_S):
        """Seconds until it was read, or None."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.read(text):
                return time.monotonic() - began
            time.sleep(0.05)
        return None

    def codes(self):
        return [fact.text for fact in list(self.facts) if isinstance(fact, CodeSeen)]


def measured(of_each):
    for night in (False, True):
        with tempfile.TemporaryDirectory() as folder, closing(Booth(folder, night)) as booth:
            began = time.monotonic()
            while not booth.sees_the_truck() and time.monotonic() - began < 60:
                time.sleep(0.1)
            issuer, ours = Issuer(), set()
            for name, held in HELD.items():
                took = []
                for seed in range(of_each):
                    text = issuer.code(nonce=f"n{night:d}{list(HELD).index(name)}{seed:04}")
                    ours.add(text)
                    booth.hold(text, held, seed)
                    took.append(booth.read_within(text))
                good = sorted(t for t in took if t is not None)
                times = f"{good[len(good) // 2]:.1f} / {good[-1]:.1f}" if good else "-"
                called = f"{name}, night" if night else name
                print(f"| {called} | {len(good)} of {of_each} | {times} |", flush=True)
            print("read wrongly:", sum(code not in ours for code in booth.codes()), flush=True)


if __name__ == "__main__":
    measured(12)
