"""Whatever a camera sends, it is told in time, has one reader and one connection, and leaves none
behind."""

import socket
import threading
import time

import cv2
import numpy as np
import pytest

from edge.config import CameraConfig
from edge.vision.camera import Camera
from edge.vision.capture import READ_TIMEOUT_S, CameraError, frames, picture_in
from edge.vision.jpeg_stream import JpegStream, NoJpeg
from edge.vision.mjpeg import PICTURE_S
from simulator.rtsp import RtspCameras
from tests.support.bad_cameras import (
    GOOD,
    HEAD,
    KINDS,
    BadCamera,
    eight_k,
    forever,
    part,
    silent,
    sized,
)
from tests.support.memory import peak_mb
from tests.support.waiting import stays, wait_for

pytestmark = pytest.mark.timeout(240)
STALL_S = 0.5
CROWDED_S = 1.0
"""What the computer that runs all tests may add."""
EXIF_ON_ITS_SIDE = (
    b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
)


def readers():
    return sum(thread.name.startswith("camera ") for thread in threading.enumerate())


def test_whatever_comes_instead_of_pictures_is_told_and_leaves_nothing_behind():
    """Over several deadlines of the reader, as many threads and connections as at the beginning."""
    servers = {name: BadCamera(serve) for name, serve in KINDS.items()}
    before, memory = readers(), peak_mb()
    cameras = {
        name: Camera(CameraConfig(source=server.url, stall_after_s=STALL_S))
        for name, server in servers.items()
    }
    try:
        for name, camera in cameras.items():
            reported = wait_for(camera.fault)
            assert servers[name].url in reported
            assert len(reported) < 400
        until = time.monotonic() + 2.5 * PICTURE_S
        while time.monotonic() < until:
            for name, camera in cameras.items():
                assert camera.newest(0) is None, name
                assert camera.fault(), name
            assert readers() - before == len(cameras)
            time.sleep(0.1)
        wait_for(lambda: all(server.served >= 2 for server in servers.values()))
        # One may have been left just now and the next one begun.
        assert {name: s.most for name, s in servers.items() if s.most > 2} == {}
        assert peak_mb() - memory < 300
    finally:
        for camera in cameras.values():
            camera._stopping.set()
    wait_for(lambda: readers() == before, seconds=2 * PICTURE_S + 10)
    wait_for(lambda: sum(server.open for server in servers.values()) == 0)
    for server in servers.values():
        server.close()


def test_a_camera_that_never_was_there_is_told_although_it_is_tried_again_and_again():
    began = time.monotonic()
    camera = Camera(CameraConfig(source="http://127.0.0.1:9/x", stall_after_s=6.0))
    assert camera.fault() == ""
    reported = wait_for(camera.fault)
    assert "127.0.0.1:9/x" in reported
    # Not counted from the last try, of which there is one each 5 s or oftener.
    assert time.monotonic() - began >= 6.0
    camera.stop()


def test_a_camera_that_answers_with_a_page_is_told_to_hold_no_picture():
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
    server = BadCamera(lambda connection: connection.sendall(page))
    with pytest.raises(CameraError, match=r"no picture .*'text/html'.*check the path"):
        list(frames(server.url, loop=False))
    server.close()


def test_pictures_that_cannot_be_decoded_are_named_and_a_good_one_ends_it():
    bad = [True]

    def serve(connection):
        connection.sendall(HEAD)
        while True:
            connection.sendall(part(b"\xff\xd8\xff\xda\x00\x02x\xff\xd9" if bad[0] else GOOD))
            time.sleep(0.02)

    server = BadCamera(serve)
    camera = Camera(CameraConfig(source=server.url, stall_after_s=STALL_S))
    assert "none can be decoded" in wait_for(camera.fault)
    bad[0] = False
    assert wait_for(lambda: camera.newest(0)).picture.shape == (90, 160, 3)
    assert wait_for(lambda: not camera.fault())
    bad[0] = True
    assert wait_for(camera.fault)
    camera.stop()
    server.close()


def test_why_one_connection_ended_is_not_told_of_the_next_which_gives_nothing():
    """One that was started anew and hangs since, of which "the source has ended" was told."""
    answers = iter([HEAD + part(GOOD)])

    def serve(connection):
        if given := next(answers, b""):
            connection.sendall(given)
            connection.shutdown(socket.SHUT_WR)
        else:
            silent(connection)

    server = BadCamera(serve)
    camera = Camera(CameraConfig(source=server.url, stall_after_s=STALL_S))
    wait_for(lambda: camera.newest(0))
    wait_for(lambda: server.served >= 2)
    assert "no picture for" in wait_for(camera.fault)
    assert "no whole picture within" in wait_for(
        lambda: (why := camera.fault()) and "for" not in why.split() and why
    )
    camera.stop()
    server.close()


@pytest.mark.parametrize(
    ("status", "cure"),
    [
        ("401 No", "check user and password"),
        ("403 Forbidden", "let the user see the pictures"),
        ("302 Found", "whether it wants https"),
        ("404 Not Found", "check the path"),
        ("503 Service Unavailable", "how many viewers it allows"),
    ],
)
def test_what_a_camera_answers_is_told_with_what_mends_it(status, cure):
    answer = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()
    server = BadCamera(lambda connection: connection.sendall(answer))
    with pytest.raises(CameraError, match=f"answers {status[:3]}.*{cure}"):
        next(frames(server.url, loop=False))
    server.close()


def test_one_that_looks_once_at_a_camera_of_undecodable_pictures_gets_an_end_too():
    server = BadCamera(KINDS["undecodable"])
    with pytest.raises(CameraError, match="none can be decoded"):
        next(frames(server.url, loop=False))
    server.close()


