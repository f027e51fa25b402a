"""What is not to be seen is gone from a kept picture, and the plate is not."""

import numpy as np
import pytest

from edge.vision.privacy import SURROUNDINGS, WINDSCREEN, blurred

VEHICLE, PLATE = (100.0, 60.0, 300.0, 260.0), (160.0, 220.0, 240.0, 245.0)


@pytest.fixture
def picture():
    return np.random.default_rng(1).integers(0, 255, (300, 480, 3), np.uint8)


def detail(part):
    """Share of neighbouring pixels that differ."""
    return float((part[:, 1:] != part[:, :-1]).any(axis=2).mean())


def test_nothing_is_taken_out_where_nothing_is_asked(picture):
    assert blurred(picture, VEHICLE, PLATE, ()) is picture


def test_around_the_vehicle_nothing_is_left_and_the_vehicle_is_as_it_was(picture):
    shown = blurred(picture, VEHICLE, PLATE, (SURROUNDINGS,))
    assert detail(shown[:, 320:]) < 0.1
    assert detail(shown[:50, :]) < 0.1
    assert (shown[60:260, 100:300] == picture[60:260, 100:300]).all()


def test_behind_the_windscreen_nothing_is_left_and_the_plate_is_as_it_was(picture):
    shown = blurred(picture, VEHICLE, PLATE, (WINDSCREEN,))
    assert detail(shown[62:165, 102:298]) < 0.2
    assert (shown[220:245, 160:240] == picture[220:245, 160:240]).all()
    assert (shown[:, 320:] == picture[:, 320:]).all()


def test_a_plate_high_on_the_vehicle_stays_legible(picture):
    high = (160.0, 80.0, 240.0, 105.0)
    shown = blurred(picture, VEHICLE, high, (WINDSCREEN, SURROUNDINGS))
    assert (shown[80:105, 160:240] == picture[80:105, 160:240]).all()


def test_without_a_vehicle_all_of_it_is_around(picture):
    assert detail(blurred(picture, None, None, (SURROUNDINGS,))) < 0.1
    assert detail(blurred(picture, (900, 900, 950, 950), None, (SURROUNDINGS, WINDSCREEN))) < 0.1


def test_a_windscreen_is_hidden_too_where_the_picture_cuts_the_vehicle_off(picture):
    shown = blurred(picture, (100.0, 150.0, 300.0, 299.0), None, (WINDSCREEN,))
    assert detail(shown[152:270, 102:298]) < 0.25
