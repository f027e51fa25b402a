"""Codes that are held to the camera."""

from __future__ import annotations

from typing import Any

import cv2

from edge.domain.second_key import LONGEST, PREFIX

EVERY_S = 0.7
"""Seconds between two searches: one takes up to a tenth of a second on a large picture."""

WIDEST = 1600
"""Pixels to which a wider picture is reduced; a code that is held out is large in it."""

MOST = 4
"""Codes of one picture."""


def codes_in(picture: Any) -> list[str]:
    """Codes of ours in a picture (BGR, 8 bits), each once; others are left out."""
    import zxingcpp

    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) if picture.ndim == 3 else picture
    if grey.shape[1] > WIDEST:
        scale = WIDEST / grey.shape[1]
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = _read(zxingcpp, grey)
    if not found:
        # At night, behind a wet or dirty cover: the same with its contrast stretched by parts.
        found = _read(zxingcpp, cv2.createCLAHE(4.0, (8, 8)).apply(grey))
    return found


def _read(zxingcpp: Any, grey: Any) -> list[str]:
    formats = (zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix)
    seen = zxingcpp.read_barcodes(grey, formats=formats)
    texts = [one.text for one in seen[:MOST] if one.valid]
    ours = (text for text in texts if text.startswith(PREFIX) and len(text) <= LONGEST)
    return list(dict.fromkeys(ours))
