"""Bytes that are a whole picture, and bytes that are not."""

import cv2
import numpy as np
import pytest

from edge.vision.codec import decode, encode

PICTURE = np.random.default_rng(1).integers(0, 255, (90, 160, 3), np.uint8)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("kind", [".jpg", ".png"])
def test_a_truncated_picture_is_none(kind, share):
    whole = cv2.imencode(kind, PICTURE)[1].tobytes()
    assert decode(whole).shape == PICTURE.shape
    assert decode(whole[: int(len(whole) * share)]) is None


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
