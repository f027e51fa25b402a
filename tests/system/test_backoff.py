"""One way to pause between tries."""

import random

from edge.system.backoff import Backoff, Retries


def test_pauses_double_from_the_first_up_to_the_bound():
    retries = Retries(0.5, 5.0)
    assert [retries.pause_s(n) for n in range(6)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert retries.pause_s(10_000) == 5.0
    assert retries.pause_s(-3) == 0.5
    assert (retries.after_s(1.0), retries.after_s(4.0)) == (2.0, 5.0)


def test_failures_in_a_row_are_waited_for_longer_until_something_has_stood():
    backoff = Backoff(Retries(1.0, 8.0), steady_s=3.0)
    assert [backoff.next() for _ in range(5)] == [1.0, 2.0, 4.0, 8.0, 8.0]
    backoff.stood(2.9)
    assert backoff.next() == 8.0
    backoff.stood(3.0)
    assert [backoff.next(), backoff.next()] == [1.0, 2.0]
    backoff.reset()
    assert backoff.next() == 1.0


def test_gates_that_fail_together_do_not_call_in_step():
    two = [Backoff(Retries(1.0, 30.0), random.Random(seed)) for seed in (1, 2)]
    first, second = ([gate.next() for _ in range(8)] for gate in two)
    assert first != second
    whole = [1, 2, 4, 8, 16, 30, 30, 30]
    assert all(w / 2 <= pause <= w for w, pause in zip(whole, first, strict=True))
