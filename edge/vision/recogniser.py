"""The plate recogniser at run time: OpenVINO, then the lattice, then calibrated confidence.

A plate that is not surely read is read twice more, set upright and with a margin; all views then
count alike.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import cv2
import numpy as np
import openvino as ov
from numpy.typing import NDArray

from edge.domain.plate import ALPHABET, Plate, parse, withdrawn
from edge.system.causes import Cause, cause, cause_of
from edge.vision.lattice import best_texts, plainest
from edge.vision.priors import usualness
from edge.vision.reading import Picture, Reading, shown
from edge.vision.upright import set_upright
from edge.vision.weights import SHIPPED, WeightsError, checked

HEIGHT, WIDTH = 64, 160
COLOURS = ("white", "yellow", "blue", "green", "red", "black")
FEW = 5
SMALLEST = 8
"""Crops with a side of fewer pixels are not read."""

PLAINER = 30.0
"""Factor by which a free text must be likelier than any plate to count as a text that is no plate.
"""

HOPELESS = 0.03
"""Confidence below which further views are not worth their time."""

MARGIN = 0.05
"""Share of the picture's sides by which the last view is wider, as its rim goes on."""

NEVER_SURER = 1e-5
"""No belief is taken to be nearer to nothing or to certainty."""

CLEARLY = 6.0
"""Log-odds of being whole above which the value changes nothing."""

WHOLE = 2.0
"""Log-odds of being whole below which a text is no surer than that its plate is whole. Of plates
that show fully and are read surely one in two hundred stays below."""

Seen = tuple[NDArray[np.float32], str, int, float]
"""(T, classes) log-probabilities of the characters, colour, lines, and the log-odds that the plate
is whole: neither cut off nor covered."""

Shares = dict[str, float]
"""The belief of one view in each plate that it may show; the rest of 1 is for other texts."""

Evidence = tuple[float, float, float]

Weights = tuple[float, float, float, float]
"""Of the three kinds of evidence, and a constant."""


