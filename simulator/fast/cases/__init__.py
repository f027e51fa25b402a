"""The cases of a day: whoever may come to a border gate, by name.

Each maker gives one visit. The truth of each vehicle (its fate) is what a good gate must reach,
whatever rules it has for getting there.
"""

from simulator.fast.cases import changing, declared, driven, failing, ordinary, stories
from simulator.fast.cases.registry import (
    AWKWARD,
    BESIDE,
    NO_SENSOR_TELLS,
    ORDINARY,
    WITHOUT_A_GAP,
)

__all__ = [
    "AWKWARD",
    "BESIDE",
    "NO_SENSOR_TELLS",
    "ORDINARY",
    "WITHOUT_A_GAP",
    "changing",
    "declared",
    "driven",
    "failing",
    "ordinary",
    "stories",
]
