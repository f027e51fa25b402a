"""Nothing of what a site has besides loops and switches may be left out unnoticed: each condition
and each change of these modules is spoiled, one at a time, and their own tests must notice."""

import pytest

from tests.support.barrier import mutants
from tests.support.barrier.equipment_rules import TESTED

ON_A_WIRE = (
    "on_a_wire",
    "a_guard_that_is_gone",
    "costs_a_reading",
    "is_turned_has_its_permit",
    "at_any_instant",
)
"""Plays that take long; the rules notice without them."""

EQUAL = (
    "equipment._figures",  # more figures than the text has gaps for
    "self_test._down keeps 'at'",  # a stage that counts from the one before it
    "self_test._down turned round",  # the last of them, which NOTICE_S bounds all the same
)
"""Mistakes that change nothing that counts, each with its reason."""


def notices(tests):
    for test in tests:
        try:
            test()
        except (Exception, pytest.fail.Exception):
            return True
    return False


@pytest.mark.parametrize("module", TESTED, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_mistake_in_it_is_noticed(module):
    rules = [
        test
        for name, test in vars(TESTED[module]).items()
        if name.startswith("test_") and not any(part in name for part in ON_A_WIRE)
    ]
    assert not notices(rules)
    unnoticed = []
    for mutant in mutants.of(module):
        with mutants.planted(mutant):
            if not notices(rules) and not mutant.what.startswith(EQUAL):
                unnoticed.append(f"{mutant.what}, line {mutant.line}")
    assert unnoticed == []
