"""A camera's own reading confirms or contradicts, and belongs to the vehicle that it is of."""

import pytest

from edge.vision.plate_events import CameraReading
from edge.vision.second_reading import SecondReadings, judged
from tests.support.builders import a_plate_view


def said(text, confidence=0.9):
    return CameraReading(text, "VN", confidence)


def ours(text="24C12345", confidence=0.99, accepted=True, country="VN"):
    made = a_plate_view(text)
    return type(made)(text, text, country, "white", 1, confidence, accepted)


def test_without_a_second_reading_ours_is_as_it_was():
    view = ours()
    assert judged(view, None, True) is view
    assert judged(None, None, True) is None


def test_the_same_text_makes_an_unsure_reading_sure_and_both_are_kept():
    view = judged(ours(confidence=0.8, accepted=False), said("24C12345"), False)
    assert view.accepted
    assert (view.confidence, view.second, view.second_confidence) == (0.8, "24C12345", 0.9)


@pytest.mark.parametrize("weak", [{"confidence": 0.3}, {"country": "?"}])
def test_a_reading_that_is_likelier_wrong_or_no_plate_is_made_sure_by_nobody(weak):
    assert not judged(
        ours(accepted=False, **{"confidence": 0.8, **weak}), said("24C12345"), True
    ).accepted


def test_another_text_makes_a_sure_reading_doubted():
    view = judged(ours(), said("24C12346"), True)
    assert not view.accepted
    assert (view.text, view.second) == ("24C12345", "24C12346")


def test_a_camera_that_leaves_out_the_province_does_not_contradict():
    assert judged(ours("云G12345", country="CN"), said("G12345"), False).accepted


def test_another_province_is_another_plate():
    assert not judged(ours("云G12345", country="CN"), said("粤G12345"), False).accepted
    assert judged(ours("云G12345", country="CN"), said("粤G12345"), False).contradicted
    assert not judged(ours("云G12345", country="CN"), said("G12345"), False).contradicted


def test_alone_it_counts_only_where_the_gate_was_told_so():
    assert judged(None, said("24C12345"), False) is None
    view = judged(None, said("24C12345"), True)
    assert (view.text, view.accepted, view.second) == ("24C12345", True, "24C12345")
    assert judged(None, said("XYZ"), True) is None, "no plate of a known format"


def test_a_reading_is_given_once_to_the_vehicle_that_reads_likewise():
    heard = SecondReadings(8.0)
    heard.hear(said("24C12345"), 100.0)
    heard.hear(said("29H67890"), 101.0)
    assert heard.of("24C12346", False, 95.0, 102.0).text == "24C12345"
    assert heard.of("24C12345", False, 95.0, 102.0) is None
    assert heard.of("29H67890", False, 95.0, 102.0).text == "29H67890"


def test_of_two_vehicles_that_read_otherwise_it_is_neithers():
    heard = SecondReadings(8.0)
    heard.hear(said("24C12345"), 100.0)
    assert heard.of("51F00000", False, 95.0, 101.0) is None
    assert heard.of("", False, 95.0, 101.0) is None


def test_one_that_came_before_the_only_vehicle_is_its_own_for_some_seconds():
    for came, mine in ((93.0, True), (80.0, False)):
        heard = SecondReadings(8.0)
        heard.hear(said("24C12345"), came)
        assert (heard.of("", True, 100.0, 101.0) is not None) == mine


def test_what_fits_nobody_is_forgotten_and_never_many():
    heard = SecondReadings(8.0)
    for n in range(100):
        heard.hear(said(f"24C{n:05}"), n * 0.01)
    assert len(heard._waiting) <= 8
    assert heard.of("24C00099", False, 0.0, 60.0) is None
