"""`gate read` on what people really have: names of every kind, damaged and unknown files, outputs
that cannot take a name. One bad file never ends the others."""

import json
import os
import random
import struct
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.vision.capture import CameraError
from edge.vision.video_file import opened
from simulator.bodywork import look_for
from simulator.scene import Placed, Scene
from tests.support.command_line import gate

pytestmark = pytest.mark.timeout(300)
ODD = ["a:b.jpg", "http:x.jpg", "new\nline.jpg", "\x1b[31mred.jpg", "xe tải 粤.jpg", "%02d.jpg"]
GOOD = {*map(os.fsencode, ODD), b"\xff\xfe-lane.jpg", b"\xcb\xae.JPG"}
ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


def gate_read(*arguments, before=(), **options):
    command = [sys.executable, "-m", "edge", "read", *before, *arguments]
    environment = {**os.environ, **options.pop("environment", {})}
    return subprocess.run(command, env=environment, stderr=subprocess.PIPE, timeout=200, **options)


def read(*arguments, **options):
    """Exit status, rows by the name of their file as bytes, and what was told."""
    done = gate_read(*arguments, before=["--json"], stdout=subprocess.PIPE, **options)
    assert b"Traceback" not in done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    by_name = {}
    for row in rows:
        by_name.setdefault(os.fsencode(Path(row["source"]).name), []).append(row)
    return done.returncode, by_name, done.stderr.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def lane():
    """A photograph with a plate."""
    vehicle = look_for("truck", random.Random(4), ("24C12345", "VN", "yellow", 1))
    return Scene(2).render([Placed(vehicle, 8.8)])[0]


@pytest.fixture(scope="module")
def whole(lane):
    return cv2.imencode(".jpg", lane)[1].tobytes()


