"""The doctor tries a camera's own plate events: twins of both kinds over real HTTP."""

import pytest

from edge.cli import doctor, doctor_lanes
from edge.config import load
from tests.support.builders import a_configuration
from tests.support.plate_reader import a_plate_reader
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(120)

CAMERA = """
[lanes.out1.cameras.rear]
source = "absent.mp4"
[lanes.out1.cameras.rear.second_reader]
kind = "{kind}"
url = "{url}"
username = "admin"
password_file = "password"
"""


@pytest.fixture
def camera():
    with a_plate_reader() as made:
        yield made


@pytest.fixture
def found(tmp_path):
    def look(kind, url, password="12345abc"):
        (tmp_path / "password").write_text(password, "utf-8")
        file = tmp_path / "gate.toml"
        file.write_text(a_configuration(CAMERA.format(kind=kind, url=url)), "utf-8")
        settings = load(file)
        names = [name for name, _ in doctor._checks(settings)]
        assert names.count("second reader out1") == 1
        assert not [*doctor_lanes.second_reader(settings, "out1")]
        (finding,) = doctor_lanes.second_reader(settings, "out1", "rear")
        assert finding.what == "second reader out1 rear"
        return finding

    return look


@pytest.mark.parametrize("kind", ["isapi", "onvif"])
def test_a_camera_that_gives_its_readings_is_good_and_nothing_stays_open(kind, camera, found):
    finding = found(kind, camera.url)
    assert finding.good
    assert kind in finding.found
    assert camera.url in finding.found
    wait_for(lambda: camera.open == 0)


@pytest.mark.parametrize("kind", ["isapi", "onvif"])
def test_a_wrong_password_is_told_with_what_to_do_and_without_the_password(kind, camera, found):
    finding = found(kind, camera.url, "secret-and-wrong")
    assert not finding.good
    assert "password" in finding.cure
    assert "secret-and-wrong" not in finding.cure + finding.found


@pytest.mark.parametrize("kind", ["isapi", "onvif"])
def test_nobody_there_and_a_camera_that_gives_no_events_are_told(kind, camera, found):
    camera.dark = True
    assert not found(kind, camera.url).good
    assert not found(kind, "http://127.0.0.1:9").good
