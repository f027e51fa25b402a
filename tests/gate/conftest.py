"""A gate with its policy, modes and referrals, for one test."""

from contextlib import closing

import pytest

from tests.support.governed_gate import GovernedGate


@pytest.fixture
def place(tmp_path):
    with closing(GovernedGate(tmp_path)) as made:
        yield made
