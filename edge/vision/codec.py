"""Pictures out of bytes and into them. What is not whole is no picture."""

from __future__ import annotations

import re

import cv2
import numpy as np
import simplejpeg

from edge.vision.picture_size import picture_size
from edge.vision.reading import Picture

JPEG, PNG = b"\xff\xd8", b"\x89PNG"
START_OF_SCAN, END = 0xDA, b"\xff\xd9"
QUALITY = 90
LARGEST_PHOTOGRAPH = 110_000_000
"""Pixels; the largest that telephones take today. Decoded it is 330 MB."""

REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
"""How often smaller, each way, a picture can be decoded, and OpenCV's word for it."""

MOST_SCANS = 100
"""Maximum scans of one progressive JPEG; each passes over the whole picture once more."""

LOST = re.compile(r"premature end|bad huffman code|bad arithmetic code|instead of rst", re.I)
LEFT_OVER = re.compile(r"(\d+) extraneous bytes before marker 0x(\w+)")
"""libjpeg's words for data that is missing, and for data that is left over before a marker."""

MOST_LEFT_OVER = 64
"""Bytes: some cameras fill a picture up with a few before its end; more are of a lost part."""

EXIF_WITHIN = 1 << 17
"""Bytes from the beginning in which a photograph says which way up it is."""


PART_MISSING = "the picture is damaged, a part of it is missing; copy it again"


class NoPicture(ValueError):
    """The bytes are no picture that can be read; the text says why."""


def decode(
    data: bytes, most_pixels: int = LARGEST_PHOTOGRAPH, enough: int = LARGEST_PHOTOGRAPH
) -> Picture | None:
    """As `picture_of`, or None."""
    try:
        return picture_of(data, most_pixels, enough)
    except NoPicture:
        return None


def picture_of(
    data: bytes, most_pixels: int = LARGEST_PHOTOGRAPH, enough: int = LARGEST_PHOTOGRAPH
) -> Picture:
    """The picture: JPEG, PNG, BMP, WebP or TIFF, whole. One of more than `enough` pixels is decoded
    at a half, a quarter or an eighth of its sides. Raises NoPicture."""
    size = picture_size(data)
    if (data.startswith(JPEG) and not whole_jpeg(data)) or (
        data.startswith(PNG) and b"IEND" not in data[-64:]
    ):
        raise NoPicture("not a whole picture (truncated); copy it again")
    if size is None:
        raise NoPicture("not a whole picture (truncated or of an unknown kind); copy it again")
    width, height = size
    if width * height > most_pixels:
        raise NoPicture(
            f"{width} x {height} pixels are too many (at most {most_pixels / 1e6:.0f} million); "
            "make it smaller"
        )
    if data.startswith(JPEG) and data.count(bytes((0xFF, START_OF_SCAN))) > MOST_SCANS:
        raise NoPicture(f"a JPEG of more than {MOST_SCANS} scans is no photograph")
    smaller = next((by for by in REDUCED if width * height <= enough * by * by), max(REDUCED))
    least = (-(-height // smaller), -(-width // smaller))
    try:
        picture = _whole(data, least) if data.startswith(JPEG) else None
        if picture is None:
            picture = cv2.imdecode(np.frombuffer(data, np.uint8), REDUCED[smaller])
    except (cv2.error, MemoryError):
        picture = None
    if picture is None:
        raise NoPicture("the picture is damaged; copy it again")
    return np.asarray(picture, np.uint8)


def lost(words: str) -> bool:
    """Whether a part of the picture is missing, by what libjpeg said of it first."""
    over = LEFT_OVER.search(words)
    padding = over is None or (over[2] == "d9" and int(over[1]) <= MOST_LEFT_OVER)
    return not padding or LOST.search(words) is not None


def _whole(data: bytes, least: tuple[int, int]) -> Picture | None:
    """A JPEG, of at least this height and width, strictly: libjpeg fills in what is missing, and
    OpenCV does not tell. None where it is to be turned or has colours that only OpenCV knows.
    Raises NoPicture."""
    try:
        picture = simplejpeg.decode_jpeg(data, "BGR", min_height=least[0], min_width=least[1])
    except ValueError as warned:
        if lost(str(warned)):
            raise NoPicture(PART_MISSING) from None
        picture = _forgiven(data, least)
    return (
        None
        if picture is None or b"Exif\0" in data[:EXIF_WITHIN]
        else np.asarray(picture, np.uint8)
    )


def _forgiven(data: bytes, least: tuple[int, int]) -> Picture | None:
    """One of which nothing is missing that libjpeg warns of. OpenCV would decode it too, and write
    each warning into the log of the service."""
    try:
        picture = simplejpeg.decode_jpeg(
            data, "BGR", min_height=least[0], min_width=least[1], strict=False
        )
        return np.asarray(picture, np.uint8)
    except ValueError:
        return None


def encode(picture: Picture, quality: int = QUALITY) -> bytes:
    """As JPEG."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("the picture cannot be written as JPEG")
    return data.tobytes()


def whole_jpeg(data: bytes) -> bool:
    """Whether the picture's own end mark is there: not a thumbnail's, and whatever a telephone
    appends after it."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return False
        kind = data[at + 1]
        if kind == 0xFF:  # filling
            at += 1
        elif kind == START_OF_SCAN:
            return data.find(END, at) >= 0
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False
