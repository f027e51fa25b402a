"""Rendered vehicles through the real detector: counted, and their direction named."""

import random

import pytest

from edge.domain.facts import Heading
from edge.vision.detectors import detector_of
from edge.vision.recogniser import OpenVinoPlateReader
from simulator.bodywork import look_for
from simulator.scene import HEIGHT, Placed, Scene, ground_y
from tests.support.vision.films import seen_in

pytestmark = pytest.mark.timeout(300)
CAR_M = 4.5
TRAVEL = (0.5, 0.4, 0.5, 0.95)
LINE = ground_y(7.5) / HEIGHT


@pytest.fixture(scope="module")
def models():
    return detector_of(), OpenVinoPlateReader()


def a_car(text, seed):
    return look_for("car", random.Random(seed), (text, "VN", "white", 1))


def test_tailgaters_at_one_metre_are_counted_each_and_read_each_on_a_track_of_its_own(models):
    texts = ("51D98765", "29A12345", "34A36837")
    cars = [a_car(text, n) for n, text in enumerate(texts)]
    scene = Scene(4)

    def pictures():
        for n in range(86):
            first = 18 - 0.35 * n
            row = [Placed(car, first + k * (CAR_M + 1)) for k, car in enumerate(cars)]
            yield scene.render(row)[0]

    seen = seen_in(pictures(), *models, travel=TRAVEL, lines={"in": (0.1, LINE, 0.9, LINE)})
    assert seen.ways.fronts["in"] == 3
    assert sorted(seen.sure.values()) == sorted(texts)
    assert [one.forward for _, one in seen.crossed] == [True] * len(seen.crossed)


def test_one_that_comes_and_rolls_back_is_reversing_and_one_from_the_other_side_on_the_wrong_way(
    models,
):
    car, scene = a_car("51D98765", 1), Scene(5)
    comes = [20 - 0.5 * n for n in range(22)] + [9.0] * 14 + [9 + 0.4 * n for n in range(16)]
    seen = seen_in(
        (scene.render([Placed(car, at)])[0] for at in comes), *models, reads=False, travel=TRAVEL
    )
    (only,) = seen.headings.values()
    assert [h for h in only if h] == [Heading.FORWARD, Heading.STANDING, Heading.REVERSING]
    leaves = [6 + 0.4 * n for n in range(24)]
    seen = seen_in(
        (scene.render([Placed(car, at)])[0] for at in leaves), *models, reads=False, travel=TRAVEL
    )
    (only,) = seen.headings.values()
    assert only[-1] is Heading.WRONG_WAY
    assert Heading.FORWARD not in only
