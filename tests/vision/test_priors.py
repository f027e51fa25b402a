"""What the recogniser expects beside what it sees."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.priors import usualness
from simulator.plates import invent


@pytest.mark.parametrize(
    ("usual", "rare"),
    [
        ("59V244588", "59VZ44588"),
        ("皖AW112U", "皖AWTW2U"),
        ("24C12345", "24AB12345"),
        ("粤D12345", "粤O12345"),
    ],
)
def test_common_forms_are_expected_rather_than_rare_ones(usual, rare):
    assert usualness(usual) > usualness(rare)


@given(st.integers(0, 2**31))
def test_a_rare_form_is_only_rarer_never_impossible(seed):
    assert -20 < usualness(invent(random.Random(seed)).text) <= 0
