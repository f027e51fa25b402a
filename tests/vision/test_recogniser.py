"""From what the network saw to a reading."""

import json
import shutil

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.plate import ALPHABET
from edge.vision.recogniser import OpenVinoPlateReader, believed, evidence, shares_of, widened
from edge.vision.weights import SHIPPED, WeightsError
from simulator.plates import draw


def a_view(text, doubts=(), whole=5.0):
    """Columns that show the text; `doubts`: (place, other sign, log-probability); `whole`: the
    log-odds that the plate is."""
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
    return np.stack(rows), "white", 1, whole


def together(*views):
    return believed([shares_of(view) for view in views])


def test_two_views_that_differ_share_the_belief():
    ranked = dict(together(a_view("34A36837"), a_view("34A36831")))
    assert ranked["34A36837"] == pytest.approx(ranked["34A36831"], rel=0.01)
    assert sum(ranked.values()) <= 1.0


def test_the_clearer_view_decides():
    unsure = a_view("34A36837", doubts=[(7, "1", -0.5)])
    assert together(unsure)[0][0] == "34A36831"
    assert together(unsure, a_view("34A36837"))[0][0] == "34A36837"


def reported(share, rival, *whole):
    """The evidence for one text with one rival, seen in views that are whole by so much."""
    ranked = [("29A12345", share), ("29A12346", rival)]
    return evidence(ranked, [dict(ranked)] * len(whole), list(whole))


@given(st.floats(0, 1), st.floats(0, 1), st.floats(-1e9, 1e9))
def test_evidence_is_finite_whatever_is_believed(share, rival, whole):
    assert all(np.isfinite(reported(share, rival, whole)))
    assert all(np.isfinite(evidence([("29A12345", share)], [{}, {"29A12345": share}], [whole] * 2)))


def test_a_view_that_does_not_show_the_text_is_evidence_against_it():
    clear, other = a_view("34A36837"), a_view("34A36831", doubts=[(7, "7", -0.1)])
    alike = [shares_of(v) for v in (clear, clear)]
    apart = [shares_of(v) for v in (clear, a_view("34A36831"))]
    doubtful = [shares_of(v) for v in (clear, other)]
    told = [evidence(believed(s), s, [5.0, 5.0])[0] for s in (alike, doubtful, apart)]
    assert told[0] > told[1] > told[2]


def test_the_wider_view_is_the_crop_with_its_rim_going_on():
    crop = np.arange(40 * 100 * 3, dtype=np.uint8).reshape(40, 100, 3)
    wider = widened(crop)
    assert wider.shape == (44, 110, 3)
    assert (wider[2:-2, 5:-5] == crop).all()
    assert (wider[:2, 5:-5] == crop[0]).all()


def test_weights_whose_confidence_was_fitted_to_one_kind_of_reading_still_read(tmp_path):
    for file in ("recogniser.xml", "recogniser.bin"):
        shutil.copy(SHIPPED / file, tmp_path)
    told = json.loads((SHIPPED / "calibration.json").read_text())
    del told["again"]
    (tmp_path / "calibration.json").write_text(json.dumps(told))
    own = OpenVinoPlateReader(tmp_path)
    worn = cv2.resize(draw("30A12345", "VN", "white", 1, 80), (40, 11))
    assert own.read(worn).confidence > 0
    assert own.calibrated((3.0, 4.0, 5.0), 1) == own.calibrated((3.0, 4.0, 5.0), 3)


@given(st.floats(0.001, 0.998), st.floats(0.0001, 0.4))
def test_more_belief_is_more_evidence(share, rival):
    more = min(0.999, share * 1.2)
    assert reported(more, rival, 1.0)[0] > reported(share, rival, 1.0)[0]
    assert reported(more, rival, 1.0)[1] > reported(share, rival, 1.0)[1]


def test_a_view_that_is_not_whole_is_less_evidence():
    assert reported(0.9, 0.01, 3.0, -3.0)[2] < reported(0.9, 0.01, 3.0, 3.0)[2]


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


@pytest.mark.parametrize(
    ("text", "colour", "lines"),
    [("29L107025", "white", 2), ("30A12345", "white", 1), ("51K98765", "white", 1)],
)
@pytest.mark.parametrize("kept", [0.9, 0.87, 0.84, 0.8])
def test_what_is_left_of_a_plate_is_not_accepted_as_a_shorter_one(
    reader, text, colour, lines, kept
):
    picture = draw(text, "VN", colour, lines, 80)
    assert reader.read(picture).accepted
    reading = reader.read(picture[:, : int(kept * picture.shape[1])])
    assert reading.confidence < 0.9
    assert not reading.accepted


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


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("calibration.json", lambda text: text.replace('"whole"', '"hole"')),
        ("calibration.json", lambda text: text[:40]),
        ("recogniser.xml", lambda text: text[:-200]),
        ("recogniser.xml", lambda text: text.replace("HIJK", "HIĐJK")),
        ("recogniser.xml", lambda text: text.replace("HIJK", "HJIK")),
        ("recogniser.xml", lambda text: text.replace("white yellow", "yellow white")),
        ("recogniser.xml", lambda text: text.replace("alphabet", "letters")),
    ],
)
def test_own_weights_that_do_not_fit_are_told_with_the_cure(tmp_path, name, change):
    for part in ("recogniser.xml", "recogniser.bin", "calibration.json"):
        (tmp_path / part).write_bytes((SHIPPED / part).read_bytes())
    OpenVinoPlateReader(tmp_path)
    shipped = (SHIPPED / name).read_text()
    assert change(shipped) != shipped
    (tmp_path / name).write_text(change(shipped))
    with pytest.raises(WeightsError, match=r"correct vision\.reader"):
        OpenVinoPlateReader(tmp_path)


@pytest.mark.parametrize(("colour", "accepted"), [("red", True), ("white", False)])
def test_a_plate_of_the_armys_form_is_accepted_only_in_its_red(colour, accepted):
    reading = OpenVinoPlateReader(accept=0.5).read(draw("BH5240", "VN", colour, 2, 80))
    assert reading.confidence >= 0.5
    assert (reading.text, reading.accepted) == ("BH5240", accepted)
