"""Real white plates in the colours that hardly any real picture shows: red, blue, yellow.

Only the tone changes; characters, dirt, shadows and blur stay real. The text stays as well: the
network learns how characters look on such a ground, the grammar knows which texts stand there.
"""

from __future__ import annotations

import random
from dataclasses import replace

import cv2
import numpy as np

from simulator.plates.drawing import COLOURS as TONES
from training.recogniser_net import COLOURS
from training.recogniser_real import Sample

LEAST_CONTRAST = 40.0
"""Grey levels between ground and characters below which nothing is told apart."""

CHOICES = ("red", "red", "yellow", "blue")


def recoloured(sample: Sample, rng: random.Random) -> Sample:
    """The sample on another ground, or as it is where ground and characters are not clear."""
    name = rng.choice(CHOICES)
    mask = np.zeros(sample.picture.shape[:2], np.float32)
    cv2.fillConvexPoly(mask, np.round(sample.quad).astype(np.int32), 1.0)
    grey = sample.picture.mean(2)
    inside = grey[mask > 0]
    if inside.size < 50:
        return sample
    ink, ground = np.percentile(inside, (8, 80))
    if ground - ink < LEAST_CONTRAST or np.median(inside) < (ground + ink) / 2:
        return sample
    share = np.clip((grey - ink) / (ground - ink), -0.1, 1.25)[..., None]
    light, shift = float(rng.uniform(0.6, 1.25)), np.array([rng.gauss(0, 12) for _ in range(3)])
    new_ground, new_ink = (np.array(t, np.float32) * light + shift for t in TONES[name])
    tinted = share * new_ground + (1 - share) * new_ink
    blend = mask[..., None]
    picture = np.clip(sample.picture * (1 - blend) + tinted * blend, 0, 255).astype(np.uint8)
    return replace(sample, picture=picture, colour=COLOURS.index(name))
