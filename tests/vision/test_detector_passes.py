"""Other looks at a picture: what is seen in them is told in the picture's own pixels."""

import cv2
import numpy as np
import pytest

from edge.vision.detector_passes import OTHERS, as_it_is, farther, other, part, parts, sheared

BOX = (60, 40, 110, 56)


def a_picture():
    picture = np.zeros((120, 200, 3), np.uint8)
    picture[BOX[1] : BOX[3], BOX[0] : BOX[2]] = 255
    return picture


def shown(look):
    """The box of what is white in the look."""
    white = look.picture.min(axis=2) > 200
    rows, columns = np.flatnonzero(white.any(1)), np.flatnonzero(white.any(0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def of_a_part(number):
    return other(part(a_picture(), (30.0, 20.0, 150.0, 90.0)), number)


@pytest.mark.parametrize(
    "look",
    [as_it_is(a_picture()), farther(as_it_is(a_picture())), part(a_picture(), (30, 20, 150, 90)),
     of_a_part(0)],
)  # fmt: skip
def test_a_box_goes_back_to_where_it_is_in_the_picture(look):
    assert look.in_picture(shown(look)) == pytest.approx(BOX, abs=1)


@pytest.mark.parametrize("number", [1, 2, 1 + OTHERS, 2 + OTHERS])
def test_what_is_sheared_goes_back_into_a_box_that_holds_it(number):
    for look in (other(as_it_is(a_picture()), number), of_a_part(number)):
        x1, y1, x2, y2 = look.in_picture(shown(look))
        assert (x1, y1) <= (BOX[0] + 1, BOX[1] + 1)
        assert x2 >= BOX[2] - 1
        assert y2 >= BOX[3] - 1
        assert ((x1 + x2) / 2, (y1 + y2) / 2) == pytest.approx((85, 48), abs=1.5)


@pytest.mark.parametrize("slope", [0.4, -0.4])
def test_rows_that_slope_are_level_in_one_of_the_shears(slope):
    picture = np.zeros((300, 300, 3), np.uint8)
    y = 150 - slope * 80
    corners = [(70, y - 20), (230, y - 20 + slope * 160), (230, y + 20 + slope * 160), (70, y + 20)]
    cv2.fillPoly(picture, [np.int32(corners)], (255, 255, 255))
    _, top, _, bottom = shown(sheared(as_it_is(picture), slope))
    assert bottom - top < 46
    _, top, _, bottom = shown(sheared(as_it_is(picture), -slope))
    assert bottom - top > 140


def test_the_whole_picture_lies_in_every_shear():
    for slope in (0.4, -0.4):
        look = sheared(as_it_is(np.full((90, 160, 3), 255, np.uint8)), slope)
        rows, columns = look.picture.shape[:2]
        for x, y in ((0, 0), (159, 0), (159, 89), (0, 89)):
            forth = cv2.invertAffineTransform(look.back) @ (x, y, 1)
            assert -1 <= forth[0] <= columns
            assert -1 <= forth[1] <= rows


def test_the_parts_show_everything_and_what_lies_in_the_middle_in_all():
    seen = np.zeros((120, 200), int)
    for look in parts(a_picture()):
        rows, columns = look.picture.shape[:2]
        x, y = int(look.back[0, 2]), int(look.back[1, 2])
        seen[y : y + rows, x : x + columns] += 1
    assert seen.min() == 1
    assert seen[60, 100] == 4


def test_only_an_edge_behind_which_the_picture_goes_on_cuts():
    first, *_, last = parts(np.zeros((100, 100, 3), np.uint8))
    assert first.cuts((30, 30, 60, 40))
    assert not first.cuts((0, 0, 30, 30))
    assert last.cuts((0, 20, 30, 30))
    assert not last.cuts((30, 30, 60, 60))
    assert not as_it_is(np.zeros((100, 100, 3), np.uint8)).cuts((0, 0, 100, 100))
