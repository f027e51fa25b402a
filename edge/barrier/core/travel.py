"""PURE. The learned duration of a motion, and when it tells of a failing drive.

Learned anew at every start, from full motions only; nothing is kept on disk. What survives a
restart is the configured `travel_s`, measured when the barrier was commissioned: an arm that has
become slower than that is told too. Learning only ever shortens the supervision, never lengthens
it, and never to less than LEAST of what is configured: a switch that lies must not teach that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LEARN_MOTIONS = 5
"""Motions whose mean is the first usual time."""

LEARN_SHARE = 0.2
"""Weight of each later motion in the moving mean."""

MOTIONS = ("open", "close")

PLAUSIBLE = 0.95
"""Share of its travel time before which an arm is not down, whatever a switch says."""

QUICKER = 0.9
"""Share of the opening's usual time from which on a closing's is believed: arms come down no
quicker than they go up, or hardly."""

SLOW = 1.5
"""Multiple of the usual time from which on a single motion is reported."""

LEAST = 0.5
"""A learned time counts as no less than this share of the configured one."""

CREEP = 1.25
"""Multiple of the usual time from which on the moving mean is reported."""


@dataclass(frozen=True, slots=True)
class Travel:
    """`usual_s`: the mean of the first motions; `mean_s`: the moving mean; 0 before the first.
    `drifting`: the drift has been told."""

    usual_s: float = 0.0
    mean_s: float = 0.0
    motions: int = 0
    drifting: bool = False

    @property
    def learned(self) -> bool:
        return self.motions >= LEARN_MOTIONS

    def after(self, seconds: float, commissioned_s: float) -> Travel:
        """With one more full motion; `drifting` says whether that is a slow drive."""
        if not self.learned:
            usual = _mean(self.usual_s, seconds, 1 / (self.motions + 1))
            slow = self.motions + 1 == LEARN_MOTIONS and usual > commissioned_s
            return Travel(usual, usual, self.motions + 1, slow)
        usual = self.usual_s
        mean = _mean(self.mean_s, seconds, LEARN_SHARE)
        slow = seconds > SLOW * usual or mean > min(CREEP * usual, max(usual, commissioned_s))
        return Travel(usual, mean, self.motions, slow)

    def supervised_s(self, configured_s: float) -> float:
        """What a motion may take, before the margin: never more than is configured."""
        if not self.learned:
            return configured_s
        return min(configured_s, max(LEAST * configured_s, SLOW * self.usual_s))


def plausible_s(learned: Mapping[str, Travel], configured_s: float) -> float:
    """So long after the arm began to come down its lower switch is believed at the earliest:
    PLAUSIBLE of the longer of the usual times; as configured until both are learned, and where the
    lower switch is reached so much sooner than the upper one that it may be adjusted too high."""
    up, down = (learned.get(motion, Travel()) for motion in MOTIONS)
    honest = up.learned and down.learned and down.usual_s >= QUICKER * up.usual_s
    usual = max(up.usual_s, down.usual_s, LEAST * configured_s) if honest else configured_s
    return PLAUSIBLE * min(configured_s, usual)


def _mean(old: float, new: float, share: float) -> float:
    return old + share * (new - old)
