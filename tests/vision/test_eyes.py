"""The shipped weights read what the simulator draws, and refuse to work when they are changed."""

import random
import shutil

import numpy as np
import pytest

from edge.vision.detectors import detector_of
from edge.vision.frame_result import detect
from edge.vision.recogniser import OpenVinoPlateReader
from edge.vision.weights import SHIPPED, WeightsError, checked
from simulator.bodywork import look_for
from simulator.plates import draw
from simulator.scene import Placed, Scene

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def reader():
    return OpenVinoPlateReader()


@pytest.mark.parametrize(
    ("text", "country", "colour", "lines"),
    [
        ("34A36837", "VN", "white", 1),
        ("24C12345", "VN", "yellow", 2),
        ("云G12345", "CN", "blue", 1),
        ("桂A8F123", "CN", "yellow", 2),
    ],
)
def test_clean_plates_are_read(reader, text, country, colour, lines):
    reading = reader.read(draw(text, country, colour, lines, 90))
    assert (reading.text, reading.country, reading.colour) == (text, country, colour)


def test_an_empty_surface_is_never_a_sure_plate(reader):
    for tone in (10, 120, 240):
        reading = reader.read(np.full((60, 180, 3), tone, np.uint8))
        assert reading is None or not reading.accepted


def test_a_crop_of_nothing_is_nothing(reader):
    assert reader.read(np.zeros((3, 90, 3), np.uint8)) is None


def test_a_truck_at_the_barrier_is_found_and_read(reader):
    vehicle = look_for("truck", random.Random(4), ("24C12345", "VN", "yellow", 1))
    picture, _ = Scene(2).render([Placed(vehicle, 8.8)])
    frame_result = detect(picture, detector_of(), reader)
    assert [v.kind for v in frame_result.vehicles] == ["truck"]
    assert frame_result.vehicles[0].plate.reading.text == "24C12345"


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        ("recogniser.bin", "recogniser.xml"),
        ("detector_openvino_model/detector.bin", "detector_openvino_model/detector.xml"),
        ("detector_openvino_model/metadata.yaml", "detector_openvino_model/detector.xml"),
        (
            "detector_video_openvino_model/detector.bin",
            "detector_video_openvino_model/detector.xml",
        ),
    ],
)
def test_changed_weights_are_refused(tmp_path, changed, asked):
    shutil.copytree(SHIPPED, tmp_path / "w")
    assert checked(tmp_path / "w", asked)
    data = bytearray((tmp_path / "w" / changed).read_bytes())
    data[100] ^= 1
    (tmp_path / "w" / changed).write_bytes(data)
    with pytest.raises(WeightsError, match="changed or damaged"):
        checked(tmp_path / "w", asked)


def test_missing_weights_are_told(tmp_path):
    with pytest.raises(WeightsError, match="missing"):
        checked(tmp_path, "recogniser.xml")
    with pytest.raises(WeightsError, match=r"correct vision\.detector"):
        detector_of(tmp_path / "nothing")


def own_weights(tmp_path, **names):
    """The shipped network as a user's own, its classes named otherwise."""
    folder = tmp_path / "own_openvino_model"
    shutil.copytree(SHIPPED / "detector_openvino_model", folder)
    text = (folder / "metadata.yaml").read_text(encoding="utf-8")
    for old, new in names.items():
        text = text.replace(f": {old}\n", f": {new}\n")
    (folder / "metadata.yaml").write_text(text, encoding="utf-8")
    return folder


def test_own_weights_may_name_their_classes_otherwise(tmp_path):
    vehicle = look_for("truck", random.Random(4), ("24C12345", "VN", "yellow", 1))
    picture, _ = Scene(2).render([Placed(vehicle, 8.8)])
    detector = detector_of(own_weights(tmp_path, plate="License-Plate", truck="lorry", bus="tree"))
    assert {d.kind for d in detector.find(picture)} == {"truck", "plate"}


def test_own_weights_without_plates_are_refused(tmp_path):
    with pytest.raises(WeightsError, match="no class 'plate'"):
        detector_of(own_weights(tmp_path, plate="person"))


def test_own_weights_that_are_damaged_are_refused(tmp_path):
    folder = own_weights(tmp_path)
    (folder / "detector.xml").write_text("<net>")
    with pytest.raises(WeightsError, match=r"cannot load it.*correct vision\.detector"):
        detector_of(folder)
