"""The walk over every reachable state, once for all tests that look at it, in whichever process."""

import fcntl
import multiprocessing
import os
import pickle
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import pytest

from tests.support.barrier.explorer import walk
from tests.support.barrier.invariants import ALL
from tests.support.barrier.wirings import WIRINGS


@pytest.fixture(scope="session")
def walks(tmp_path_factory):
    """Wiring name -> its walk, with every invariant looked at on every step."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # that of the run, whose workers have theirs in it
    kept = folder / "walks.pickle"
    with (folder / "walks.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            whole = kept.with_suffix(".new")
            whole.write_bytes(pickle.dumps(_walked()))
            whole.rename(kept)
    return pickle.loads(kept.read_bytes())


def _walked():
    processes = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=processes) as pool:
        found = pool.map(partial(walk, invariants=ALL), WIRINGS)
        return {wiring.name: walked for wiring, walked in zip(WIRINGS, found, strict=True)}
