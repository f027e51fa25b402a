"""A gate's own plates: taken up, measured, and kept only where nothing becomes worse."""

import csv
from dataclasses import dataclass

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="a slim installation trains nothing (./install.sh)")

from edge.cli.learn import COLUMNS
from training.part import part_of
from training.recogniser_real import SITE, Sample, of_site
from training.site import Score, measured, worse

PLATES = [f"29A{n:05}" for n in range(100, 130)]


def folder(tmp_path, rows):
    (tmp_path / "plates").mkdir()
    with (tmp_path / "truth.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, COLUMNS, restval="")
        out.writeheader()
        for n, row in enumerate(rows):
            name = f"plates/{n}.jpg"
            cv2.imwrite(str(tmp_path / name), np.full((90, 260, 3), 200, np.uint8))
            out.writerow({"file": name, "colour": "yellow", "lines": 1, **row})
    return tmp_path


def test_each_plate_is_on_one_side_and_its_corners_lie_within_the_kept_picture(tmp_path):
    site = folder(tmp_path, [{"text": text} for text in PLATES])
    sides = {part: [s.text for s in of_site(site, part)] for part in ("train", "val")}
    assert sorted(sides["train"] + sides["val"]) == PLATES
    assert all(part_of(text) == part for part, texts in sides.items() for text in texts)
    sample = next(of_site(site, "train"))
    assert sample.source == SITE
    assert np.allclose(sample.quad, [[30, 15], [230, 15], [230, 75], [30, 75]])


def test_a_text_that_nobody_told_is_left_out_and_one_that_is_no_plate_is_named(tmp_path):
    site = folder(tmp_path, [{"text": ""}, {"text": "29A00101"}])
    assert sum(1 for part in ("train", "val") for _ in of_site(site, part)) == 1
    for wrong, why in (("29А00101", "truth.csv:2"), ("HELLO", "no plate")):
        (tmp_path / wrong).mkdir()
        with pytest.raises(ValueError, match=why):
            [*of_site(folder(tmp_path / wrong, [{"text": wrong}]), part_of(wrong)), *of_site(
                tmp_path / wrong, "val" if part_of(wrong) == "train" else "train")]  # fmt: skip


@dataclass
class Said:
    text: str
    accepted: bool


class Reader:
    def __init__(self, answers):
        self.answers = iter(answers)

    def read(self, picture):
        return next(self.answers)


def test_readings_are_counted_by_their_set():
    def one(source):
        quad = np.float32([[0, 0], [100, 0], [100, 40], [0, 40]])
        return Sample(np.zeros((40, 100, 3), np.uint8), quad, "29A00101", -1, 1, source)

    said = [Said("29A00101", True), Said("29A00107", True), Said("29A00101", False), None]
    found = measured(Reader(said), [one("cn"), one("cn"), one(SITE), one(SITE)])
    assert found == {"cn": Score(2, 1, 2, 1), SITE: Score(2, 1, 0, 0)}


BEFORE = {SITE: Score(50, 40, 30, 1), "cn": Score(100, 98, 90, 0), "vn": Score(100, 97, 90, 1)}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({SITE: Score(50, 45, 35, 1)}, ""),
        ({SITE: Score(50, 40, 33, 1)}, ""),
        ({SITE: Score(50, 45, 35, 1), "cn": Score(100, 97, 90, 0), "vn": Score(100, 98, 9, 1)}, ""),
        ({}, "no better"),
        ({SITE: Score(50, 39, 35, 1)}, "no better"),
        ({SITE: Score(50, 45, 35, 2)}, "sure but wrong"),
        ({SITE: Score(50, 45, 35, 1), "cn": Score(100, 96, 90, 0)}, "cn is read worse"),
        ({SITE: Score(50, 45, 35, 1), "cn": Score(100, 97, 90, 0)}, "fewer plates"),
        ({SITE: Score(50, 45, 35, 1), "cn": Score(100, 98, 90, 1)}, "sure but wrong"),
    ],
)
def test_weights_are_kept_only_where_the_site_gains_and_nothing_else_loses(changed, why):
    against = worse(BEFORE, BEFORE | changed)
    assert bool(against) == bool(why)
    assert why in " ".join(against)
