"""What counts as movement before a camera."""

import random

import cv2
import numpy as np
import pytest

from edge.vision.stillness import Stillness
from simulator.bodywork import look_for
from simulator.scene import Placed, Scene

TRUCK = look_for("truck", random.Random(4), ("24C12345", "VN", "yellow", 1))


@pytest.fixture(params=[False, True], ids=["day", "night"])
def scene(request):
    return Scene(2, night=request.param)


def still_after(first, second):
    stillness = Stillness()
    stillness.looked(first)
    return stillness.still(second)


def test_before_the_first_look_nothing_is_known():
    assert not Stillness().still(np.zeros((720, 1280, 3), np.uint8))


def test_noise_alone_is_no_movement(scene):
    placed = [Placed(TRUCK, 9.0)]
    assert still_after(scene.render(placed)[0], scene.render(placed)[0])


def test_a_clock_in_the_picture_is_no_movement(scene):
    pictures = [scene.render([])[0] for _ in range(2)]
    for picture, text in zip(pictures, ("2026-11-25 12:00:07", "2026-11-25 12:00:08"), strict=True):
        cv2.putText(picture, text, (20, 40), 0, 0.8, (255, 255, 255), 2)
    assert still_after(*pictures)


@pytest.mark.parametrize(("before", "after"), [(9.0, 8.9), (25.0, 23.5)])
def test_a_vehicle_that_moves_is_movement(scene, before, after):
    first, second = (scene.render([Placed(TRUCK, d)])[0] for d in (before, after))
    assert not still_after(first, second)


def test_a_vehicle_that_comes_or_goes_is_movement(scene):
    empty, taken = scene.render([])[0], scene.render([Placed(TRUCK, 30.0)])[0]
    assert not still_after(empty, taken)
    assert not still_after(taken, empty)


def test_a_change_of_light_is_no_movement():
    picture = Scene(2).render([])[0]
    brighter = cv2.add(picture, np.full_like(picture, 15))
    assert still_after(picture, brighter)


def test_slow_movement_adds_up_to_movement():
    scene, stillness = Scene(2), Stillness()
    stillness.looked(scene.render([Placed(TRUCK, 12.0)])[0])
    seen = [stillness.still(scene.render([Placed(TRUCK, 12.0 - n / 50)])[0]) for n in range(40)]
    assert seen[0]
    assert not seen[-1]
