"""What nobody handles is logged and counted: a callback's exception, and the end of a thread."""

import logging
import threading

import pytest

from edge.system.unhandled import Unhandled


def fail():
    raise ZeroDivisionError("nought")


def test_a_failing_callback_returns_is_counted_each_time_and_logged_with_its_place_once(caplog):
    noted = Unhandled()
    for _ in range(3):
        noted.guarded("an answer", fail)()
    assert noted.counts() == {"an answer": 3}
    (record,) = caplog.records
    assert "an answer failed" in record.getMessage()
    assert record.exc_info[0] is ZeroDivisionError


def test_a_callback_that_works_gets_what_it_is_given_and_counts_nothing(caplog):
    noted, got = Unhandled(), []
    noted.guarded("a message", lambda *given, last: got.append((*given, last)))(1, 2, last=3)
    assert (got, noted.counts(), caplog.records) == ([(1, 2, 3)], {}, [])


def test_each_place_is_logged_for_itself_and_again_after_a_while(caplog):
    noted = Unhandled(log_every_s=0.0)
    for where in ("one", "other", "one"):
        noted.guarded(where, fail)()
    assert [r.getMessage().split(" ")[0] for r in caplog.records] == ["one", "other", "one"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_end_of_a_thread_is_logged_and_counted(caplog):
    noted, before = Unhandled(), threading.excepthook
    threading.excepthook = noted.thread_ended
    try:
        thread = threading.Thread(target=fail, name="relay")
        thread.start()
        thread.join()
    finally:
        threading.excepthook = before
    assert noted.counts() == {"thread relay": 1}
    (record,) = caplog.records
    assert record.levelno == logging.CRITICAL
    assert record.getMessage() == "a thread has ended by an exception: relay"
