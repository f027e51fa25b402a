"""No photograph of a held-out plate is learnt from under another text: a copy of one whose label
differs by a character stands on the other side of the split, which goes by the text."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="a slim installation trains nothing (./install.sh)")

from tests.support.real_data import DATA, needs
from training import recogniser_real
from training.label_check import one_apart

OTHER_VEHICLES = {
    ("51G25481", "51G25181"),
    ("80A66868", "80A68868"),
    ("29E164461", "29E114461"),
    ("30A99999", "30E99999"),
    ("皖A30F03", "皖A30B03"),
    ("皖A7Y091", "皖A7Y001"),
    ("皖AM700E", "皖AM7000"),
    ("皖A008Q2", "皖A008J2"),
}
"""Held-out and learnt plates one character apart whose pictures were looked at: two vehicles."""


def test_a_held_out_plate_is_not_learnt_under_a_text_that_differs_by_a_character(monkeypatch):
    needs("vn_crops")
    nothing = np.zeros((9, 9, 3), np.uint8)
    monkeypatch.setattr(recogniser_real.cv2, "imread", lambda file: nothing)
    held, learnt = ({s.text for s in recogniser_real.real(DATA, p)} for p in ("val", "train"))
    assert len(held) > 400
    assert len(learnt) > 1600
    assert set(one_apart(held, learnt)) == OTHER_VEHICLES
