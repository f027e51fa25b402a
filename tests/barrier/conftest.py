"""The walk over every reachable state, once for all tests that look at it."""

import pytest
from explorer import walk
from invariants import ALL
from wirings import WIRINGS

from edge.barrier import motion
from edge.barrier.table import TABLE


class Consulted(dict):
    """The table, putting each cell that it is asked for into `cells`."""

    def __init__(self, table):
        super().__init__(table)
        self.cells = set()

    def __getitem__(self, cell):
        self.cells.add(cell)
        return super().__getitem__(cell)


@pytest.fixture(scope="session")
def walks():
    """Wiring name -> its walk, with every invariant looked at on every step."""
    table = motion.TABLE = Consulted(TABLE)
    try:
        return {wiring.name: walk(wiring, ALL, table.cells) for wiring in WIRINGS}
    finally:
        motion.TABLE = TABLE
