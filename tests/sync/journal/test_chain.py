"""The canonical JSON that is hashed is RFC 8785's, whatever is in an event."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from edge.sync.journal.chain import canonical

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.text(), VALUES, max_size=6))
def test_it_is_what_rfc_8785_says(body):
    assert canonical(body) == rfc8785.dumps(body)


@pytest.mark.parametrize(
    "body",
    [
        {"b": 1, "a": 'Đ\u007f\u2028\b\f\n\r\t"\\/\u0001'},
        {"x": 1e-7, "y": 1.0, "z": 1e21},
        {"\U0001f69a": 1, "\uffff": 2, "￿a": 3},
        {"nested": [{"z": [], "a": {}}, True, None]},
    ],
)
def test_odd_ones_too(body):
    assert canonical(body) == rfc8785.dumps(body)
