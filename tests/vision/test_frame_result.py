"""Several views of one plate: which of them is believed."""

from collections.abc import Iterator

import numpy as np
import pytest

from edge.vision.frame_result import read_plate
from edge.vision.reading import Reading

PICTURE = np.zeros((200, 300, 3), np.uint8)
BOX = (100.0, 80.0, 200.0, 110.0)


def a_reading(text, confidence, part=False):
    return Reading(
        text, text, "VN", "white", 1, confidence, confidence > 0.99, ((text, 1.0),), 100, part
    )


class Script:
    """A reader that says one thing after the other; `widths` of what it was shown."""

    def __init__(self, *readings):
        self._readings: Iterator = iter(readings)
        self.widths = []

    def read(self, crop):
        self.widths.append(crop.shape[1])
        return next(self._readings, None)


def test_a_sure_view_is_enough():
    reader = Script(a_reading("29L107025", 0.999))
    assert read_plate(PICTURE, BOX, reader).accepted
    assert len(reader.widths) == 1


def test_an_unsure_view_is_followed_by_wider_ones_and_the_surest_counts():
    reader = Script(a_reading("29L107025", 0.6), a_reading("29L107026", 0.8), None)
    assert read_plate(PICTURE, BOX, reader, careful=True).text == "29L107026"
    assert reader.widths == sorted(reader.widths)
    assert len(set(reader.widths)) > 2


@pytest.mark.parametrize("careful", [False, True])
def test_a_plate_that_something_cuts_is_not_believed_because_a_wider_view_is_sure(careful):
    reader = Script(a_reading("29L10702", 0.7, part=True), a_reading("29L10702", 0.999))
    reading = read_plate(PICTURE, BOX, reader, careful)
    assert (reading.accepted, reading.confidence) == (False, 0.7)


def test_a_plate_that_its_box_has_cut_is_believed_in_a_wider_view():
    reader = Script(a_reading("29L10702", 0.7, part=True), a_reading("29L107025", 0.999))
    assert read_plate(PICTURE, BOX, reader).text == "29L107025"


def test_nothing_read_is_nothing():
    assert read_plate(PICTURE, BOX, Script()) is None