def test_a_camera_of_pictures_in_which_nothing_can_be_seen_is_not_alive():
    dot = cv2.imencode(".jpg", np.zeros((1, 1, 3), np.uint8))[1].tobytes()
    server = BadCamera(forever(HEAD, part(dot)))
    camera = Camera(CameraConfig(source=server.url, stall_after_s=STALL_S))
    assert "large enough" in wait_for(camera.fault)
    assert camera.newest(0) is None
    camera.stop()
    with pytest.raises(CameraError, match="large enough"):
        next(frames(server.url, loop=False))
    server.close()


@pytest.mark.parametrize(
    ("serve", "told"),
    [(silent, "cannot be reached"), (forever(b"HTTP/1.1 400 No\r\n", b"x"), "not in RTSP")],
)
def test_one_that_takes_connections_and_answers_nothing_is_not_waited_for_by_the_others(
    serve, told
):
    server = BadCamera(serve)
    began = time.monotonic()
    with pytest.raises(CameraError, match=told):
        next(frames(server.url.replace("http", "rtsp"), loop=False))
    assert time.monotonic() - began < READ_TIMEOUT_S
    server.close()


def closes_after_each(connection):
    connection.sendall(HEAD + part(GOOD))
    connection.shutdown(socket.SHUT_WR)


def in_bursts(connection):
    connection.sendall(HEAD)
    while True:
        connection.sendall(part(GOOD) * 20)
        time.sleep(0.8)


@pytest.mark.parametrize(("serve", "least"), [(closes_after_each, 15), (in_bursts, 4)])
def test_a_camera_that_closes_after_each_picture_or_sends_them_in_bursts_is_live(serve, least):
    """As the vision process looks: now and then, and never at the moment when a picture comes."""
    server, numbers, ages = BadCamera(serve), set(), []
    camera = Camera(CameraConfig(source=server.url, stall_after_s=2.0 + CROWDED_S))
    until = time.monotonic() + 6.0
    while time.monotonic() < until or (len(numbers) < least and time.monotonic() < until + 60):
        assert camera.fault() == ""
        if shot := camera.newest(max(numbers, default=0)):
            numbers.add(shot.number)
            ages.append(time.monotonic() - shot.at)
        time.sleep(0.05)
    assert time.monotonic() < until + CROWDED_S
    assert max(ages) < 1.0 + CROWDED_S
    camera.stop()
    server.close()


def test_a_picture_of_8k_is_decoded_at_half_its_sides_also_where_it_says_which_way_up_it_is():
    large = eight_k()
    turned = b"\xff\xd8" + EXIF_ON_ITS_SIDE + large[2:]
    assert picture_in(large).shape == (2160, 3840, 3)
    assert picture_in(turned).shape == (3840, 2160, 3)
    assert picture_in(GOOD).shape == (90, 160, 3)


def test_a_stream_that_cannot_be_decoded_smaller_is_refused_with_its_size(tmp_path):
    file = tmp_path / "large.avi"
    written = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 5, (4416, 3000))
    written.write(np.zeros((3000, 4416, 3), np.uint8))
    written.release()
    with pytest.raises(CameraError, match=r"large.avi: pictures of 4416 x 3000 are too large"):
        next(frames(f"usb:{file}", loop=False))
    assert next(frames(str(file), loop=False)).shape == (3000, 4416, 3)


def test_a_good_picture_between_huge_ones_is_taken():
    server = BadCamera(forever(HEAD, part(sized(20_000, 20_000)) + part(GOOD)))
    stream = frames(server.url, loop=False)
    assert [next(stream).shape for _ in range(3)] == [(90, 160, 3)] * 3
    stream.close()
    wait_for(lambda: server.open == 0)
    server.close()


@pytest.mark.parametrize("fault", ["frozen", "cut", "dark"])
def test_a_bad_rtsp_camera_has_one_reader_however_long_it_lasts(fault):
    count = iter(range(10**9))
    made = RtspCameras({"c": lambda: (next(count), GOOD)}, rate=20.0)
    setattr(made.faults["c"], fault, True)
    made.start()
    before = readers()
    camera = Camera(CameraConfig(source=made.url("c"), stall_after_s=STALL_S))
    wait_for(camera.fault)
    stays(lambda: camera.fault() and readers() - before == 1, 8, every=0.1)
    setattr(made.faults["c"], fault, False)
    wait_for(lambda: not camera.fault())
    camera.stop()
    wait_for(lambda: readers() == before)
    made.stop()


def fed(stream, pieces):
    return [picture for piece in pieces for picture in stream.feed(piece)]


def test_a_stream_gives_its_jpegs_whole_however_it_is_cut_into_pieces():
    cut = GOOD[: len(GOOD) // 2]
    whole = part(GOOD) + part(cut) + part(GOOD) + b"\xff\xd8 nonsense" + part(GOOD) + part(cut)
    for size in (1, 2, 3, 7, 100, len(whole)):
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert fed(JpegStream(), pieces) == [GOOD] * 3


@pytest.mark.parametrize("piece", [b"\xff\xd8", b"\xff\xe0\x00\x02", b"\xff\xd8\xff\xe0\x00\x04"])
def test_a_stream_of_headers_alone_is_given_up_long_before_it_is_large(piece):
    stream = JpegStream()
    with pytest.raises(NoJpeg):
        fed(stream, [b"\xff\xd8" + piece * 1000] * 100)


def test_a_picture_without_an_end_is_given_up_at_its_largest():
    stream = JpegStream()
    list(stream.feed(GOOD[:-2]))
    with pytest.raises(NoJpeg, match="8000000"):
        fed(stream, [b"\x11" * 1000] * 10_000)
