"""Nothing in the table or in its conditions may be left out unnoticed.

Every cell of the table and every condition of the predicates is spoiled, one at a time. A mutant is
judged by the invariants, on states spread over the whole walk and a few steps onward from each, and
then by the tests of single rules. Whatever is noticed by neither would be a condition without a
test; those that cannot matter are named, with the reason.
"""

import random

import mutants
import pytest
import test_rules
import test_safety
import test_sensing
from explorer import canonical, steps
from invariants import ALL
from wirings import WIRINGS

from edge.barrier import motion, sensing, signals
from edge.barrier.table import TABLE, Deed, Phase, Signal

pytestmark = pytest.mark.timeout(900)
"""A slow computer is no failure."""

ONWARD = 5
"""So many steps are taken from each state."""


class Judge:
    """The states to judge by; those that noticed something before come first."""

    def __init__(self, walks):
        self.walks = walks
        self.sharp = []
        asking = [
            (w, node)
            for w in WIRINGS
            for states in walks[w.name].asking.values()
            for node in states
        ]
        kept = [(w, node) for w in WIRINGS for node in walks[w.name].kept]
        random.Random(7).shuffle(asking)
        self.near = list(dict.fromkeys((w.name, id(node)) for w, node in asking))
        self.states = {(w.name, id(node)): (w, node) for w, node in [*asking, *kept]}
        self.far = list(dict.fromkeys((w.name, id(node)) for w, node in kept))

    def noticed(self, cell=None):
        """What notices the mutant that is planted now, or ""."""
        return (
            self._by(self._at(cell), 1)
            or self._by(self.sharp, 2)
            or (self._by(self.near, 1) or self._by(self.far, ONWARD) or noticed_by_rules())
        )

    def _at(self, cell):
        """The states that ask for a cell."""
        found = [(w, n) for w in WIRINGS for n in self.walks[w.name].asking.get(cell, ())]
        return [(w.name, id(n)) for w, n in found]

    def _by(self, names, onward):
        for name in names:
            wiring, node = self.states[name]
            try:
                why = breaks(wiring, node, onward)
            except Exception as error:
                why = f"raises {type(error).__name__}"
            if why:
                if name not in self.sharp and names is not self.sharp:
                    self.sharp.insert(0, name)
                return why
        return ""


@pytest.fixture(scope="module")
def judge(walks):
    return Judge(walks)


def breaks(wiring, node, onward):
    """The invariant that breaks on a step from this state or a little later, or ""."""
    rng = random.Random(7)
    for _ in range(onward):
        nexts = list(steps(wiring, node))
        for seen in nexts:
            for name, holds in ALL.items():
                if not holds(seen):
                    return name
        chosen = rng.choice(nexts)
        node = canonical(chosen.after, chosen.now, wiring.reversals)
    return ""


def noticed_by_rules():
    for module in (test_rules, test_sensing, test_safety):
        for name, test in vars(module).items():
            if name.startswith("test_") and not getattr(test, "pytestmark", None):
                try:
                    test()
                except Exception as error:
                    return f"{name}: {type(error).__name__}"
    return ""


# --- the table ---


def spoiled(cell):
    """What a cell may wrongly be: held, its deed forgotten, or a motion. To open a closing arm is
    no weaker than to halt or to close it, and not counted."""
    phase, signal = cell
    right = TABLE[cell]
    wrong = {(phase, Deed.NONE), (right[0], Deed.NONE), (Phase.CLOSING, Deed.CLOSE)}
    if phase is not Phase.CLOSING or signal is Signal.STOP:
        wrong |= {(Phase.OPENING, Deed.OPEN)}
    return sorted(wrong - {right})


NEVER = {
    (phase, signal)
    for phase, signal in TABLE
    if (signal is Signal.FIRE and phase not in signals.IDLE)
    or (signal is Signal.OBSTRUCTED and phase is not Phase.CLOSING)
    or (signal is Signal.WISH_OPEN and phase not in signals.IDLE)
    or (signal in (Signal.OVERDUE, Signal.GIVEN_UP) and phase not in signals.MOVING)
    or (signal is Signal.WISH_CLOSE and phase not in (Phase.OPEN, Phase.STOPPED))
    or (signal is Signal.REACHED_OPEN and phase in (Phase.OPEN, Phase.CLOSING))
    or (signal is Signal.REACHED_CLOSED and phase in (Phase.CLOSED, Phase.OPENING))
    or (
        signal is Signal.MOVED_BY_HAND
        and phase not in (Phase.OPEN, Phase.CLOSED, Phase.OPENING, Phase.CLOSING)
    )
}
"""Pairs that no state can show; the table holds there."""


def test_the_walks_ask_for_every_cell_that_can_apply(walks):
    asked = {cell for found in walks.values() for cell in found.asking}
    assert set(TABLE) - asked == NEVER


def test_where_a_signal_cannot_come_the_table_holds():
    assert {cell for cell in NEVER if TABLE[cell] != (cell[0], Deed.NONE)} == set()


def test_every_spoiled_cell_of_the_table_is_noticed(judge):
    unnoticed = []
    for cell in sorted(set(TABLE) - NEVER):
        for wrong in spoiled(cell):
            motion.TABLE = {**TABLE, cell: wrong}
            try:
                if not judge.noticed(cell):
                    unnoticed.append(f"{cell[0]} x {cell[1]} may be {wrong}")
            finally:
                motion.TABLE = TABLE
    assert unnoticed == []


# --- the conditions ---

CANNOT_MATTER = {
    "signals._reached without 'b.turning'": "an arrival is believed a little later, never earlier",
    "signals.may_close without 'b.clear_since is not None'": "clear_to_close says it; for mypy",
}
"""Conditions whose absence changes nothing that is unsafe or unwanted."""


@pytest.mark.parametrize("module", [signals, sensing], ids=["signals", "sensing"])
def test_every_condition_left_out_is_noticed(judge, module):
    unnoticed = set()
    for mutant in mutants.of(module):
        if mutant.what not in CANNOT_MATTER:
            with mutants.planted(mutant):
                if not judge.noticed():
                    unnoticed.add(f"{mutant.what}, line {mutant.line}")
    assert unnoticed == set()
