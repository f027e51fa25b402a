"""Decoding within the national formats."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain.plate import ALPHABET, parse
from edge.vision.lattice import best_texts

SURE = -0.01


def columns_for(text, doubts=()):
    """Columns that show the text, with second choices at some places."""
    rows = []
    for n, sign in enumerate(text):
        row = np.full(len(ALPHABET) + 1, -12.0, np.float32)
        row[1 + ALPHABET.index(sign)] = SURE
        for place, other, score in doubts:
            if place == n:
                row[1 + ALPHABET.index(other)] = score
        blank = np.full(len(ALPHABET) + 1, -12.0, np.float32)
        blank[0] = -0.0005
        rows += [row, blank]
    return np.stack(rows)


def test_what_is_clearly_seen_is_read():
    assert best_texts(columns_for("34A36837"))[0][0] == "34A36837"


def test_grammar_decides_between_what_was_seen():
    columns = columns_for("3OA36837", doubts=[(1, "0", -0.8)])
    assert best_texts(columns)[0][0] == "30A36837"


def test_a_series_that_does_not_exist_is_not_read_however_clearly_it_is_seen():
    """No series has the digit 0."""
    columns = columns_for("50L000454", doubts=[(3, "D", -3.0)])
    assert best_texts(columns)[0][0] == "50LD00454"
    assert "50L000454" not in dict(best_texts(columns_for("50L000454")))


def test_what_was_not_seen_is_not_invented():
    assert best_texts(columns_for("3QQ36837")) == [] or all(
        "Q" not in text or parse(text) for text, _ in best_texts(columns_for("3QQ36837"))
    )
    assert "30A36837" not in dict(best_texts(columns_for("3QQ36837")))


def test_a_doubled_character_needs_a_gap():
    assert best_texts(columns_for("34A33337"))[0][0] == "34A33337"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31))
def test_every_text_given_back_is_a_plate(seed):
    rng = np.random.default_rng(seed)
    raw = rng.normal(0, 3, (40, len(ALPHABET) + 1)).astype(np.float32)
    columns = raw - np.log(np.exp(raw).sum(1, keepdims=True))
    assert all(parse(text) for text, _ in best_texts(columns))
