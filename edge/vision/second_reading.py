"""PURE. A camera's own reading beside ours: whose it is, and what it changes.

It confirms or contradicts. Where both say the same, an unsure reading of ours is sure; where they
differ, a sure one is not, and a person looks. Where the camera leaves out the character of a
Chinese province, which many do, the rest decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge.domain.assignment import NEAR, apart
from edge.domain.facts import PlateView
from edge.domain.plate import agree, parse
from edge.vision.plate_events import CameraReading

HEARD_LATER_S = 30.0
"""Seconds after which a camera's reading that fits no vehicle is forgotten."""

CONFIRMED_FROM = 0.5
"""Probability of ours from which the camera's reading of the same makes it sure: it is then the
likeliest text of two readers that err apart."""


@dataclass(frozen=True, slots=True)
class Heard:
    """`at`: monotonic, when it came."""

    reading: CameraReading
    at: float


class SecondReadings:
    """Those of one camera that belong to no vehicle yet."""

    def __init__(self, before_s: float) -> None:
        self._before_s = before_s
        self._waiting: list[Heard] = []

    def hear(self, reading: CameraReading, at: float) -> None:
        self._waiting = [h for h in self._waiting if at - h.at < HEARD_LATER_S][-7:]
        self._waiting.append(Heard(reading, at))

    def of(self, text: str, alone: bool, seen_since: float, now: float) -> CameraReading | None:
        """The newest that belongs to a vehicle that reads `text` ("" for unread): one near to it,
        or any that came while it was there and it was `alone`, or shortly before. It is given
        once."""
        for heard in reversed(self._waiting):
            near = bool(text) and apart(bare(heard.reading.text), bare(text)) <= NEAR
            mine = alone and heard.at >= seen_since - self._before_s
            if now - heard.at < HEARD_LATER_S and (near or mine):
                self._waiting.remove(heard)
                return heard.reading
        return None


def judged(
    view: PlateView | None, second: CameraReading | None, alone_counts: bool
) -> PlateView | None:
    """Our view, with the camera's reading in it and what it changes. `alone_counts`: the camera's
    reading counts where there is none of ours."""
    if second is None:
        return view
    second_read = (second.text, second.confidence)
    if view is None:
        known = parse(second.text)
        if not alone_counts or known is None:
            return None
        sure = 1.0 if second.confidence is None else second.confidence
        return PlateView(
            second.text, known.display, known.country, "?", 1, sure, True,
            second=second_read[0], second_confidence=second_read[1],
        )  # fmt: skip
    same = agree(view.text, second.text)
    confirmed = same and view.country != "?" and view.confidence >= CONFIRMED_FROM
    return replace(
        view,
        accepted=confirmed or (view.accepted and same),
        second=second_read[0],
        second_confidence=second_read[1],
    )


def bare(text: str) -> str:
    """Without Chinese characters, which not every camera writes."""
    return "".join(c for c in text if c.isascii())
