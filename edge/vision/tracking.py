"""PURE. Following vehicles from picture to picture.

A box goes on with the track that it is most like (likeness.py). A track never goes on from one
vehicle to the next: a plate that is surely another's begins a new one at once, one that is half
read twice does too, and until then such a reading is kept from the track.

A vehicle unseen for `MISSING_S` is lost, one that stood for longer than that comes back as the
same: behind a vehicle that covers it, or where the detector has missed it. Whoever comes from
behind a cover, or stands a little elsewhere, and has a plate that was known is only believed to be
the same when that plate is read again.

A plate without a vehicle is a track of unknown kind, if it was read: a sign that looks like a plate
is no vehicle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from edge.vision.appearance import Appearance, blended
from edge.vision.detection import Box, area, overlap, within
from edge.vision.frame_result import FrameResult, SeenPlate, SeenVehicle, bearer
from edge.vision.likeness import Expected, contradicts, likeness, speaks_against, unlike
from edge.vision.reading import Reading

MISSING_S = 1.2
"""Maximum seconds that a vehicle is hidden behind the arm, a person or a wiper."""

STOOD_S = 6.0
"""Maximum seconds for which the detector misses a vehicle that stood still, in the open."""

COVERED_S = 45.0
"""Maximum seconds for which a vehicle that stood is covered by one before it."""

COVERED = 0.5
"""Share of a vehicle's box that one before it covers."""

STILL_S = 1.0
"""Seconds without motion after which a vehicle stands."""

STEADY = 10
"""Sights of a vehicle that stands before it is waited for."""

TREMBLE = 0.08
"""Share of its size by which the box of a vehicle that stands may move."""

CONFIRM_S = 6.0
"""Seconds in which one that came back must show its plate again; else it is another."""

UNMOVED = 0.8
"""Overlap with its old place from which on one that nothing had covered has only been missed."""

UNKNOWN = "vehicle"

READABLE = 0.3
"""Confidence from which on a plate without a vehicle counts."""

SPEED_KEPT = 0.5
"""Share of the old speed in the new one: boxes tremble."""


@dataclass(frozen=True, slots=True)
class Track:
    """One vehicle that is followed. `at`: when it was last seen, seconds. `said`: the last sure
    reading of its plate, or the last of two half sure ones that agree. `doubt`: a reading that
    speaks against it, kept from it until the next one. `moving`: pixels a second; `still_at`: where
    it has stood since `still_since`. `covered_at`: when a vehicle before it was last seen to cover
    it, since it was seen itself. `returned_at`: it was long unseen, and its plate, which is
    known, has not been read again since."""

    number: int
    kind: str
    box: Box
    at: float
    plate: SeenPlate | None
    kinds: dict[str, int] = field(default_factory=dict)
    seen: int = 1
    said: Reading | None = None
    half_said: Reading | None = None
    doubt: Reading | None = None
    moving: tuple[float, float] = (0.0, 0.0)
    still_at: Box = (0.0, 0.0, 0.0, 0.0)
    still_since: float = 0.0
    appearance: Appearance | None = None
    covered_at: float | None = None
    returned_at: float | None = None
    began: float = 0.0

    @property
    def usual_kind(self) -> str:
        """The kind of vehicle that was detected most often."""
        named = {k: n for k, n in self.kinds.items() if k != UNKNOWN}
        return max(named, key=lambda k: named[k]) if named else UNKNOWN

    @property
    def stood(self) -> bool:
        """Whether it stood when it was last seen."""
        return self.seen >= STEADY and self.at - self.still_since >= STILL_S

    @property
    def covered(self) -> bool:
        """Whether another vehicle stands, or stood just now, before it."""
        return self.covered_at is not None

    @property
    def believed(self) -> bool:
        """Whether it is surely the vehicle that it was."""
        return self.returned_at is None