def film(path, lane, kind="MJPG"):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*kind), 10, (1280, 720))
    for _ in range(12):
        writer.write(lane)
    writer.release()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, lane, whole):
    folder = tmp_path_factory.mktemp("people")
    for name in GOOD:
        (folder / os.fsdecode(name)).write_bytes(whole)
    half = len(whole) // 2
    at = whole.index(b"\xff\xc0") + 5
    files = {
        "a hole.jpg": whole[: half - 3000] + whole[half + 3000 :],
        "zeros.jpg": whole[:half] + bytes(4096) + whole[half + 4096 :],
        "zero tail.jpg": whole[:half] + bytes(half - 2) + b"\xff\xd9",
        "cut.jpg": whole[:half],
        "empty.jpg": b"",
        "text.jpg": b"no picture at all",
        "bomb.jpg": whole[:at] + struct.pack(">HH", 20_000, 20_000) + whole[at + 4 :],
        "phone.HEIC": b"\0\0\0\x18ftypheic" + bytes(100),
        "renamed.jpg": b"\0\0\0\x18ftypmif1" + bytes(100),
        "raw.CR2": b"II*\0" + bytes(100),
        "empty.mp4": b"",
        "noise.mkv": bytes(range(256)) * 100,
        "notes.txt": b"no picture",
        "scan.pdf": b"%PDF",
        "second.txt": b"",
        "README": b"",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    film(folder / "film.avi", lane)
    (folder / "12:30.avi").write_bytes((folder / "film.avi").read_bytes())
    (folder / os.fsdecode(b"\xff.avi")).write_bytes((folder / "film.avi").read_bytes())
    data = (folder / "film.avi").read_bytes()
    (folder / "half.avi").write_bytes(data[: len(data) // 2])
    film(folder / "half.mp4", lane, "mp4v")
    data = (folder / "half.mp4").read_bytes()
    (folder / "half.mp4").write_bytes(data[: len(data) // 2])
    # The index is there, but what it points to is not: a copy that was never finished.
    (folder / "hollow.mp4").write_bytes(
        data[: len(data) // 3] + bytes(len(data) // 3) + data[2 * (len(data) // 3) :]
    )
    os.mkfifo(folder / "pipe.jpg")
    (folder / "nothing.jpg").symlink_to(folder / "gone.jpg")
    (folder / "folder.jpg").mkdir()
    return folder


WRONG = {
    b"a hole.jpg": "damaged",
    b"zeros.jpg": "damaged",
    b"zero tail.jpg": "damaged",
    b"cut.jpg": "truncated",
    b"empty.jpg": "not a whole picture",
    b"text.jpg": "unknown kind",
    b"bomb.jpg": "20000 x 20000",
    b"phone.HEIC": "HEIC pictures cannot be read",
    b"renamed.jpg": "HEIC pictures cannot be read",
    b"raw.CR2": "raw pictures",
    b"empty.mp4": "no recording",
    b"noise.mkv": "no recording",
    b"half.mp4": "beginning or end is missing",
    b"pipe.jpg": "not a file",
    b"nothing.jpg": "a link to nothing",
}


def test_each_file_is_read_or_told_whatever_the_others_are(folder):
    status, rows, reported = read(folder)
    assert status == 1
    films = {b"film.avi", b"12:30.avi", b"\xff.avi"}
    assert set(rows) == GOOD | set(WRONG) | films | {b"half.avi", b"hollow.mp4"}
    for name in GOOD:
        assert rows[name][0]["plates"][0]["text"] == "24C12345", name
    for name in films:
        assert [row["plate"]["text"] for row in rows[name]] == ["24C12345"], name
    for name, why in WRONG.items():
        (row,) = rows[name]
        assert set(row) == {"source", "error"}
        assert why in row["error"], (name, row)
    for name in (b"half.avi", b"hollow.mp4"):
        assert "of 12 frames" in rows[name][-1]["error"], rows[name]
    # What could be read of it is there too.
    assert rows[b"half.avi"][0]["plate"]["text"] == "24C12345"
    (line,) = [line for line in reported.splitlines() if "passed over" in line]
    assert "2 .txt" in line
    assert "1 .pdf" in line
    assert "1 without an ending" in line


@pytest.mark.parametrize(
    "environment", [ASCII, {"PYTHONIOENCODING": "latin-1:strict"}], ids=["C", "latin-1"]
)
def test_an_output_that_has_not_every_letter_gets_every_result(folder, environment):
    names = [folder / os.fsdecode(name) for name in sorted(GOOD)]
    status, rows, _ = read(*names, environment=environment)
    assert status == 0
    assert set(rows) == GOOD
    done = gate_read(*names, environment=environment, stdout=subprocess.PIPE)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(GOOD)
    assert all(b"24C-123.45" in line for line in lines)
    assert b"\x1b" not in done.stdout


def test_a_reader_that_has_gone_and_a_full_disk_end_it_quietly(folder):
    name = str(folder / "a:b.jpg")
    near, far = os.pipe()
    os.close(near)
    done = gate_read(name, name.replace("a:b", "xe tải 粤"), stdout=far)
    os.close(far)
    assert (done.returncode, done.stderr) == (1, b"")
    with open("/dev/full", "wb") as full:
        done = gate_read(name, stdout=full)
    assert done.returncode == 1
    assert b"cannot be written: No space left" in done.stderr
    assert b"Traceback" not in done.stderr


def test_without_a_standard_output_or_error_it_still_ends_as_it_should(folder):
    command = f'"{sys.executable}" -m edge read --json "{folder}/a:b.jpg" "{folder}/cut.jpg"'
    for closed in (">&-", "2>&-"):
        done = subprocess.run(["sh", "-c", f"{command} {closed}"], capture_output=True, timeout=200)
        assert done.returncode == 1
        assert b"Traceback" not in done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows[0]["plates"][0]["text"] == "24C12345"
    assert "truncated" in rows[1]["error"]


def test_wrong_usage_is_told_before_anything_is_read(folder, tmp_path):
    done = gate_read(str(folder / "a:b.jpg"), "--annotate", str(folder / "notes.txt"))
    assert done.returncode == 2
    assert b"choose another folder" in done.stderr
    assert gate_read(str(folder / "a:b.jpg"), "--accept", "1.5").returncode == 2
    (tmp_path / "notes.txt").write_text("x")
    done = gate_read(str(tmp_path))
    assert done.returncode == 2
    assert b"1 .txt" in done.stderr


def test_a_whole_picture_of_any_kind_is_not_taken_for_a_damaged_one(tmp_path):
    picture = np.random.default_rng(1).integers(0, 255, (90, 160, 3), np.uint8)
    for kind in ("jpg", "png", "bmp", "webp", "tif"):
        cv2.imwrite(str(tmp_path / f"p.{kind}"), picture)
    cv2.imwrite(str(tmp_path / "progressive.jpg"), picture, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])
    (tmp_path / "named.xyz").write_bytes((tmp_path / "p.jpg").read_bytes())
    status, rows, _ = read(tmp_path, tmp_path / "named.xyz")
    assert status == 0
    assert len(rows) == 7


def test_an_empty_name_is_not_the_folder_of_now(tmp_path):
    done = gate("read", "")
    assert done.returncode == 2
    assert "an empty name" in done.stderr


@pytest.mark.parametrize("cut", [0, 700])
def test_a_recording_of_bare_pictures_that_ends_within_one_is_told(tmp_path, cut):
    rng = np.random.default_rng(1)
    pictures = [
        cv2.imencode(".jpg", rng.integers(0, 255, (120, 160, 3), np.uint8))[1].tobytes()
        for _ in range(3)
    ]
    file = tmp_path / "lane.mjpeg"
    file.write_bytes(b"".join(pictures)[: -cut or None])
    with opened(file) as video:
        if not cut:
            assert len(list(video.pictures())) == 3
            return
        with pytest.raises(CameraError, match="its last picture is not whole"):
            list(video.pictures())
