"""Pictures through the real detector and reader into a tracker: what each track has read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from edge.config import CameraConfig
from edge.vision.frame_result import detect
from edge.vision.fusion import ACCEPT, Fusion
from edge.vision.tracking import Tracker
from edge.vision.ways import Ways


@dataclass
class Seen:
    """`fusions` by track; `at` the tracks of each picture; `headings` each track's in order."""

    ways: Ways
    fusions: dict = field(default_factory=lambda: defaultdict(Fusion))
    at: list = field(default_factory=list)
    headings: dict = field(default_factory=lambda: defaultdict(list))
    crossed: list = field(default_factory=list)

    @property
    def sure(self):
        """Track -> its fused text, where that is sure."""
        read = {number: fusion.result(ACCEPT) for number, fusion in self.fusions.items()}
        return {number: r.text for number, r in read.items() if r and r.accepted}


def seen_in(pictures, detector, reader, step=0.1, reads=True, **ways):
    """Feeds the pictures, `step` seconds apart."""
    tracker = Tracker()
    seen = Seen(Ways(CameraConfig(source="x", ways=ways)))
    for number, picture in enumerate(pictures):
        height, width = picture.shape[:2]
        result = detect(picture, detector, reader, closer=1, most=2, mine=lambda box: reads)
        current, _ = tracker.update(result, number * step)
        seen.crossed += seen.ways.update(current, tracker.tracks, number * step, width, height)
        seen.at.append([track.number for track in current])
        for track in current:
            heading = seen.ways.of(track).heading
            if heading not in seen.headings[track.number][-1:]:
                seen.headings[track.number].append(heading)
            if track.plate and track.plate.reading:
                fusion = seen.fusions[track.number]
                seen.fusions[track.number] = fusion.with_reading(track.plate.reading)
    return seen
