"""Real plates put together anew, and how they are seen; drawn plates stand in for real ones."""

import itertools
import random

import numpy as np
import pytest

pytest.importorskip("torch", reason="a slim installation trains nothing (./install.sh)")

from edge.domain.plate import ALPHABET, PROVINCES, parse
from simulator.plates import draw, fonts_shipped
from training.part import part_of
from training.recogniser_cells import CN_EDGES, Cells, aligned
from training.recogniser_net import COLOURS, HEIGHT, WIDTH
from training.recogniser_real import Sample, whole
from training.recogniser_splice import Splicer
from training.recogniser_view import boxed, seen


def a_blue_plate(text):
    picture = draw(text, "CN", "blue", 1, 60)
    edges = [e / 440 for e in CN_EDGES]
    cells = tuple((a, 0.0, b, 1.0) for a, b in itertools.pairwise(edges))
    return Cells(Sample(picture, whole(picture), text, COLOURS.index("blue"), 1, "cn"), cells)


@pytest.fixture
def splicer():
    plates = [a_blue_plate(t) for t in ("皖A12345", "皖AX67Y8", "苏E90B2C")]
    return Splicer(plates, [fonts_shipped()[1]], random.Random(4))


def test_every_spliced_plate_is_a_plate_and_differs_from_the_real_ones(splicer):
    made = [splicer.plate("cn") for _ in range(60)]
    assert all(parse(s.text) for s in made)
    assert all(s.picture.shape == made[0].picture.shape for s in made)
    assert len({s.text for s in made}) > 30


def test_provinces_that_no_real_plate_shows_are_made(splicer):
    provinces = {splicer.plate("cn").text[0] for _ in range(400)}
    assert len(provinces) > len(PROVINCES) * 0.8


def test_only_the_cells_of_changed_characters_change(splicer):
    bases = {p.sample.text: p for p in splicer.bases["cn"]}
    for _ in range(40):
        made = splicer.plate("cn")
        for text, base in bases.items():
            same = [i for i in range(7) if made.text[i] == text[i]]
            if len(same) == 6:
                (changed,) = set(range(7)) - set(same)
                x1, _, x2, _ = base.cells[changed]
                width = made.picture.shape[1]
                outside = np.ones(width, bool)
                outside[round(x1 * width) - 1 : round(x2 * width) + 1] = False
                difference = np.abs(made.picture.astype(int) - base.sample.picture).max((0, 2))
                assert difference[outside].max() == 0
                return
    pytest.fail("no plate with one changed character among forty")


def test_the_same_seed_sees_the_same_view():
    plate = a_blue_plate("皖A12345").sample
    views = [seen(plate.picture, plate.quad, random.Random(8)) for _ in range(2)]
    assert views[0].shape == (HEIGHT, WIDTH, 3)
    assert (views[0] == views[1]).all()


def test_a_box_never_leaves_its_picture():
    plate = a_blue_plate("皖A12345").sample
    assert boxed(plate.picture, plate.quad, (0.5, 0.5)).shape == plate.picture.shape


def test_characters_are_found_where_the_columns_show_them():
    columns = np.full((80, len(ALPHABET) + 1), -9.0, np.float32)
    columns[:, 0] = -0.01
    for place, sign in ((5, "3"), (6, "0"), (12, "A"), (50, "1"), (60, "1")):
        columns[place, 0], columns[place, 1 + ALPHABET.index(sign)] = -9.0, -0.01
    places, score = aligned(columns, "30A11")
    assert [round(p) for p in places] == [5, 6, 12, 50, 60]
    assert score > -2


def test_no_plate_is_on_both_sides():
    texts = [f"皖A{n:05d}" for n in range(500)]
    held = [t for t in texts if part_of(t) == "val"]
    assert 60 < len(held) < 140
    assert held == [t for t in texts if part_of(t) == "val"]
