"""What a kind of board can do: the shape of a row of board_kinds.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from edge.config.barrier import BarrierConfig
from edge.config.section import Section
from edge.config.wires import Wire


class PulseEnd(StrEnum):
    """Who ends a pulse when the gate dies in it."""

    BOARD = "board"
    PROFILE = "profile"
    """the board's profile says"""
    WIRE = "wire"
    """a timing relay, where the wire's section says so"""
    GATE = "gate"
    """nobody: the contact stays closed"""


@dataclass(frozen=True, slots=True)
class Contact:
    """One channel on its wire. `kind`: input or output; `name`: as the lane calls it."""

    wire: str
    kind: str
    name: str
    channel: int
    board: BoardKind


Span = tuple[int, int, str]
"""First and last channel, and where that is said."""

Place = tuple[tuple[object, ...], str]
"""What can be one lane's only, and how that is told, as `.key: what`."""


@dataclass(frozen=True, slots=True)
class BoardKind:
    """`wires`: sections of [wires] that it hangs on; `part`: the section of a lane's barrier that
    picks it where a wire carries several kinds. `inputs`: it has inputs of its own. `commands`: the
    outputs that it has by name; None: contacts by channel. `tells_ends`: it tells the arm's ends
    itself. `bench_only`: the lane must say `bench = true`; the text is why. `profiled`: a board
    profile describes it. `one_line`: a channel is an input or an output, never both. `span`: its
    channels; `place`, `places`: what of a contact, and besides, no other lane may use; `timing`: of
    the effective settings, what the kind changes; `problems`: what it cannot do, as `.key: reason
    and cure`."""

    name: str
    wires: tuple[type[Section], ...]
    pulse_end: PulseEnd
    span: Callable[[Wire, BarrierConfig, str], Span]
    part: str = ""
    inputs: bool = False
    commands: frozenset[str] | None = None
    tells_ends: bool = False
    bench_only: str = ""
    profiled: bool = False
    one_line: bool = False
    place: Callable[[Wire, BarrierConfig, Contact], Place] | None = None
    places: Callable[[Wire, BarrierConfig], Iterator[Place]] | None = None
    timing: Callable[[BarrierConfig], dict[str, float]] = lambda barrier: {}
    problems: Callable[[Wire, BarrierConfig], Iterator[str]] = lambda wire, barrier: iter(())
