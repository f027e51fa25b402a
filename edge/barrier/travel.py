"""PURE. The learned duration of a motion, and when it tells of a failing drive.

Learned anew at every start, from full motions only; nothing is kept on disk. What survives a
restart is the configured `travel_s`, measured when the barrier was commissioned: an arm that has
become slower than that is told too. Learning only ever shortens the supervision, never lengthens
it.
"""

from __future__ import annotations

from dataclasses import dataclass

LEARN_MOTIONS = 5
"""The mean of so many motions is the usual time."""

LEARN_SHARE = 0.2
"""How much each later motion weighs in the moving mean."""

SLOW = 1.5
"""A single motion so many times the usual tells ..."""

CREEP = 1.25
"""... and so does a moving mean that has become so many times the usual."""


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
        return min(configured_s, SLOW * self.usual_s) if self.learned else configured_s


def _mean(old: float, new: float, share: float) -> float:
    return old + share * (new - old)
