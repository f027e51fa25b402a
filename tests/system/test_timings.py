"""Figures are counted in classes, and the last of them kept one by one."""

import pickle
import threading

from edge.system.timings import BOUNDS, RECENT, Figure, Timings


def test_each_measurement_falls_into_the_first_class_that_holds_it():
    timings = Timings()
    for seconds in (0.0005, 0.05, 0.0501, 7.0):
        timings.note(Figure.STOP_FRAME, "out1", 100.0, 100.0 + seconds)
    (one,) = timings.all()
    assert (one.figure, one.of, one.bounds) == (Figure.STOP_FRAME, "out1", BOUNDS[one.figure])
    filled = {bound for bound, count in zip(one.bounds, one.counts, strict=False) if count}
    assert filled == {0.001, 0.05, 0.075}
    assert one.counts[-1] == 1
    assert round(one.total, 4) == 7.1006


def test_what_we_promise_is_the_bound_of_a_class():
    assert 0.05 in BOUNDS[Figure.STOP_FRAME]
    assert 0.15 in BOUNDS[Figure.AUTHORISATION]
    assert 1.0 in BOUNDS[Figure.ACKNOWLEDGEMENT]


def test_a_clock_that_went_back_counts_as_nothing():
    timings = Timings()
    timings.note(Figure.COMMIT, "gate", 10.0, 9.0)
    assert timings.all()[0].total == 0.0


def test_the_last_measurements_are_kept_with_when_they_began():
    timings = Timings()
    for n in range(RECENT + 10):
        timings.note(Figure.AUTHORISATION, "out1", float(n), n + 0.5)
    recent = timings.recent(Figure.AUTHORISATION)
    assert (len(recent), recent[0].at, recent[-1].seconds) == (RECENT, 10.0, 0.5)


def test_it_may_be_asked_from_any_thread_and_answers_in_plain_values():
    timings = Timings()

    def note():
        for _ in range(500):
            timings.note(Figure.COMMIT, "gate", 0.0, 0.01)

    threads = [threading.Thread(target=note) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(timings.all()[0].counts) == 2000
    assert pickle.loads(pickle.dumps(timings.all())) == timings.all()
