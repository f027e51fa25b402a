"""National plate formats."""

import random
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.domain.plate import (
    ALPHABET,
    FORMATS,
    LONGEST,
    SEPARATORS,
    StrangePlate,
    canonical,
    may_begin,
    parse,
    plate_text,
)
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
    "text", ["", "34A", "00A12345", "34I36837", "50L000454", "云G1234", "ABCDEFGH", "云1G2345"]
)
def test_what_is_no_plate_does_not_parse(text):
    assert parse(text) is None


def test_canonical_text_has_no_separators_and_no_stroke():
    assert canonical("29-MĐ1 123.45") == "29MD112345"
    assert canonical("云G·12345") == "云G12345"


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        ("34A-３68.37", "34A36837"),  # one full-width digit
        ("29-MÐ1 123.45", "29MD112345"),  # U+00D0
        ("29-MƉ1 123.45", "29MD112345"),  # U+0189
        ("29-mđ1\u00a0123.45", "29MD112345"),
        ("粤BＡ123挂", "粤BA123挂"),
        ("34A–368.37", "34A36837"),
    ],
)
def test_what_is_written_otherwise_is_the_same_plate(text, plate):
    assert canonical(text) == plate


@pytest.mark.parametrize(
    "text",
    [
        "29-АB 123.45",  # Cyrillic A
        "29Α12345",  # Greek Alpha
        "34A-368.37!",
        "34A\u200b36837",  # zero width
        "34A36837\n",
        "34A,36837",
        "ß12345",  # upper() makes SS of it
        "29ı12345",  # upper() makes I of it
        "军A12345",
        "一二三四",
        "24C1234\u0301",
        "----",
        "24C" + "1" * LONGEST,
        "\ud800",
    ],
)
def test_a_character_of_no_plate_refuses_the_text_and_never_vanishes(text):
    with pytest.raises(StrangePlate):
        canonical(text)
    with pytest.raises(StrangePlate):
        plate_text(text)


@pytest.mark.parametrize("text", ["", " ", "24C", "ABCDEFGH", "粤BＡ1234挂", "13A12345"])
def test_what_fits_no_format_is_no_plate(text):
    with pytest.raises(StrangePlate):
        plate_text(text)


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=LONGEST))
@example("34A-３68.37")
@example("29-MÐ1 123.45")
@example("①½㎏Ⅷ")
@example("K")  # the sign of kelvin
def test_canonical_text_has_the_characters_of_the_text_in_order_or_there_is_none(text):
    like = {"Đ": "D", "Ð": "D", "Ɖ": "D", "đ": "D", "ð": "D", "ɖ": "D"}
    kept = []
    for character in "".join(unicodedata.normalize("NFKC", c) for c in text):
        if character not in SEPARATORS:
            small = "a" <= character <= "z"
            kept.append(character.upper() if small else like.get(character, character))
    if set(kept) <= set(ALPHABET) and (kept or not text.strip()):
        assert canonical(text) == "".join(kept)
    else:
        with pytest.raises(StrangePlate):
            canonical(text)


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


def test_the_guides_table_of_plate_texts_is_what_is_read():
    guide = (Path(__file__).parents[2] / "docs" / "customs.md").read_text(encoding="utf-8")
    part = guide.split("## Plate texts")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (\S+) \| (VN|CN) \|$", part, re.M)
    assert len(rows) >= 9
    for shown, text, country in rows:
        assert plate_text(shown) == text
        assert parse(text).country == country
