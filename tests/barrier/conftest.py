"""The walk over every reachable state, once for all tests that look at it."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import pytest

from tests.support.barrier.explorer import walk
from tests.support.barrier.invariants import ALL
from tests.support.barrier.wirings import WIRINGS


@pytest.fixture(scope="session")
def walks():
    """Wiring name -> its walk, with every invariant looked at on every step."""
    processes = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=processes) as pool:
        found = pool.map(partial(walk, invariants=ALL), WIRINGS)
        return {wiring.name: walked for wiring, walked in zip(WIRINGS, found, strict=True)}