class OpenVinoPlateReader:
    """Implements reading.PlateReader. `folder` holds recogniser.xml/.bin and calibration.json.

    Raises WeightsError where they cannot be used.
    """

    def __init__(
        self, folder: Path = SHIPPED, accept: float | None = None, threads: int = 1
    ) -> None:
        settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
        network, reported = checked(folder, "recogniser.xml"), checked(folder, "calibration.json")
        try:
            core = ov.Core()
            described = core.read_model(network)
            _same_alphabet(described)
            model = core.compile_model(described, "CPU", settings)
            self._request = model.create_infer_request()
            calibration = json.loads(reported.read_text())
            self._alone = _weights(calibration)
            # Weights that were fitted to one kind of reading have no others for several views.
            self._together = _weights(calibration.get("again", calibration))
            self._most = float(calibration["most"])
            self.accept = float(calibration["accept"] if accept is None else accept)
            self.columns(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
        except (RuntimeError, KeyError, ValueError, TypeError, IndexError) as error:
            said = cause_of(error)
            why = said if isinstance(said, Cause) else f"{type(error).__name__}: {said}"[:240]
            raise WeightsError(cause("weights.reader", folder=folder, error=why)) from error

    def read(self, crop: Picture) -> Reading | None:
        if min(crop.shape[:2]) < SMALLEST:
            return None
        first = self.columns(crop)
        reading = self._reading([first], crop.shape[1])
        if reading is None or reading.accepted or reading.confidence < HOPELESS:
            return reading
        return self._reading([first, *self.again(crop)], crop.shape[1])

    def again(self, crop: Picture) -> list[Seen]:
        """The further views of a plate."""
        return [self.columns(set_upright(crop)), self.columns(widened(crop))]

    def columns(self, crop: Picture) -> Seen:
        """The network's answer to one view."""
        fitted = cv2.resize(crop, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
        block = fitted.transpose(2, 0, 1)[None].astype(np.float32) / 255
        out = self._request.infer([block])
        characters, colour, lines, whole = (out[i][0] for i in range(4))
        return characters, COLOURS[int(colour.argmax())], int(lines.argmax()) + 1, float(whole[0])

    def calibrated(self, reported: Evidence, views: int) -> float:
        """The probability that the best text is right; fitted by training/calibrate.py to one view
        and to several."""
        *weights, offset = self._alone if views == 1 else self._together
        z = offset + sum(w * e for w, e in zip(weights, reported, strict=True))
        limit = _likelihood(reported[2]) if reported[2] < WHOLE else self._most
        return min(limit, _likelihood(z))

    def _reading(self, views: list[Seen], width: int) -> Reading | None:
        """The reading that the views amount to; they are believed alike."""
        _, colour, lines, _ = views[0]
        shares = [shares_of(view) for view in views]
        ranked = believed(shares)
        free, belief = plainest(views[0][0])
        if not ranked or belief > PLAINER * ranked[0][1]:
            return _unknown(free, belief, colour, lines, width) if free else None
        text = ranked[0][0]
        known = parse(text)
        assert known is not None
        reported = evidence(ranked, shares, [view[3] for view in views])
        confidence = self.calibrated(reported, len(views))
        if known.country == "CN" and known.split == 0:
            lines = 1
        return Reading(
            text,
            known.display,
            known.country,
            colour,
            lines,
            confidence,
            confidence >= self.accept and not withdrawn(text) and _of_its_colour(known, colour),
            tuple(ranked),
            width,
            reported[2] < WHOLE,
        )


def _of_its_colour(plate: Plate, colour: str) -> bool:
    """Other countries have plates of the army's form as well; the army's are red."""
    return plate.kind != "military" or colour == "red"


def widened(crop: Picture) -> Picture:
    """The crop with a margin of its own rim: a box that is too tight reads better so."""
    height, width = crop.shape[:2]
    y, x = max(1, round(MARGIN * height)), max(1, round(MARGIN * width))
    return cv2.copyMakeBorder(crop, y, y, x, x, cv2.BORDER_REPLICATE).astype(np.uint8)


def _weights(calibration: dict[str, float]) -> Weights:
    scale, lead, whole, offset = (
        float(calibration[n]) for n in ("scale", "lead", "whole", "offset")
    )
    return scale, lead, whole, offset


def _same_alphabet(network: ov.Model) -> None:
    """The network's columns are places in ALPHABET and COLOURS. A network that was trained with
    others, or does not state its own, would surely read other characters than those on the plate.
    Raises ValueError."""
    for name, ours in (("alphabet", ALPHABET), ("colours", " ".join(COLOURS))):
        path = ["gate", name]
        theirs = network.get_rt_info(path).astype(str) if network.has_rt_info(path) else ""
        if theirs != ours:
            stated = repr(theirs) if theirs else cause("weights.not_stated")
            raise ValueError(cause("weights.other", what=name, theirs=stated, ours=repr(ours)))
    classes = network.output(0).get_partial_shape()[-1].get_length()
    if classes != len(ALPHABET) + 1:
        raise ValueError(cause("weights.classes", classes=classes, characters=len(ALPHABET)))


def _likelihood(odds: float) -> float:
    """The probability for log-odds."""
    return 1 / (1 + math.exp(-odds))


def shares_of(view: Seen) -> Shares:
    return {text: math.exp(score) for text, score in best_texts(view[0])}


def evidence(ranked: list[tuple[str, float]], shares: list[Shares], whole: list[float]) -> Evidence:
    """What the calibration weighs: the log-odds of the best text, as the views have it alone, in
    the mean; its lead over the next; and the log-odds that the plate is whole, the least of those
    of the views in `whole`: what is cut off may fit a shorter format."""
    best, share = ranked[0]
    rival = ranked[1][1] if len(ranked) > 1 else 0.0
    alone = [_log_odds(dict(believed([one])).get(best, 0.0)) for one in shares]
    return (
        sum(alone) / len(alone),
        math.log(max(share, 1e-6) / max(rival, 1e-6)),
        min(CLEARLY, max(-CLEARLY, min(whole))),
    )


def _log_odds(p: float) -> float:
    p = min(max(p, NEVER_SURER), 1 - NEVER_SURER)
    return math.log(p / (1 - p))


def believed(views: list[Shares]) -> list[tuple[str, float]]:
    """The likeliest plates and the belief in each, over all views; best first. What is missing
    from 1 is the belief in other texts. Rare forms of plates need to be seen more clearly."""
    shares: Shares = {}
    for view in views:
        for text, share in view.items():
            shares[text] = shares.get(text, 0.0) + share / len(views)
    others = max(0.0, 1 - sum(shares.values()))
    weighed = {text: share * math.exp(usualness(text)) for text, share in shares.items()}
    whole = others + sum(weighed.values())
    ranked = sorted(weighed.items(), key=lambda item: -item[1])[:FEW]
    return [(text, share / whole) for text, share in ranked]


def _unknown(text: str, belief: float, colour: str, lines: int, width: int) -> Reading:
    """A text of no known country: reported, never accepted."""
    display, country = shown(text)
    return Reading(text, display, country, colour, lines, min(0.5, belief), False, (), width)
