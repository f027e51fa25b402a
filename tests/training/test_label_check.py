"""Sources of labels are held against each other before anything is trained on them."""

import pytest

pytest.importorskip("torch", reason="a slim installation trains nothing (./install.sh)")

from training.label_check import contradictions, one_apart


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
    assert ("weak", "N", None) in found
    assert ("weak", "N", "M") in found


def test_a_source_that_leaves_a_letter_out_is_found_by_both_signs():
    misled = {k: v.replace("R", "") for k, v in TRUE.items()}
    found = {
        (c.source, c.character, c.instead) for c in contradictions({"eye": TRUE}, {"weak": misled})
    }
    assert ("weak", "R", None) in found
    assert ("weak", "R", "") in found


def test_a_place_in_the_text_that_is_often_wrong_is_found_whatever_stands_there():
    """Each digit is taken for another one, and none of them often enough to be a habit."""
    wrong = {
        k: v[:-1] + str((int(v[-1]) + 1 + i % 9) % 10) for i, (k, v) in enumerate(TRUE.items())
    }
    found = contradictions({"eye": TRUE}, {"weak": wrong})
    assert {(c.source, c.character, c.place) for c in found} == {
        ("weak", "", p) for p in (-1, 8, 9)
    }
    assert str(found[0]) == "weak differs from the others in character 1 from the end, 80 times"


def test_a_few_slips_are_no_habit():
    slipped = dict(TRUE)
    for k in list(slipped)[:4]:
        slipped[k] = slipped[k].replace("N", "M")
    assert contradictions({"eye": TRUE}, {"other": slipped}) == []


def test_a_held_out_text_is_held_against_learnt_ones_that_differ_by_a_character():
    held = ["59S247831", "36A12345", "29C00001"]
    learnt = ["59S227831", "59S217832", "36A1234", "6A123456", "29C00001"]
    assert one_apart(held, learnt) == [("36A12345", "36A1234"), ("59S247831", "59S227831")]
