"""When the vision process counts as hanging; in virtual time."""

import pytest

from edge.console.process import LIMITS
from edge.system.supervision import Beat, Patience, Run, Stage

LOOK_S = 0.25


def gives_up_after(patience, beat=None, most_s=1000.0, run=Run.RESTS):
    """Seconds; `beat`: what goes on being said."""
    waited = 0.0
    while waited < most_s:
        waited += LOOK_S
        if beat is not None:
            patience.heard(beat(waited))
        if patience.waited(LOOK_S, run) is not None:
            return waited
    return None


def watching(busy_s=0.0):
    return Beat(Stage.WORKING, busy_s)


def test_a_process_that_falls_silent_is_given_up_in_time_to_be_replaced_within_five_seconds():
    patience = Patience()
    patience.heard(watching())
    assert gives_up_after(patience) <= 3.5


def test_one_whose_loop_hangs_is_given_up_though_it_goes_on_to_speak():
    assert gives_up_after(Patience(), watching) <= 4.5


def test_one_that_works_is_never_given_up():
    assert gives_up_after(Patience(), lambda waited: watching(1.5)) is None


def test_loading_takes_long_on_a_slow_computer_and_is_waited_for():
    patience = Patience()
    assert gives_up_after(patience, lambda s: Beat(Stage.LOADING, s), 170.0) is None
    patience.begin()
    assert 55 < gives_up_after(patience) < 65


def loading(waited):
    return Beat(Stage.LOADING, waited)


@pytest.mark.parametrize("said", [None, loading], ids=["silent", "its other threads speak"])
def test_one_that_loads_and_wants_neither_processor_nor_disk_hangs_each_time(said):
    patience = Patience()
    for _ in range(6):
        assert gives_up_after(patience, said, run=Run.IDLE) <= 3.5
        patience.begin()


def test_one_whose_models_are_made_by_other_threads_than_its_first_is_waited_for():
    assert gives_up_after(Patience(), loading, 170.0, Run.RESTS) is None


def test_one_that_loads_and_waits_a_little_for_nothing_now_and_then_is_waited_for():
    patience = Patience()
    for _ in range(40):
        assert gives_up_after(patience, loading, 2.5, Run.IDLE) is None
        assert patience.waited(LOOK_S, Run.WANTS) is None


def test_a_console_that_waits_for_its_port_is_not_given_up():
    assert gives_up_after(Patience(LIMITS), lambda s: loading(0.0), 170.0, Run.IDLE) is None


def test_a_computer_that_is_only_slow_is_not_kept_restarting():
    """Each step takes 20 s: the process is replaced some times, and then left to work."""
    patience, replaced = Patience(), 0
    while gives_up_after(patience, lambda waited: watching(waited % 20), 300.0):
        patience.begin()
        replaced += 1
    assert replaced <= 4


@pytest.mark.parametrize("stage", Stage)
def test_one_that_is_stopped_is_given_up_as_soon_in_each_stage_and_however_slow_the_computer(stage):
    patience = Patience()
    while gives_up_after(patience, lambda waited: watching(waited % 20), 300.0):
        patience.begin()
    for _ in range(6):
        patience.heard(Beat(stage, 0.0))
        assert gives_up_after(patience, run=Run.STOPPED) <= 3.5
        patience.begin()


@pytest.mark.parametrize("said", [None, watching], ids=["silent", "its loop hangs"])
def test_one_that_worked_well_and_hangs_is_given_up_as_soon_each_time(said):
    """It hangs: a computer that is only slow is slow before, too."""
    patience = Patience()
    for _ in range(6):
        assert gives_up_after(patience, lambda waited: watching(waited % 0.5), 5.0) is None
        assert gives_up_after(patience, said) <= 4.5
        patience.begin()


def test_one_that_waits_for_the_processor_or_the_disk_is_slow_however_well_it_worked():
    patience, waited = Patience(), []
    for _ in range(4):
        assert gives_up_after(patience, lambda waited: watching(waited % 0.5), 5.0) is None
        waited.append(gives_up_after(patience, run=Run.WANTS))
        patience.begin()
    assert waited[0] <= 3.5
    assert waited[-1] > 10


def test_one_that_had_not_worked_well_and_hangs_is_taken_for_slow():
    patience, waited = Patience(), []
    for _ in range(4):
        patience.heard(watching())
        waited.append(gives_up_after(patience))
        patience.begin()
    assert waited[-1] > 10


def test_after_ten_minutes_of_work_a_hang_is_found_as_soon_as_at_first():
    patience = Patience()
    for _ in range(3):
        patience.heard(watching())
        gives_up_after(patience)
        patience.begin()
    assert gives_up_after(patience, lambda waited: watching(), 601.0) is None
    assert gives_up_after(patience) <= 3.5


def test_a_second_hang_some_minutes_later_is_found_as_soon_as_the_first():
    patience = Patience()
    for _ in range(5):
        assert gives_up_after(patience, lambda waited: watching(), 180.0) is None
        assert gives_up_after(patience) <= 3.5
        patience.begin()


@pytest.mark.parametrize("stage", Stage)
def test_a_word_of_any_kind_is_an_answer(stage):
    patience = Patience()
    patience.heard(Beat(stage, 0.0))
    for _ in range(100):
        assert patience.waited(LOOK_S) is None
        patience.spoke()
