"""Nothing in the table or in its conditions may be left out unnoticed.

Every cell of the table, every condition and every change of the core's modules is spoiled, one at a
time. A mutant is judged by the tests of single rules, and here then by the invariants, on states
spread over the whole walk and a few steps onward from each. Whatever neither notices is code
without a test, or code that is not needed.
"""

import pytest

from edge.barrier.core import motion, outage, requests, signals
from edge.barrier.core.table import TABLE, ArmAction, Phase, Signal
from tests.support.barrier.judging import Judge, name_of, unnoticed_of

pytestmark = pytest.mark.timeout(900)
"""A slow computer is no failure."""


@pytest.fixture(scope="module")
def judge(walks):
    return Judge(walks)


# --- the table ---


def spoiled(cell):
    """What a cell may wrongly be: held, its action forgotten, or a motion. To open a closing arm is
    no weaker than to halt or to close it, and not counted."""
    phase, signal = cell
    right = TABLE[cell]
    wrong = {(phase, ArmAction.NONE), (right[0], ArmAction.NONE), (Phase.CLOSING, ArmAction.CLOSE)}
    if phase is not Phase.CLOSING or signal is Signal.STOP:
        wrong |= {(Phase.OPENING, ArmAction.OPEN)}
    return sorted(wrong - {right})


NEVER = {
    (phase, signal)
    for phase, signal in TABLE
    if (signal is Signal.FIRE and phase not in signals.IDLE)
    or (
        signal is Signal.OBSTRUCTED
        and phase not in (Phase.OPEN, Phase.OPENING, Phase.CLOSING, Phase.STOPPED)
    )
    or (signal is Signal.WISH_OPEN and phase not in signals.IDLE)
    or (signal in (Signal.OVERDUE, Signal.GIVEN_UP) and phase not in signals.MOVING)
    or (signal is Signal.UNMOVED and phase is not Phase.CLOSING)
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
    assert {cell for cell in NEVER if TABLE[cell] != (cell[0], ArmAction.NONE)} == set()


def test_every_spoiled_cell_of_the_table_is_noticed(judge):
    unnoticed = []
    for cell in sorted(set(TABLE) - NEVER):
        for wrong in spoiled(cell):
            motion.TABLE = {**TABLE, cell: wrong}
            try:
                if not judge.notices_cell(cell):
                    unnoticed.append(f"{cell[0]} x {cell[1]} may be {wrong}")
            finally:
                motion.TABLE = TABLE
    assert unnoticed == []


# --- the conditions; those that the rules alone notice are in the files beside ---


@pytest.mark.long
@pytest.mark.parametrize("module", [motion, outage, requests, signals], ids=name_of)
def test_every_condition_left_out_of_the_motions_is_noticed(judge, module):
    assert unnoticed_of(judge, module) == set()
