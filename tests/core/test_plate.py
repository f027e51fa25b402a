"""National plate formats."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.plate import FORMATS, canonical, may_begin, parse, usualness
from simulator.plates import draw, invent, worn


@pytest.mark.parametrize(
    ("text", "display", "country"),
    [
        ("34A36837", "34A-368.37", "VN"),
        ("89C20339", "89C-203.39", "VN"),
        ("30A1234", "30A-1234", "VN"),
        ("59X112345", "59X1-123.45", "VN"),
        ("TM1234", "TM-12-34", "VN"),
        ("云G12345", "云G·12345", "CN"),
        ("桂A1234挂", "桂A·1234挂", "CN"),
        ("粤Z1234港", "粤Z·1234港", "CN"),
        ("皖AD12345", "皖A·D12345", "CN"),
    ],
)
def test_known_plates_parse_and_are_displayed(text, display, country):
    plate = parse(text)
    assert (plate.display, plate.country) == (display, country)


@pytest.mark.parametrize(
    "text", ["", "34A", "00A12345", "34I36837", "云G1234", "ABCDEFGH", "云1G2345"]
)
def test_what_is_no_plate_does_not_parse(text):
    assert parse(text) is None


def test_canonical_text_has_no_separators_and_no_stroke():
    assert canonical("29-MĐ1 123.45") == "29MD112345"
    assert canonical("云G·12345") == "云G12345"


@given(st.integers(0, 2**31))
def test_everything_invented_parses_round_trips_and_can_be_decoded(seed):
    plate = invent(random.Random(seed))
    known = parse(plate.text)
    assert known is not None
    assert known.country == plate.country
    assert canonical(known.display) == plate.text
    assert all(may_begin(plate.text[:n]) for n in range(len(plate.text) + 1))


def test_every_format_is_drawn_and_worn():
    rng = random.Random(1)
    for format in FORMATS:
        plate = invent(rng, format.country, format.kind)
        picture = worn(draw(plate.text, plate.country, plate.colour, plate.lines), rng)
        assert picture.ndim == 3
        assert min(picture.shape[:2]) > 5


@pytest.mark.parametrize(
    ("usual", "rare"),
    [
        ("59V244588", "59VZ44588"),
        ("皖AW112U", "皖AWTW2U"),
        ("24C12345", "24AB12345"),
        ("粤D12345", "粤O12345"),
    ],
)
def test_common_forms_are_expected_rather_than_rare_ones(usual, rare):
    assert usualness(usual) > usualness(rare)


@given(st.integers(0, 2**31))
def test_a_rare_form_is_only_rarer_never_impossible(seed):
    assert -20 < usualness(invent(random.Random(seed)).text) <= 0
