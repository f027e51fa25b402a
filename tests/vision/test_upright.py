"""Leaning plates are set upright before a second look."""

import cv2
import numpy as np
import pytest

from edge.vision.upright import set_upright
from simulator.plates import draw


def leaning(plate, lean, slant):
    """The plate on dark ground, its rows falling and its characters slanting."""
    framed = cv2.copyMakeBorder(plate, 16, 16, 16, 16, cv2.BORDER_CONSTANT, value=(40, 40, 40))
    h, w = framed.shape[:2]
    matrix = np.float32([[1, slant, -slant * h / 2], [lean, 1, -lean * w / 2]])
    return cv2.warpAffine(framed, matrix, (w, h), borderValue=(40, 40, 40))


def sharpness(picture, axis):
    """How much the profile of the edges along one axis stands out."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    edges = np.abs(cv2.Sobel(grey, cv2.CV_32F, axis, 1 - axis))
    return float((edges.mean(1 - axis) ** 2).mean())


@pytest.mark.parametrize("lean", [-0.14, -0.07, 0.07, 0.14])
@pytest.mark.parametrize(
    ("text", "country", "colour", "lines"),
    [("24C12345", "VN", "white", 2), ("云G12345", "CN", "blue", 1)],
)
def test_leaning_rows_come_level(text, country, colour, lines, lean):
    plate = leaning(draw(text, country, colour, lines, 80), lean, 0.0)
    assert sharpness(set_upright(plate), 0) > 1.05 * sharpness(plate, 0)


@pytest.mark.parametrize("slant", [-0.3, 0.3])
def test_slanting_characters_come_erect(slant):
    plate = leaning(draw("云G12345", "CN", "blue", 1, 80), 0.0, slant)
    assert sharpness(set_upright(plate), 1) > 1.05 * sharpness(plate, 1)


@pytest.mark.parametrize("lines", [1, 2])
def test_an_upright_plate_stays_as_it_is(lines):
    plate = leaning(draw("24C12345", "VN", "white", lines, 80), 0.0, 0.0)
    assert np.abs(set_upright(plate).astype(int) - plate).mean() < 12


@pytest.mark.parametrize("size", [(8, 8), (8, 300), (300, 8), (1, 40)])
def test_pictures_of_any_size_are_taken(size):
    picture = np.zeros((*size, 3), np.uint8)
    assert set_upright(picture).shape == picture.shape
