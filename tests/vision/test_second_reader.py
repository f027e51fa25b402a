"""Listening to a camera's own readings, over real HTTP with Digest, and what goes wrong there."""

import pytest

from edge.config.second_reader import SecondReaderConfig
from edge.vision.second_reader import SecondReader
from tests.support.plate_reader import a_plate_reader
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(200)


@pytest.fixture
def camera():
    with a_plate_reader() as made:
        yield made


@pytest.fixture
def listening(camera, tmp_path):
    made = []

    def build(kind, password="12345abc"):
        file = tmp_path / "password"
        file.write_text(password, encoding="utf-8")
        config = SecondReaderConfig(kind=kind, url=camera.url, username="admin", password_file=file)
        heard, clocks = [], []
        made.append(SecondReader(config, heard.append, clocks.append))
        return made[-1], heard

    yield build
    for one in made:
        one.stop()


KINDS = pytest.mark.parametrize("kind", ["isapi", "onvif"])


@KINDS
def test_readings_come_as_they_are_made(camera, listening, kind):
    _, heard = listening(kind)
    for plate in ("24C-123.45", "云G12345"):
        camera.say(plate)
    wait_for(lambda: len(heard) == 2)
    assert [reading.text for reading in heard] == ["24C12345", "云G12345"]
    assert {reading.confidence for reading in heard} == {0.92}


@KINDS
def test_a_camera_that_goes_is_told_and_heard_again(camera, listening, kind):
    reader, heard = listening(kind)
    camera.say("24C12345")
    wait_for(lambda: heard)
    camera.dark = True
    wait_for(lambda: reader.fault)
    camera.dark = False
    camera.say("29H67890")
    wait_for(lambda: len(heard) == 2, 60.0)
    assert reader.fault == ""
    if kind == "isapi":
        assert camera.open == 1


@KINDS
def test_what_is_garbled_is_no_reading_and_ends_nothing(camera, listening, kind):
    _, heard = listening(kind)
    camera.garbled = True
    for _ in range(3):
        camera.say("24C12345")
    wait_for(lambda: camera._said.empty() or kind == "onvif")
    camera.garbled = False
    camera.say("29H67890")
    wait_for(lambda: "29H67890" in [reading.text for reading in heard], 60.0)


def test_a_wrong_password_is_told(listening):
    reader, heard = listening("isapi", "wrong")
    assert "user and password" in wait_for(lambda: reader.fault)
    assert heard == []
