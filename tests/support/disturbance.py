"""A clock that jumps and a disk that fails, for a real process; skips without a compiler."""

import pytest

from simulator.faults import disturbance


class Disturbance(disturbance.Disturbance):
    def __init__(self, folder):
        try:
            super().__init__(folder)
        except disturbance.NoCompiler as error:
            pytest.skip(str(error))
