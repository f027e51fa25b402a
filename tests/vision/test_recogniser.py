"""From what the network saw to a reading."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.plate import ALPHABET
from edge.vision.recogniser import OpenVinoPlateReader, believed, evidence
from simulator.plates import draw


def a_view(text, doubts=()):
    """Columns that show the text; `doubts`: (place, other sign, log-probability)."""
    rows = []
    for n, sign in enumerate(text):
        row = np.full(len(ALPHABET) + 1, -14.0, np.float32)
        taken = 0.0
        for place, other, score in doubts:
            if place == n:
                row[1 + ALPHABET.index(other)] = score
                taken += float(np.exp(score))
        row[1 + ALPHABET.index(sign)] = np.log(1 - taken) - 0.001
        blank = np.full(len(ALPHABET) + 1, -14.0, np.float32)
        blank[0] = -0.0005
        rows += [row, blank]
    return np.stack(rows), "white", 1


def test_two_views_that_differ_share_the_belief():
    ranked = dict(believed([a_view("34A36837"), a_view("34A36831")]))
    assert ranked["34A36837"] == pytest.approx(ranked["34A36831"], rel=0.01)
    assert sum(ranked.values()) <= 1.0


def test_the_clearer_view_decides():
    unsure = a_view("34A36837", doubts=[(7, "1", -0.5)])
    assert believed([unsure])[0][0] == "34A36831"
    assert believed([unsure, a_view("34A36837")])[0][0] == "34A36837"


@given(st.floats(0, 1), st.floats(0, 1))
def test_evidence_is_finite_whatever_is_believed(share, rival):
    assert all(np.isfinite(evidence(share, rival)))


@given(st.floats(0.001, 0.998), st.floats(0.0001, 0.4))
def test_more_belief_is_more_evidence(share, rival):
    more = min(0.999, share * 1.2)
    assert evidence(more, rival)[0] > evidence(share, rival)[0]
    assert evidence(more, rival)[1] > evidence(share, rival)[1]


@pytest.fixture(scope="module")
def reader():
    return OpenVinoPlateReader()


@pytest.mark.parametrize(
    ("text", "country", "colour", "lines"),
    [
        ("30A12345", "VN", "white", 1),
        ("24C20339", "VN", "yellow", 2),
        ("29X112345", "VN", "white", 2),
        ("云G12345", "CN", "blue", 1),
        ("桂A1234挂", "CN", "yellow", 2),
        ("粤BD12345", "CN", "green", 1),
    ],
)
def test_drawn_plates_are_read_with_country_colour_and_lines(reader, text, country, colour, lines):
    reading = reader.read(draw(text, country, colour, lines, 80))
    assert (reading.text, reading.country) == (text, country)
    assert (reading.colour, reading.lines) == (colour, lines)


def test_no_reading_claims_more_than_was_calibrated(reader):
    reading = reader.read(draw("30A12345", "VN", "white", 1, 80))
    assert reading.accepted
    assert reading.confidence < 1


@pytest.mark.parametrize("picture", [np.zeros((64, 160, 3), np.uint8), np.full((40, 90, 3), 200)])
def test_an_empty_picture_is_not_accepted(reader, picture):
    reading = reader.read(picture.astype(np.uint8))
    assert reading is None or not reading.accepted


def test_a_picture_too_small_to_read_is_not_read(reader):
    assert reader.read(np.zeros((6, 40, 3), np.uint8)) is None
