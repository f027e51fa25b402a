"""What the gate's vision reads of the simulator's pictures, beside the real sets' figures.

Run: python -m tools.measure_scene [--of 24] [--seed 19]; docs/accuracy.md has its table.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass

from edge.vision.detectors import detector_of
from edge.vision.frame_result import detect
from edge.vision.recogniser import OpenVinoPlateReader
from simulator.bodywork import look_for
from simulator.plates import invent
from simulator.rears import rear_look
from simulator.scene import Placed, Scene
from simulator.viewpoint import FRONT, REAR, Viewpoint
from simulator.weather import WEATHERS, Weather

WAITS_M = (8.4, 9.4)
"""A front at the line, from the first camera."""

REARS_M = {"truck": (11.0, 17.0), "trailer": (8.5, 10.0), "car": (19.0, 20.4)}
"""Rears of those who wait, from the second."""


@dataclass(frozen=True, slots=True)
class Light:
    name: str
    night: bool
    weather: Weather


LIGHTS = (
    *(Light("day" if w == "clear" else w, False, w) for w in WEATHERS),
    Light("night", True, "clear"),
)


def pictures(
    rng: random.Random, behind: bool, light: Light, of: int
) -> Iterator[tuple[Scene, Placed]]:
    at: Viewpoint = REAR if behind else FRONT
    for n in range(of):
        kind = ("truck", "trailer", "truck", "car")[n % 4]
        country = "VN" if n % 2 else "CN"
        plate = invent(rng, country, "car" if country == "VN" else "standard")
        body = "truck" if kind == "trailer" else kind
        colour = "yellow" if body == "truck" else plate.colour
        lines = plate.lines if country == "VN" else 1
        look = look_for(body, rng, (plate.text, country, colour, lines))
        scene = Scene(rng.randrange(1000), light.night, light.weather, at)
        if not behind:
            yield scene, Placed(look, rng.uniform(*WAITS_M))
            continue
        trailer = invent(rng, "CN", "trailer").text if kind == "trailer" else ""
        away = rng.uniform(*REARS_M[kind])
        yield scene, Placed(rear_look(look, trailer), away, brakes=True, length=24.8 - away)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--of", type=int, default=24)
    parser.add_argument("--seed", type=int, default=19)
    told = parser.parse_args()
    detector, reader = detector_of(), OpenVinoPlateReader()
    print("| seen | light | pictures | exact | sure | sure but wrong |\n|---|---|--:|--:|--:|--:|")
    for behind in (False, True):
        for light in LIGHTS:
            rng = random.Random(f"{told.seed}-{behind}-{light.name}")
            exact = sure = wrong = 0
            for scene, placed in pictures(rng, behind, light, told.of):
                picture, _ = scene.render([placed])
                read = [p.reading for p in detect(picture, detector, reader).plates if p.reading]
                best = max(read, key=lambda r: r.confidence, default=None)
                right = best is not None and best.text == placed.look.plate
                exact += right
                sure += best is not None and best.accepted
                wrong += any(r.accepted and r.text != placed.look.plate for r in read)
            seen = "rear" if behind else "front"
            print(f"| {seen} | {light.name} | {told.of} | {exact} | {sure} | {wrong} |", flush=True)


if __name__ == "__main__":
    main()
