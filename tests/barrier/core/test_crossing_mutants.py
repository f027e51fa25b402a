"""Nothing of who comes, goes through and leaves may be left out unnoticed by the tests of single
rules. A file of its own, so that it runs beside the other mutants."""

import pytest

from edge.barrier.core import crossing
from tests.support.barrier.judging import RulesAlone, unnoticed_of

pytestmark = pytest.mark.timeout(900)


def test_one_condition_in_ten_that_is_left_out_is_noticed():
    assert unnoticed_of(RulesAlone(), crossing, every=10) == set()


@pytest.mark.long
def test_every_condition_left_out_is_noticed():
    assert unnoticed_of(RulesAlone(), crossing) == set()
