"""From an event's commit to its acknowledgement, for each receiver."""

from edge.sync.customs.ack_times import MOST, AckTimes
from edge.system.timings import Figure, Timings


class Now:
    value = 0.0

    def __call__(self):
        return self.value


def made(*consumers):
    now, timings = Now(), Timings()
    return now, timings, AckTimes(consumers, now, timings)


def seconds(timings):
    return [(m.of, m.seconds) for m in timings.recent(Figure.ACKNOWLEDGEMENT)]


def test_each_receiver_has_its_own_time():
    now, timings, times = made("customs", "port")
    times.committed(1)
    now.value = 0.2
    times.acknowledged("customs", 1)
    now.value = 5.0
    times.acknowledged("port", 1)
    assert seconds(timings) == [("customs", 0.2), ("port", 5.0)]


def test_one_word_of_a_receiver_may_end_several_waits_and_each_only_once():
    now, timings, times = made("customs")
    for number in (3, 3, 5, 9):
        times.committed(number)
        now.value += 1.0
    times.acknowledged("customs", 5)
    times.acknowledged("customs", 5)
    assert seconds(timings) == [("customs", 4.0), ("customs", 2.0)]


def test_a_long_outage_costs_no_more_than_so_many():
    _, timings, times = made("customs")
    for number in range(2 * MOST):
        times.committed(number)
    times.acknowledged("customs", 2 * MOST)
    assert sum(timings.all()[0].counts) == MOST


def test_a_name_that_is_none_of_ours_is_nobody():
    _, timings, times = made("customs")
    times.committed(1)
    times.acknowledged("stranger", 1)
    assert timings.all() == ()
