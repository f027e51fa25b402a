"""A reading in a picture is read by people: every character of a plate is drawn as itself."""

import numpy as np
import pytest

from edge.domain.plate import ALPHABET
from edge.vision import lettering


def written(text, ground=120):
    picture = np.full((80, 640, 3), ground, np.uint8)
    lettering.write(picture, text, (20, 60), 1.0, (80, 200, 80), 2)
    return picture


def test_every_character_of_a_plate_is_drawn_and_no_two_alike():
    drawn = {written(character).tobytes(): character for character in ALPHABET}
    assert len(drawn) == len(ALPHABET)
    assert written("").tobytes() not in drawn
    assert written("*").tobytes() not in drawn


@pytest.mark.parametrize("ground", [0, 120, 255])
def test_a_word_stands_out_on_any_ground(ground):
    """In its colour, within a dark rim."""
    picture = written("云G12345", ground)
    coloured = (picture == (80, 200, 80)).all(axis=2)
    assert coloured.sum() > 200
    assert ground == 0 or (picture.max(axis=2) < 60).sum() > 300


def test_its_width_is_known_before():
    width, height = lettering.size("云G12345", 1.0, 2)
    drawn = np.argwhere((written("云G12345") != 120).any(axis=2))
    assert drawn[:, 1].max() - 20 == pytest.approx(width, abs=6)
    assert 60 - drawn[:, 0].min() == pytest.approx(height, abs=8)


def test_what_lies_outside_of_the_picture_is_left_out():
    picture = np.full((80, 640, 3), 120, np.uint8)
    for at in ((-30, 5), (630, 60), (2000, 60), (20, -50)):
        lettering.write(picture, "云G12345", at, 1.0, (80, 200, 80), 2)
