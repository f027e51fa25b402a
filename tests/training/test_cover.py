"""Plates that show only in part."""

import random

import numpy as np
import pytest

pytest.importorskip("torch", reason="a slim installation trains nothing (./install.sh)")

from training.recogniser_cover import partly
from training.recogniser_net import HEIGHT, WIDTH


@pytest.mark.parametrize("rows", [1, 2])
def test_some_of_the_plate_is_gone_every_time(rows):
    """Every place of the plate has a tone of its own; some of the tones are seen no more."""
    rng = random.Random(3)
    before = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    across = np.linspace(0, 120, WIDTH)[None, :] + np.zeros((HEIGHT, 1))
    down = np.linspace(0, 120, HEIGHT)[:, None] + np.zeros((1, WIDTH))
    view = np.dstack([across, down, np.full_like(across, 90)]).astype(np.uint8)
    whole = tones(view)
    for _ in range(200):
        out = partly(view, (8.0, 6.0, WIDTH - 8.0, HEIGHT - 6.0), rng, before, rows)
        assert out.shape == view.shape
        assert out.dtype == np.uint8
        assert len(whole - tones(out)) > 0.04 * len(whole)


def tones(view):
    """The places of the plate (in steps of 4) that are seen in the view."""
    kept = view[np.abs(view[..., 2].astype(int) - 90) < 3]
    return {(int(a) // 4, int(b) // 4) for a, b, _ in kept}
