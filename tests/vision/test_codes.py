"""Codes that are held to the camera, as drivers hold them. The figures of more of them stand in
docs/accuracy.md."""

import numpy as np
import pytest

from edge.vision.codes import codes_in
from tests.support.codes import (
    Issuer,
    a_picture,
    at_night,
    dirty,
    on_a_phone,
    turned,
)

CODE = Issuer().code()
SIDE = 260
"""Pixels: a hand's breadth at two metres before a lens of 4 mm, 1080p."""

WAYS = {
    "printed": lambda picture, seed: picture,
    "phone": on_a_phone,
    "tilted": lambda picture, seed: turned(picture, 25 + seed, 0.4),
    "night": lambda picture, seed: at_night(picture, seed=seed),
    "phone, tilted, at night": lambda picture, seed: at_night(
        turned(on_a_phone(picture, seed), 20, 0.2), 0.3, seed=seed
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_code_is_read_as_it_is_held_out(way):
    read = [codes_in(WAYS[way](a_picture(CODE, SIDE), seed)) == [CODE] for seed in range(4)]
    assert read == [True] * 4


def test_of_dirty_codes_some_are_read_and_none_wrongly():
    read = [codes_in(dirty(a_picture(CODE, SIDE), 0.02, seed)) for seed in range(8)]
    assert all(found in ([], [CODE]) for found in read)
    assert sum(found == [CODE] for found in read) >= 4


def test_a_code_that_is_none_of_ours_is_left_out():
    assert codes_in(a_picture("https://example.com/menu")) == []
    assert codes_in(np.full((720, 1280, 3), 90, np.uint8)) == []
