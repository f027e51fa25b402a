"""PURE. Following vehicles from picture to picture.

Boxes are matched by overlap, else by nearness relative to their size; a standing vehicle keeps its
track, one unseen for `MISSING_S` loses it. A plate without a vehicle is a track of unknown kind, if
it was read: a sign that looks like a plate is no vehicle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from edge.vision.detection import Box, overlap, within
from edge.vision.frame_result import FrameResult, SeenPlate, SeenVehicle
from edge.vision.reading import Reading

MISSING_S = 1.2
"""Maximum seconds that a vehicle is hidden behind the arm, a person or a wiper."""

SAME = 0.25
"""Overlap from which on two boxes are one vehicle."""

NEAR = 0.6
"""Maximum distance of the centres of two boxes without overlap, as a share of the smaller box."""

UNKNOWN = "vehicle"

READABLE = 0.3
"""Confidence from which on a plate without a vehicle counts."""


@dataclass(frozen=True, slots=True)
class Track:
    """One vehicle that is followed. `at`: when it was last seen, seconds. `said`: the last sure
    reading of its plate; half a reading, as one vehicle leaves and the next comes, proves nothing
    of either."""

    number: int
    kind: str
    box: Box
    at: float
    plate: SeenPlate | None
    kinds: dict[str, int] = field(default_factory=dict)
    seen: int = 1
    said: Reading | None = None

    @property
    def usual_kind(self) -> str:
        """The kind of vehicle that was detected most often."""
        named = {k: n for k, n in self.kinds.items() if k != UNKNOWN}
        return max(named, key=lambda k: named[k]) if named else UNKNOWN


class Tracker:
    """Feed it the frame results of one camera in order."""

    def __init__(self) -> None:
        self._next = 1
        self.tracks: tuple[Track, ...] = ()

    def update(self, frame_result: FrameResult, now: float) -> tuple[list[Track], list[Track]]:
        """(vehicles seen in this sight, vehicles lost)."""
        seen = [*frame_result.vehicles, *_lone(frame_result)]
        pairs = sorted(
            (
                (-_likeness(f, v, now), i, j)
                for i, f in enumerate(self.tracks)
                for j, v in enumerate(seen)
                if _likeness(f, v, now) > 0
            ),
        )
        old: dict[int, int] = {}
        for _, i, j in pairs:
            if i not in old.values() and j not in old:
                old[j] = i
        current = []
        for j, vehicle in enumerate(seen):
            if j in old or vehicle.kind != UNKNOWN or _readable(vehicle):
                known = self.tracks[old[j]] if j in old else None
                current.append(self._track(vehicle, known, now))
        rest = [f for i, f in enumerate(self.tracks) if i not in old.values()]
        lost = [f for f in rest if now - f.at > MISSING_S]
        self.tracks = (*current, *(f for f in rest if f not in lost))
        return current, lost

    def _track(self, vehicle: SeenVehicle, old: Track | None, now: float) -> Track:
        plate = vehicle.plate
        said = plate.reading if plate and plate.reading and plate.reading.accepted else None
        if old is None:
            self._next += 1
            kinds = {vehicle.kind: 1}
            return Track(self._next - 1, vehicle.kind, vehicle.box, now, plate, kinds, said=said)
        return replace(
            old,
            box=vehicle.box,
            at=now,
            plate=plate,
            kinds={**old.kinds, vehicle.kind: old.kinds.get(vehicle.kind, 0) + 1},
            seen=old.seen + 1,
            said=said or old.said,
        )


def _lone(frame_result: FrameResult) -> Sequence[SeenVehicle]:
    """Plates that lie in no vehicle, with the box of what probably carries them."""
    found = []
    for plate in frame_result.plates:
        if any(within(plate.box, v.box) > 0.6 for v in frame_result.vehicles):
            continue
        x1, y1, x2, y2 = plate.box
        w, h = x2 - x1, x2 - x1
        found.append(SeenVehicle(UNKNOWN, plate.sure, (x1 - w, y1 - h, x2 + w, y2 + h / 3), plate))
    return found


def _readable(vehicle: SeenVehicle) -> bool:
    reading = vehicle.plate.reading if vehicle.plate else None
    return reading is not None and reading.country != "?" and reading.confidence >= READABLE


def _likeness(track: Track, vehicle: SeenVehicle, now: float) -> float:
    """How probably the box is the followed vehicle's, 0 for surely not."""
    a, b = track.box, vehicle.box
    if _other_plate(track, vehicle):
        return 0.0
    shared = overlap(a, b)
    if shared > SAME:
        return shared + 1
    if UNKNOWN in (track.kind, vehicle.kind) and max(within(a, b), within(b, a)) > 0.7:
        return 0.9
    size = min(a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1])
    dx, dy = (a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2
    distance = (dx * dx + dy * dy) ** 0.5
    return 0.5 * (1 - distance / size) if size > 0 and distance < NEAR * size else 0.0


def _other_plate(track: Track, vehicle: SeenVehicle) -> bool:
    """Whether both show surely read plates that differ in more than a slip."""
    a = track.said
    b = vehicle.plate.reading if vehicle.plate else None
    if a is None or b is None or not b.accepted:
        return False
    longest = max(len(a.text), len(b.text))
    same = sum(x == y for x, y in zip(a.text, b.text, strict=False))
    return same < longest / 2
