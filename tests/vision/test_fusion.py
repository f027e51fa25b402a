"""Several readings of one vehicle become one."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from edge.domain.plate import parse
from edge.vision.fusion import Fusion
from edge.vision.reading import Reading

ACCEPT = 0.95


def a_reading(text="24C12345", confidence=0.9, width=120):
    known = parse(text)
    country = known.country if known else "?"
    return Reading(text, text, country, "yellow", 1, confidence, False, ((text, 1.0),), width)


def fused(*readings):
    fusion = Fusion()
    for reading in readings:
        fusion = fusion.with_reading(reading)
    return fusion.result(ACCEPT)


def test_one_picture_is_never_enough():
    assert not fused(a_reading(confidence=0.999)).accepted


def test_agreeing_pictures_are_surer_than_each():
    both = fused(a_reading(confidence=0.96), a_reading(confidence=0.96))
    assert both.accepted
    assert both.confidence > 0.96


def test_many_unsure_pictures_do_not_make_a_sure_reading():
    assert not fused(*[a_reading(confidence=0.3)] * 8).accepted


def test_a_rival_with_much_support_prevents_acceptance():
    readings = [a_reading(confidence=0.97)] * 3 + [a_reading("24C12845", 0.97)] * 3
    assert not fused(*readings).accepted


def test_a_single_slip_among_many_does_not_matter():
    result = fused(*[a_reading(confidence=0.98)] * 6, a_reading("24C12845", 0.5))
    assert result.accepted
    assert result.text == "24C12345"


def test_further_pictures_of_the_same_doubt_tell_nothing_more():
    few, many = fused(*[a_reading(confidence=0.93)] * 2), fused(*[a_reading(confidence=0.93)] * 20)
    assert abs(few.confidence - many.confidence) < 1e-9


def test_what_was_read_only_once_among_others_is_less_sure_than_alone():
    alone = fused(a_reading(confidence=0.9))
    assert (
        fused(a_reading(confidence=0.9), a_reading("24C12845", 0.6)).confidence < alone.confidence
    )
    assert alone.confidence == 0.9


def test_nothing_read_is_nothing():
    assert fused() is None


@given(
    st.lists(
        st.tuples(st.sampled_from(["24C12345", "24C12845", "29A00001"]), st.floats(0, 0.999)),
        min_size=1,
        max_size=12,
    )
)
def test_the_result_is_a_text_that_was_read_and_its_confidence_a_probability(seen):
    result = fused(*[a_reading(text, confidence) for text, confidence in seen])
    assert result is None or result.text in {text for text, _ in seen}
    assert result is None or 0 <= result.confidence < 1


def test_the_second_likeliest_text_is_told_with_its_share():
    sure = [a_reading(confidence=0.99)] * 4
    assert fused(*sure).rival == 0
    beside = fused(*sure, a_reading("24C12346", 0.99))
    assert beside.accepted
    assert 0.19 < beside.rival < 0.21
    # One frame alone tells of it by what it considered beside its text.
    doubtful = replace(a_reading(confidence=0.6), candidates=(("24C12345", 0.6), ("24C12346", 1.0)))
    assert fused(doubtful).rival > 0.35


def test_readings_of_no_known_format_are_no_rivals():
    assert fused(*[a_reading()] * 3, a_reading("SNCR123")).rival == 0
