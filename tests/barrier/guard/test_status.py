"""What a guard says of itself: the newest snapshot, and how old it is by now."""

import queue
import threading
from dataclasses import replace

import pytest

from edge.barrier.guard.guard import Guard
from edge.barrier.port import BarrierStatus, Stance
from edge.domain.facts import Arm
from edge.system.clock import ManualClock

WATCHDOG_S = 1.0


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def guard(clock):
    made = Guard("out1", queue.SimpleQueue(), threading.Event(), clock)
    status = replace(BarrierStatus("out1", Arm.OPEN), wire_ok=True)
    made.publish(status, clock.now().mono, WATCHDOG_S)
    return made


def test_before_anything_was_read_its_age_is_not_known(clock):
    fresh = Guard("out1", queue.SimpleQueue(), threading.Event(), clock)
    clock.advance(5)
    assert fresh.status().age_s is None


def test_a_snapshot_grows_old_and_its_wire_counts_no_longer_than_the_watchdog(guard, clock):
    assert (guard.status().age_s, guard.status().wire_ok) == (0.0, True)
    clock.advance(WATCHDOG_S)
    assert (guard.status().age_s, guard.status().wire_ok) == (WATCHDOG_S, True)
    clock.advance(0.1)
    assert guard.status().age_s == pytest.approx(WATCHDOG_S + 0.1)
    assert not guard.status().wire_ok
    assert guard.status().arm is Arm.OPEN


def test_a_wire_that_is_not_well_stays_so_however_new_the_snapshot(guard, clock):
    guard.publish(replace(BarrierStatus("out1"), wire_ok=False), clock.now().mono, WATCHDOG_S)
    assert not guard.status().wire_ok


def test_another_stance_wakes_its_thread_and_the_same_does_not(clock):
    wake = threading.Event()
    guard = Guard("out1", queue.SimpleQueue(), wake, clock)
    guard.stand(Stance.KEEPS)
    assert not wake.is_set()
    guard.stand(Stance.HOLDS_OPEN)
    assert wake.is_set()
    assert guard.stance is Stance.HOLDS_OPEN
