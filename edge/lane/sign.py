"""PURE. A cue with what comes with it: what the lane's table is asked with."""

from __future__ import annotations

from dataclasses import dataclass

from edge.domain.reason import Decision
from edge.lane.vehicle import Passage, Track
from edge.lane.vocabulary import Cue

BACKED_OFF = "backed_off"
"""Why a vehicle is gone, as the guard has seen it."""

CAME_AGAIN = "came_again"
"""Why it is read anew: it has left the entry loop, and the loop is occupied again."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A cue with what comes with it. `decision` and `by`: for DECIDE; `plate`: a person's
    correction; `vehicles`: how many went through; `why` a vehicle is gone, as receivers know it;
    `of`: the passage that it found under way; `track`: who passed beside it, or whom the camera
    alone tells of."""

    cue: Cue
    decision: Decision | None = None
    by: str = "gate"
    plate: str = ""
    vehicles: int = 1
    why: str = ""
    of: Passage | None = None
    track: Track | None = None
