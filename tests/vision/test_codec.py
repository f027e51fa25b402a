"""Bytes that are a whole picture, and bytes that are not."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from edge.vision.codec import NoPicture, decode, encode, lost, picture_of
from edge.vision.picture_size import picture_size

PICTURE = np.random.default_rng(1).integers(0, 255, (90, 160, 3), np.uint8)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("kind", [".jpg", ".png"])
def test_a_truncated_picture_is_none(kind, share):
    whole = cv2.imencode(kind, PICTURE)[1].tobytes()
    assert decode(whole).shape == PICTURE.shape
    assert decode(whole[: int(len(whole) * share)]) is None


GRAIN = np.random.default_rng(2).integers(0, 255, (360, 640, 3), np.uint8)
SCENE = cv2.GaussianBlur(GRAIN, (9, 9), 0)
ENCODERS = {
    "baseline": [],
    "progressive": [cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
    "restarts": [cv2.IMWRITE_JPEG_RST_INTERVAL, 8],
}


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_jpeg_with_data_lost_in_its_middle_is_none_although_both_its_ends_are_there(encoder):
    whole = cv2.imencode(".jpg", SCENE, ENCODERS[encoder])[1].tobytes()
    assert (decode(whole) == cv2.imdecode(np.frombuffer(whole, np.uint8), 1)).all()
    for tenth in range(2, 8):
        at = len(whole) * tenth // 10
        for left in (b"", bytes(1300)):
            broken = whole[:at] + left + whole[at + 1300 :]
            assert decode(broken) is None, (tenth, left[:1])
            with pytest.raises(NoPicture):
                picture_of(broken)
        assert decode(whole[:at] + whole[-2:]) is None


def test_a_few_bytes_that_cameras_leave_over_are_no_lost_part_and_fill_no_log(capfd):
    assert not lost("")
    assert not lost("Corrupt JPEG data: 2 extraneous bytes before marker 0xd9")
    assert not lost("Invalid SOS parameters for sequential JPEG")
    assert lost("Corrupt JPEG data: 5321 extraneous bytes before marker 0xd9")
    assert lost("Corrupt JPEG data: 3 extraneous bytes before marker 0xd5")
    assert lost("Corrupt JPEG data: found marker 0xd5 instead of RST2")
    assert lost("Corrupt JPEG data: premature end of data segment")
    assert lost("Corrupt JPEG data: bad Huffman code")
    whole = encode(SCENE)
    assert (decode(whole[:-2] + bytes(8) + whole[-2:]) == decode(whole)).all()
    assert capfd.readouterr().err == ""


def test_a_jpeg_in_grey_or_that_says_which_way_up_it_is_is_as_opencv_has_it():
    grey = cv2.imencode(".jpg", SCENE[:, :, 0])[1].tobytes()
    turned = b"Exif\0\0II*\0" + struct.pack("<IHHHIII", 8, 1, 0x112, 3, 1, 6, 0)
    whole = encode(SCENE)
    upright = whole[:2] + b"\xff\xe1" + struct.pack(">H", len(turned) + 2) + turned + whole[2:]
    assert decode(upright).shape == (640, 360, 3)
    for data in (grey, upright):
        assert (decode(data) == cv2.imdecode(np.frombuffer(data, np.uint8), 1)).all()


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"\xff\xd8nonsense\xff\xd9", b"GIF?", b"\x00" * 99]
)
def test_noise_is_no_picture(data):
    assert decode(data) is None


def test_what_a_telephone_appends_after_the_picture_does_no_harm():
    assert decode(encode(PICTURE) + b"SEFT and more") is not None


def test_the_end_of_a_thumbnail_is_not_the_end_of_the_picture():
    whole, small = encode(PICTURE), encode(PICTURE[:20, :20])
    inside = b"\xff\xe1" + (len(small) + 2).to_bytes(2, "big") + small
    withal = whole[:2] + inside + whole[2:]
    assert decode(withal) is not None
    assert decode(withal[: len(withal) // 2 + len(small) // 2]) is None


@pytest.mark.parametrize("kind", [".jpg", ".png", ".bmp", ".webp", ".tif"])
def test_every_kind_tells_its_size_before_it_is_decoded(kind):
    for options in ([], [cv2.IMWRITE_WEBP_QUALITY, 101], [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]):
        data = cv2.imencode(kind, PICTURE, options)[1].tobytes()
        assert picture_size(data) == (160, 90)
        assert decode(data).shape == (90, 160, 3)
        for cut in range(0, min(len(data), 400), 7):
            assert picture_size(data[:cut]) in (None, (160, 90))
    upright = cv2.imencode(kind, PICTURE[:, :40])[1].tobytes()
    assert picture_size(upright) == (40, 90)


def png_of(width, height):
    """A PNG of one colour, as small as such a bomb is."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = zlib.compress(bytes(width + 1) * min(height, 100), 9)
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg_of(width, height):
    whole = encode(PICTURE)
    at = whole.index(b"\xff\xc0") + 5
    return whole[:at] + struct.pack(">HH", height, width) + whole[at + 4 :]


@pytest.mark.parametrize("bomb", [png_of(30_000, 30_000), jpeg_of(20_000, 20_000)])
def test_a_picture_that_asks_for_gigabytes_is_refused_unopened_with_its_size(bomb):
    with pytest.raises(NoPicture, match=r"\d0000 x \d0000 pixels are too many"):
        picture_of(bomb)
    with pytest.raises(NoPicture, match="at most 0 million"):
        picture_of(encode(PICTURE), most_pixels=160 * 90 - 1)
    assert picture_of(encode(PICTURE), most_pixels=160 * 90).shape == PICTURE.shape


def test_a_jpeg_that_goes_over_its_picture_again_and_again_is_none():
    whole = cv2.imencode(".jpg", PICTURE, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    last = whole.rindex(b"\xff\xda")
    with pytest.raises(NoPicture, match="scans"):
        picture_of(whole[:-2] + whole[last:-2] * 200 + whole[-2:])
