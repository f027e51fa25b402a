"""Several views of one plate: which of them is believed."""

from collections.abc import Iterator

import numpy as np
import pytest

from edge.vision.detection import PLATE, Detection
from edge.vision.frame_result import detect, read_plate
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


def test_a_wide_view_makes_no_text_sure_that_the_closer_ones_were_far_from_sure_of():
    reader = Script(*[a_reading("70X105963", c) for c in (0.59, 0.75, 0.97, 0.995)])
    assert not read_plate(PICTURE, BOX, reader, careful=True).accepted
    reader = Script(*[a_reading("70X105963", c) for c in (0.95, 0.97, 0.98, 0.995)])
    assert read_plate(PICTURE, BOX, reader, careful=True).accepted


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


class Sees:
    """A detector that finds what `here` says of a picture; counts its looks."""

    def __init__(self, here):
        self._here, self.looks = here, 0

    def find(self, picture):
        self.looks += 1
        return self._here(picture)


def a_plate(box, sure=0.5):
    return Detection(PLATE, sure, box)


def test_a_plate_that_only_a_smaller_look_shows_is_read_and_stands_where_it_is():
    def here(picture):
        return [a_plate((120, 80, 300, 150))] if picture.shape[:2] == (300, 450) else []

    detector, reader = Sees(here), Script(a_reading("29L107025", 0.999))
    (plate,) = detect(PICTURE, detector, reader, fitter=detector).plates
    assert plate.reading.accepted
    assert plate.box == (45, 30, 225, 100)
    assert detector.looks == 2


def test_a_photograph_that_is_surely_read_is_looked_at_once():
    detector = Sees(lambda _: [a_plate((100, 80, 200, 110))])
    detect(PICTURE, detector, Script(a_reading("29L107025", 0.999)), fitter=detector)
    assert detector.looks == 1


def test_a_plate_that_the_edge_of_a_part_cuts_is_not_read_there():
    def here(picture):
        return [a_plate((150, 60, 180, 80))] if picture.shape[:2] == (120, 180) else []

    detector, reader = Sees(here), Script(*[a_reading("29L10702", 0.999)] * 8)
    result = detect(PICTURE, detector, reader, fitter=detector)
    assert [round(p.box[0]) for p in result.plates] == [270], "in the right-hand parts it is whole"


def test_two_looks_that_read_otherwise_leave_the_plate_in_doubt():
    def here(picture):
        if picture.shape == PICTURE.shape:
            return [a_plate((100, 80, 200, 110))]
        return [a_plate((175, 130, 275, 160))] if picture.shape[:2] == (300, 450) else []

    lines = [a_reading("29L107025", 0.7)] * 4 + [a_reading("29L107026", 0.999)] * 40
    detector, reader = Sees(here), Script(*lines)
    (plate,) = detect(PICTURE, detector, reader, fitter=detector).plates
    assert plate.reading.text == "29L107026"
    assert not plate.reading.accepted
    assert plate.reading.confidence < 0.7


def test_a_vehicle_without_a_plate_is_looked_at_otherwise_in_turn():
    shapes = []

    def here(picture):
        shapes.append(picture.shape[:2])
        whole = picture.shape == PICTURE.shape
        return [Detection("car", 0.9, (20, 20, 140, 140))] if whole else []

    for number in range(6):
        detect(PICTURE, Sees(here), Script(), number=number)
    own, looks = shapes[1::2][0], shapes[1::2]
    assert looks[0] == looks[2] == looks[4] == own
    assert len({own, *looks[1::2]}) == 3, "smaller, and sheared by as much to either side"


def test_a_vehicle_that_fills_the_picture_is_looked_at_smaller_and_sheared():
    def here(picture):
        if picture.shape == PICTURE.shape:
            return [Detection("car", 0.9, (0, 0, 300, 200))]
        return [a_plate((175, 130, 275, 160))] if picture.shape[:2] == (300, 450) else []

    result = detect(PICTURE, Sees(here), Script(a_reading("29L107025", 0.999)), number=3)
    assert result.vehicles[0].plate.reading.text == "29L107025"


def test_a_near_plate_that_slopes_steeply_is_found_sheared_and_smaller():
    def here(picture):
        return [a_plate((150, 250, 300, 290))] if picture.shape[:2] == (548, 450) else []

    detector, reader = Sees(here), Script(a_reading("29L107025", 0.999))
    (plate,) = detect(PICTURE, detector, reader, fitter=detector).plates
    assert plate.reading.accepted


def test_a_look_in_which_the_plate_slopes_more_says_nothing_against_the_first():
    def here(picture):
        if picture.shape == PICTURE.shape:
            return [a_plate((100, 80, 200, 110))]
        return [a_plate((110, 125, 190, 185))] if picture.shape[:2] == (320, 300) else []

    lines = [a_reading("29L107025", 0.7)] * 4 + [a_reading("29L107026", 0.98)] * 40
    detector = Sees(here)
    (plate,) = detect(PICTURE, detector, Script(*lines), fitter=detector).plates
    assert (plate.reading.text, plate.reading.confidence) == ("29L107025", 0.7)


def test_a_box_fitted_anew_that_reads_otherwise_leaves_the_plate_in_doubt():
    def here(picture):
        if picture.shape == PICTURE.shape:
            return [a_plate((100, 80, 200, 110))]
        return [a_plate((75, 80, 175, 110))] if picture.shape[:2] == (200, 250) else []

    lines = [a_reading("29L107025", 0.7)] * 4 + [a_reading("29L107026", 0.999)] * 40
    detector = Sees(here)
    (plate,) = detect(PICTURE, detector, Script(*lines), fitter=detector).plates
    assert not plate.reading.accepted
    assert plate.reading.text == "29L107026"
    assert plate.reading.rival == pytest.approx(0.7 / 1.699)


def test_a_plate_between_three_texts_stays_in_doubt_whatever_one_more_look_is_sure_of():
    def here(picture):
        if picture.shape == PICTURE.shape:
            return [a_plate((100 + n, 80, 200 + n, 110), 0.9 - n / 10) for n in range(3)]
        return [a_plate((175, 130, 275, 160))] if picture.shape[:2] == (300, 450) else []

    texts = ("29L107021", 0.9), ("29L107022", 0.8), ("29L107023", 0.7)
    first = [a_reading(*text) for text in texts for _ in range(4)]
    detector, reader = Sees(here), Script(*first, *[a_reading("29L107024", 0.999)] * 40)
    (plate,) = detect(PICTURE, detector, reader, fitter=detector).plates
    assert not plate.reading.accepted
