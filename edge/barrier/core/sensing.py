"""PURE. From samples of the inputs to what may be believed of them.

"Occupied" takes one sample; "clear" takes CLEAR_SAMPLES fresh ones in a row. An input that is not
wired is None for ever; one that is wired but not freshly known counts as occupied. A limit switch
proves that the arm is there only after PROOF_SAMPLES in a row over PROOF_S: contacts bounce. One
sample turns an arm, but is no vehicle: a front counts after FRONT_S.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

CLEAR_SAMPLES = 2
"""Clear samples in a row after which a sensor counts as clear (invariant 2)."""

PROOF_SAMPLES = 3
"""Samples of a limit switch in a row that prove an end of the travel, over at least PROOF_S."""

PROOF_S = 0.1
"""Minimum seconds that these samples span; a bounce or a glitch of a contact is shorter."""

FRONT_S = 0.08
"""Samples over so long are a vehicle's front. A glitch is shorter; nothing crosses a loop in 0.3 s,
or a beam in 0.1 s."""

SAFETY_LOOP_TIMES = 2
"""Times as long on the safety loop: what it counts uses an authorisation and turns the
light red, and a glitch that two polls of a slow board see is longer than FRONT_S."""

ENDS = ("limit_open", "limit_closed")
"""The switches that prove an end of the arm's travel."""

SAFETY = ("safety_loop", "photocell")
"""The inputs that stand between the arm and a vehicle."""


@dataclass(frozen=True, slots=True)
class InputState:
    """What is believed. `clear_runs`: clear samples in a row per input, none counted across a
    reading that failed; `read_at`: monotonic time of the last good sample, None before the first.
    `blind`: readings have failed for longer than a clear one may be believed. `on_runs`,
    `on_since`: for the limit switches, samples that said "on" in a row, and when the first of them
    was taken. `fronts`: since when each input has been believed on; `lasting`: those that on
    samples have shown for FRONT_S."""

    wired: frozenset[str]
    believed: Mapping[str, bool]
    clear_runs: Mapping[str, int]
    read_at: float | None = None
    blind: bool = False
    on_runs: Mapping[str, int] = field(default_factory=dict)
    on_since: Mapping[str, float] = field(default_factory=dict)
    fronts: Mapping[str, float] = field(default_factory=dict)
    lasting: frozenset[str] = frozenset()

    def on(self, name: str) -> bool | None:
        """True or False as believed, None where not wired or not yet known."""
        return self.believed.get(name)

    def steady(self, name: str) -> bool:
        """Whether it is believed on and the last good sample said so too."""
        return bool(self.on(name)) and self.clear_runs.get(name, 0) == 0

    def counts(self, name: str) -> bool:
        """Whether it is on, and has been for long enough to be a vehicle."""
        return name in self.lasting and self.steady(name)

    def proved(self, name: str, now: float) -> bool:
        """Whether a limit switch has been on for long enough to be believed that the arm is
        there."""
        enough = self.on_runs.get(name, 0) >= PROOF_SAMPLES
        return enough and now - self.on_since[name] >= PROOF_S

    def doubtful(self, now: float) -> bool:
        """Whether a limit switch is on and has not proved it yet."""
        ends = [name for name in ENDS if self.on(name)]
        return any(not self.proved(name, now) for name in ends)

    def fresh(self, now: float, within_s: float) -> bool:
        return self.read_at is not None and 0 <= now - self.read_at < within_s


def unknowing(wired: frozenset[str]) -> InputState:
    """Before the first sample, and after the wire was lost."""
    return InputState(wired, {}, {}, blind=True)


def sampled(input_state: InputState, sample: Mapping[str, bool], now: float) -> InputState:
    """After one good sample, asked for at that time. A wired input that the sample lacks is not
    known any more."""
    believed = dict(input_state.believed)
    runs = dict(input_state.clear_runs)
    ends = [name for name in ENDS if name in input_state.wired and sample.get(name)]
    on_runs = {n: min(PROOF_SAMPLES, input_state.on_runs.get(n, 0) + 1) for n in ends}
    on_since = {n: input_state.on_since.get(n, now) for n in ends}
    fronts, lasting = dict(input_state.fronts), set(input_state.lasting)
    for name in input_state.wired:
        if name not in sample:
            believed.pop(name, None)
            runs[name] = 0
            continue
        if sample[name]:
            believed[name] = True
            runs[name] = 0
            lasts = FRONT_S * (SAFETY_LOOP_TIMES if name == "safety_loop" else 1)
            if now - fronts.setdefault(name, now) >= lasts:
                lasting.add(name)
            continue
        runs[name] = min(CLEAR_SAMPLES, runs.get(name, 0) + 1)
        if runs[name] >= CLEAR_SAMPLES:
            believed[name] = False
            fronts.pop(name, None)
            lasting.discard(name)
    return InputState(
        input_state.wired, believed, runs, now, False, on_runs, on_since, fronts, frozenset(lasting)
    )


def doubted(input_state: InputState, blind: bool = True) -> InputState:
    """After a reading that failed: nothing seen clear or proved before counts."""
    return replace(input_state, clear_runs={}, blind=blind, on_runs={}, on_since={})


def settled(input_state: InputState) -> bool:
    """Whether every wired input has been believed at least once."""
    return all(name in input_state.believed for name in input_state.wired)


def blocked(input_state: InputState) -> bool:
    """Whether something is seen under the arm."""
    return any(input_state.on(name) for name in SAFETY)


def vehicle_seen(input_state: InputState) -> bool:
    """Whether something is seen under the arm that is no glitch."""
    return any(input_state.counts(name) for name in SAFETY)


def unseen(input_state: InputState) -> bool:
    """Whether something is seen under the arm, or it has not been seen for too long that nothing
    is. A single failed reading is neither."""
    return blocked(input_state) or input_state.blind


def obstructed(input_state: InputState) -> bool:
    """Whether anything is, or may be, under the arm: whatever has not been seen clear often enough
    in a row. With no safety input wired: always."""
    inputs = [name for name in SAFETY if name in input_state.wired]
    return not inputs or any(input_state.clear_runs.get(name, 0) < CLEAR_SAMPLES for name in inputs)
