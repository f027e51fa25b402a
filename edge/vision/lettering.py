"""PURE. Words in pictures, for people; OpenCV draws the characters of Chinese plates as well."""

from __future__ import annotations

import cv2

from edge.vision.reading import Picture

FACE = cv2.FONT_HERSHEY_SIMPLEX
RIM = tuple((x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y)
"""Steps in which a word is drawn dark before its colour, so that it can be read on any ground."""

Colour = tuple[int, int, int]


def size(text: str, scale: float, thick: int) -> tuple[int, int]:
    """Width and height in pixels."""
    (width, height), _ = cv2.getTextSize(text, FACE, scale, thick)
    return width, height


def write(
    picture: Picture, text: str, at: tuple[int, int], scale: float, colour: Colour, thick: int
) -> None:
    """`at`: the left end of its base line."""
    rim = max(1, round(2 * scale))
    for x, y in RIM:
        place = (at[0] + rim * x, at[1] + rim * y)
        cv2.putText(picture, text, place, FACE, scale, (0, 0, 0), thick, cv2.LINE_AA)
    cv2.putText(picture, text, at, FACE, scale, colour, thick, cv2.LINE_AA)