class Tracker:
    """Feed it the frame results of one camera in order."""

    def __init__(self) -> None:
        self._next = 1
        self.tracks: tuple[Track, ...] = ()

    def update(self, frame_result: FrameResult, now: float) -> tuple[list[Track], list[Track]]:
        """(vehicles seen in this sight, vehicles lost)."""
        seen = [*frame_result.vehicles, *_lone(frame_result)]
        old = self._paired(seen, now)
        current = []
        for j, vehicle in enumerate(seen):
            if j in old:
                current.append(self._gone_on(self.tracks[old[j]], vehicle, now))
            elif vehicle.kind != UNKNOWN or _readable(vehicle):
                current.append(self._new(vehicle, now))
        went_on = {f.number for f in current}
        rest = [_unseen(f, seen, now) for f in self.tracks if f.number not in went_on]
        replaced = {self.tracks[i].number for i in old.values()} - went_on
        replaced |= {f.number for f in rest if any(_in_place_of(f, v, now) for v in seen)}
        lost = [f for f in rest if f.number in replaced or _gone(f, now)]
        self.tracks = (*current, *(f for f in rest if f not in lost))
        return current, lost

    def _paired(self, seen: Sequence[SeenVehicle], now: float) -> dict[int, int]:
        """By the place of a vehicle in `seen` that of its track; the likest pairs first."""
        pairs = sorted(
            (-worth, i, j)
            for i, track in enumerate(self.tracks)
            for j, vehicle in enumerate(seen)
            if (worth := _likeness(track, vehicle, now)) > 0
        )
        old: dict[int, int] = {}
        for _, i, j in pairs:
            if i not in old.values() and j not in old:
                old[j] = i
        return old

    def _new(self, vehicle: SeenVehicle, now: float, half: Reading | None = None) -> Track:
        self._next += 1
        return Track(
            self._next - 1,
            vehicle.kind,
            vehicle.box,
            now,
            vehicle.plate,
            {vehicle.kind: 1},
            said=_sure(vehicle),
            half_said=half or _reading(vehicle),
            still_at=vehicle.box,
            still_since=now,
            appearance=vehicle.appearance,
            began=now,
        )

    def _gone_on(self, old: Track, vehicle: SeenVehicle, now: float) -> Track:
        """The track after one more sight of it; a new one where the plate is another's."""
        if vehicle.kind == UNKNOWN and old.kind != UNKNOWN:
            vehicle = replace(vehicle, box=_carried(old, vehicle))
        read = _reading(vehicle)
        against = speaks_against(old.said, read)
        if against and read and old.doubt and not unlike(old.doubt.text, read.text):
            return self._new(vehicle, now, read)
        returned_at = _returned_at(old, vehicle, now)
        if returned_at is not None and now - returned_at > CONFIRM_S:
            return self._new(vehicle, now)
        plate = vehicle.plate
        if against and plate:
            plate = replace(plate, reading=None)
        stays = _stays(old.still_at, vehicle.box)
        return replace(
            old,
            kind=vehicle.kind if old.kind == UNKNOWN else old.kind,
            box=vehicle.box,
            at=now,
            plate=plate,
            kinds={**old.kinds, vehicle.kind: old.kinds.get(vehicle.kind, 0) + 1},
            seen=old.seen + 1,
            said=old.said if against else (_said(old, vehicle) or old.said),
            half_said=old.half_said if against or read is None else read,
            doubt=read if against else (None if read else old.doubt),
            moving=_moving(old, vehicle, now),
            still_at=old.still_at if stays else vehicle.box,
            still_since=old.still_since if stays else now,
            appearance=blended(old.appearance, vehicle.appearance),
            covered_at=None,
            returned_at=returned_at,
        )


def _gone(track: Track, now: float) -> bool:
    """Whether it has been unseen for too long."""
    unseen_s = now - track.at
    if not track.stood or track.kind == UNKNOWN:
        return unseen_s > MISSING_S
    if track.covered_at is None:
        return unseen_s > STOOD_S
    return unseen_s > COVERED_S or now - track.covered_at > STOOD_S


def _unseen(track: Track, seen: Iterable[SeenVehicle], now: float) -> Track:
    """The track in a picture that does not show it: whether another vehicle stands before it."""
    if not track.stood:
        return track
    reach = track.box[3] + 0.05 * (track.box[3] - track.box[1])
    before = any(
        within(track.box, v.box) > COVERED and v.box[3] > reach and area(v.box) > area(track.box)
        for v in seen
    )
    return replace(track, covered_at=now) if before else track


