"""Sources of labels are held against each other before anything is trained on them."""

import pytest

pytest.importorskip("torch", reason="a slim installation trains nothing (./install.sh)")

from training.label_check import contradictions


def texts(*plates):
    return {f"{i}.jpg": text for i, text in enumerate(plates)}


TRUE = texts(*[f"59N1{n:05d}" for n in range(40)], *[f"51R{n:05d}" for n in range(40)])


def test_sources_that_agree_contradict_nothing():
    assert contradictions({"eye": TRUE, "crops": dict(TRUE)}) == []


def test_a_source_that_reads_every_n_as_m_is_found_by_both_signs():
    misled = {k: v.replace("N", "M") for k, v in TRUE.items()}
    found = {
        (c.source, c.character, c.instead) for c in contradictions({"eye": TRUE}, {"weak": misled})
    }
    assert ("weak", "N", "") in found
    assert ("weak", "N", "M") in found


def test_a_source_that_leaves_a_letter_out_is_found():
    misled = {k: v.replace("R", "") for k, v in TRUE.items()}
    assert ("weak", "R", "") in {
        (c.source, c.character, c.instead) for c in contradictions({"eye": TRUE}, {"weak": misled})
    }


def test_a_few_slips_are_no_habit():
    slipped = dict(TRUE)
    for k in list(slipped)[:4]:
        slipped[k] = slipped[k].replace("N", "M")
    assert contradictions({"eye": TRUE}, {"other": slipped}) == []
