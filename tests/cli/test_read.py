"""`gate read` as a user types it: photographs, folders, a recording, and what is broken."""

import json
import random
import shutil
from pathlib import Path

import cv2
import pytest

from edge.vision.weights import SHIPPED
from simulator.bodywork import look_for
from simulator.scene import Placed, Scene
from tests.support.command_line import gate

pytestmark = pytest.mark.timeout(300)
PLATE = {"text", "display", "country", "colour", "lines", "confidence", "accepted"}


def read(*arguments):
    done = gate("read", "--json", *arguments)
    assert "Traceback" not in done.stderr
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def frame(distance):
    vehicle = look_for("truck", random.Random(4), ("24C12345", "VN", "yellow", 1))
    return Scene(2).render([Placed(vehicle, distance)])[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two photographs of one name, one of them in a folder below, a truncated one and a film."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "more").mkdir()
    cv2.imwrite(str(folder / "lane.jpg"), frame(8.8))
    cv2.imwrite(str(folder / "more" / "lane.jpg"), frame(9.4))
    whole = (folder / "lane.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "notes.txt").write_text("no picture")
    film = cv2.VideoWriter(
        str(folder / "film.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 10, (1280, 720)
    )
    for n in range(12):
        film.write(frame(10.0 - 0.15 * n))
    film.release()
    return folder


def test_a_folder_is_read_whole_and_every_field_is_as_agreed(folder, tmp_path):
    done, rows = read(folder, "--annotate", tmp_path / "out")
    assert done.returncode == 1, "the truncated picture is an error"
    found = {row["source"]: row for row in rows}
    assert set(found) == {
        str(folder / name) for name in ("lane.jpg", "more/lane.jpg", "cut.jpg", "film.mp4")
    }
    assert set(found[str(folder / "cut.jpg")]) == {"source", "error"}
    photograph = found[str(folder / "lane.jpg")]
    assert set(photograph) == {"source", "width", "height", "vehicles", "plates"}
    assert (photograph["width"], photograph["height"]) == (1280, 720)
    (vehicle,) = photograph["vehicles"]
    assert set(vehicle) == {"kind", "confidence", "box"}
    assert vehicle["kind"] == "truck"
    plate = photograph["plates"][0]
    assert set(plate) == PLATE | {"box"}
    assert (plate["text"], plate["display"]) == ("24C12345", "24C-123.45")
    x1, y1, x2, y2 = plate["box"]
    assert 0 <= x1 < x2 <= 1280
    assert 0 <= y1 < y2 <= 720
    film = found[str(folder / "film.mp4")]
    assert set(film) == {
        "source", "track", "kind", "first_frame", "last_frame", "plate", "frames_read",
    }  # fmt: skip
    assert set(film["plate"]) == PLATE
    assert film["plate"]["text"] == "24C12345"
    assert (film["first_frame"], film["last_frame"]) == (0, 11)
    written = {f.name for f in (tmp_path / "out").iterdir()}
    assert written == {"lane.jpg", "lane-2.jpg", f"film-track{film['track']}.jpg"}
    assert cv2.imread(str(tmp_path / "out" / "lane.jpg")).shape == (720, 1280, 3)


def test_a_crop_is_one_plate(folder, tmp_path):
    file = tmp_path / "plate.png"
    cv2.imwrite(str(file), frame(8.8)[540:600, 540:740])
    _, (row,) = read("--crop", file)
    assert row["vehicles"] == []
    assert len(row["plates"]) <= 1


def test_what_is_not_there_is_an_error_and_an_empty_folder_too(tmp_path):
    done, (row,) = read(tmp_path / "none.jpg")
    assert (done.returncode, row["error"]) == (1, "no such file")
    done, rows = read(tmp_path)
    assert (done.returncode, rows) == (2, [])
    assert "no pictures" in done.stderr


def test_own_weights_come_from_the_configuration(folder, tmp_path):
    own = tmp_path / "own_openvino_model"
    shutil.copytree(SHIPPED / "detector_openvino_model", own)
    text = (Path(__file__).parents[2] / "config" / "gate.toml").read_text(encoding="utf-8")
    config = tmp_path / "gate.toml"
    config.write_text(f'{text}\n[vision]\ndetector = "own_openvino_model"\n', encoding="utf-8")
    _, (row,) = read("--config", config, folder / "lane.jpg")
    assert row["plates"][0]["text"] == "24C12345"
    shutil.rmtree(own)
    done, rows = read("--config", config, folder / "lane.jpg")
    assert (done.returncode, rows) == (2, [])
    assert "correct vision.detector" in done.stderr
