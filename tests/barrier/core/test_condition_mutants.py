"""Nothing of what is believed, told and written may be left out unnoticed by the tests of single
rules."""

import pytest

from edge.barrier.core import contacts, evidence, outputs, sensing, slipping, standing
from tests.support.barrier.judging import RulesAlone, name_of, unnoticed_of

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def judge():
    return RulesAlone()


MODULES = pytest.mark.parametrize(
    "module", [contacts, evidence, outputs, sensing, slipping, standing], ids=name_of
)


@MODULES
def test_one_condition_in_ten_that_is_left_out_is_noticed(judge, module):
    assert unnoticed_of(judge, module, every=10) == set()


@pytest.mark.long
@MODULES
def test_every_condition_left_out_is_noticed(judge, module):
    assert unnoticed_of(judge, module) == set()
