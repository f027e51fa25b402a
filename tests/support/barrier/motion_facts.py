"""What several tests share: alarms, both_limits."""

from edge.barrier.core.safety import Sampled
from tests.support.barrier.lane_play import LIMIT_SWITCHES


def alarms(play, code):
    """Whether each alarm of the code was raised or cleared, in order."""
    return [f.active for f in play.reported("GuardAlarm") if f.code == code]


def both_limits(play):
    for _ in range(3):
        play.now += 0.1
        play.give(Sampled({**play.inputs, **dict.fromkeys(LIMIT_SWITCHES, True)}))
    return play
