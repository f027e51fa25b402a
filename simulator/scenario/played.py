"""What came of a scenario, whichever clock it was played on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.scenario.timeline import LaneLine


@dataclass(slots=True)
class Played:
    """`failures`: what was expected and what was; `unseen`: those that no sensor tells, counted
    apart; `figures`: the contract's report; `again`: the command that plays it alike."""

    name: str
    theme: str
    about: str
    clock: str
    seed: int
    failures: list[str]
    unseen: list[str] = field(default_factory=list)
    figures: Mapping[str, Any] = field(default_factory=dict)
    lanes: list[LaneLine] = field(default_factory=list)
    history: str = ""
    seconds: float = 0.0
    wire: list[tuple[float, str]] = field(default_factory=list)
    """What the controller has written on the boards' wire: (second, bytes of the frame in hex)."""
    pictures: list[tuple[float, str, bytes]] = field(default_factory=list)
    """What a camera showed when somebody entered: (second, lane, JPEG); in real time."""
    not_judged: str = ""
    """Why nothing can be said of it."""
    called: str = ""
    """What `gate-sim run` finds it by, where that is not its name."""

    @property
    def again(self) -> str:
        fast = " --fast" if self.clock == "fast" else ""
        return f"gate-sim run {self.called or self.name}{fast} --seed {self.seed}"
