"""The barrier's decision table."""

from pathlib import Path

import pytest

from edge.barrier.core.table import TABLE, ArmAction, Phase, Signal
from edge.barrier.drawing import redrawn

DOC = Path(__file__).parents[3] / "docs" / "barrier.md"


def test_the_table_has_a_cell_for_every_phase_and_signal():
    assert set(TABLE) == {(p, s) for p in Phase for s in Signal}


def test_a_close_comes_only_from_the_wish_to_close():
    closing = {s for (_, s), (_, action) in TABLE.items() if action is ArmAction.CLOSE}
    assert closing == {Signal.WISH_CLOSE}


@pytest.mark.parametrize("phase", list(Phase))
def test_a_pressed_stop_never_moves_the_arm(phase):
    assert TABLE[phase, Signal.STOP][1] not in (ArmAction.OPEN, ArmAction.CLOSE, ArmAction.RETRY)


@pytest.mark.parametrize("phase", list(Phase))
def test_what_is_not_known_begins_no_motion_and_halts_a_closing_arm(phase):
    halts = phase is Phase.CLOSING
    assert TABLE[phase, Signal.LOST] == (Phase.UNREAD, ArmAction.HALT if halts else ArmAction.NONE)


def test_nothing_moves_out_of_the_unread_phase():
    assert {TABLE[Phase.UNREAD, s][1] for s in Signal} == {ArmAction.NONE, ArmAction.STOP}
    assert TABLE[Phase.UNREAD, Signal.STOP_ORDERED] == (Phase.UNREAD, ArmAction.STOP)


def test_an_obstruction_while_closing_opens():
    assert TABLE[Phase.CLOSING, Signal.OBSTRUCTED] == (Phase.OPENING, ArmAction.OPEN)


def test_the_document_shows_this_table():
    text = DOC.read_text(encoding="utf-8")
    assert redrawn(text) == text, "run: python -m edge.barrier.drawing docs/barrier.md"
