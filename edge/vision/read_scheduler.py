"""PURE. What is remembered of each track, and from that when to look and what to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edge.vision.detection import Box, within
from edge.vision.evidence import Album
from edge.vision.fusion import Consensus
from edge.vision.reading import Reading
from edge.vision.tracking import Follow

ENOUGH = 6
"""After so many agreeing sure readings a track is settled, and read only now and then."""

SETTLED_S = 0.5
"""A settled track is read again so often: it may have become another vehicle's."""

FOLLOWED_S = 0.19
"""Settled vehicles that move are looked at so often: enough to follow them."""

STILL_S = 0.5
"""Where nothing moves and nothing is to be read, the detector looks so often."""

WAITING_S = 0.25
"""Where nothing moves, but a vehicle has stood unread for `PATIENT` looks, so often."""

PATIENT = 30


@dataclass(slots=True)
class Known:
    """What is remembered of one track. `told`: the news last told, and when."""

    consensus: Consensus = field(default_factory=Consensus)
    result: Reading | None = None
    read: int = 0
    told_at: float = -1e9
    told: tuple[object, ...] = ()
    settled_at: float | None = None
    album: Album = field(default_factory=Album)

    @property
    def pictures(self) -> tuple[str, ...]:
        """Of the plate that is believed."""
        return self.album.of(self.result.text if self.result else "")

    def take(self, reading: Reading, accept: float, now: float) -> None:
        """One reading more."""
        self.consensus = self.consensus.with_reading(reading)
        self.read += 1
        self.result = self.consensus.result(accept)
        self.settled_at = now if self.consensus.settled(self.result, ENOUGH) else None


Tracks = Mapping[int, Known]


def settled(follow: Follow, tracks: Tracks) -> bool:
    known = tracks.get(follow.track)
    return known is not None and known.settled_at is not None


def followed(follows: Sequence[Follow], tracks: Tracks) -> bool:
    """Whether there are vehicles, and all are surely read: they are only followed."""
    return bool(follows) and all(settled(f, tracks) for f in follows)


def patience(follows: Sequence[Follow], tracks: Tracks) -> float:
    """Seconds for which a still picture need not be looked at again."""
    unsettled = [f for f in follows if not settled(f, tracks)]
    if not unsettled:
        return STILL_S
    return WAITING_S if all(f.seen > PATIENT for f in unsettled) else 0.0


def wanted(box: Box, follows: Sequence[Follow], tracks: Tracks, now: float) -> bool:
    """Whether to read what is in the box: not what was settled just now."""
    for follow in follows:
        known = tracks.get(follow.track)
        if known is None or known.settled_at is None or within(box, follow.box) < 0.6:
            continue
        if now - known.settled_at < SETTLED_S:
            return False
    return True


def waited_for(follows: Sequence[Follow], tracks: Tracks) -> bool:
    """Whether a vehicle is there that is not surely read and has not long stood unread."""
    return any(
        f.seen <= PATIENT
        and not ((known := tracks.get(f.track)) and known.result and known.result.accepted)
        for f in follows
    )