def _carried(old: Track, vehicle: SeenVehicle) -> Box:
    """The box of a vehicle of which only the plate was found: as it was, moved as the plate has."""
    if old.plate is None or vehicle.plate is None:
        return old.box
    (a, b, c, d), (e, f, g, h) = old.plate.box, vehicle.plate.box
    dx, dy = (e + g - a - c) / 2, (f + h - b - d) / 2
    x1, y1, x2, y2 = old.box
    return x1 + dx, y1 + dy, x2 + dx, y2 + dy


def _in_place_of(track: Track, vehicle: SeenVehicle, now: float) -> bool:
    """Whether the vehicle, by its plate another, is where this one would be."""
    if not contradicts(track.said, _reading(vehicle)):
        return False
    return _likeness(replace(track, said=None), vehicle, now) > 0


def _returned_at(old: Track, vehicle: SeenVehicle, now: float) -> float | None:
    """Since when it is back without its plate read again; None where nothing is in doubt."""
    since, read = old.returned_at, _reading(vehicle)
    if since is None and now - old.at > MISSING_S and old.said is not None:
        missed = not old.covered and overlap(old.box, vehicle.box) > UNMOVED
        since = None if missed else now
    if since is not None and read is not None and old.said is not None:
        same = read.country != "?" and not unlike(old.said.text, read.text)
        return None if same else since
    return since


def _said(old: Track, vehicle: SeenVehicle) -> Reading | None:
    """A sure reading; where there is none yet, the second of two half sure ones that agree."""
    read, half = _reading(vehicle), old.half_said
    if read is None or _sure(vehicle) is not None or old.said is not None:
        return _sure(vehicle)
    agree = half is not None and half.country != "?" and half.text == read.text
    return read if agree and read.confidence >= READABLE else None


def _moving(old: Track, vehicle: SeenVehicle, now: float) -> tuple[float, float]:
    """Its speed after the sight, smoothed."""
    gap = max(now - old.at, 0.02)
    (a, b, c, d), (e, f, g, h) = old.box, vehicle.box
    vx, vy = (e + g - a - c) / 2 / gap, (f + h - b - d) / 2 / gap
    if old.seen == 1:
        return vx, vy
    keep = SPEED_KEPT
    return keep * old.moving[0] + (1 - keep) * vx, keep * old.moving[1] + (1 - keep) * vy


def _stays(at: Box, box: Box) -> bool:
    side = max(1.0, (at[2] - at[0] + at[3] - at[1]) / 2)
    return all(abs(a - b) < TREMBLE * side for a, b in zip(at, box, strict=True))


def _lone(frame_result: FrameResult) -> Sequence[SeenVehicle]:
    """Plates that lie in no vehicle, with the box of what probably carries them."""
    found = []
    for plate in frame_result.plates:
        if any(within(plate.box, v.box) > 0.6 for v in frame_result.vehicles):
            continue
        found.append(SeenVehicle(UNKNOWN, plate.sure, bearer(plate.box), plate))
    return found


def _reading(vehicle: SeenVehicle) -> Reading | None:
    return vehicle.plate.reading if vehicle.plate else None


def _sure(vehicle: SeenVehicle) -> Reading | None:
    """Half a reading, as one vehicle leaves and the next comes, proves nothing of either."""
    reading = _reading(vehicle)
    return reading if reading and reading.accepted else None


def _readable(vehicle: SeenVehicle) -> bool:
    reading = _reading(vehicle)
    return reading is not None and reading.country != "?" and reading.confidence >= READABLE


def _likeness(track: Track, vehicle: SeenVehicle, now: float) -> float:
    gap = now - track.at
    expected = Expected(
        track.box,
        gap,
        track.moving,
        track.kind != UNKNOWN,
        track.appearance,
        track.said,
        gap > MISSING_S,
    )
    return likeness(expected, vehicle, vehicle.kind != UNKNOWN)
