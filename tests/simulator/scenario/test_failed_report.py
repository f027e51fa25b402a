"""The page of a failed scenario shows who entered and what was written on the wire."""

import re

from simulator.scenario import fast, page
from simulator.scenario.library import found
from simulator.scenario.played import Played


def test_what_the_controller_wrote_stands_below_a_failure_and_no_question(tmp_path):
    (entry,) = found(["declared_truck"])
    played = fast.play(entry, 1)
    assert played.failures == []
    assert {frame[3:5] for _, frame in played.wire} <= {"05", "06", "10"}
    page.write([played], tmp_path / "good.html")
    assert "wrote on the boards" not in (tmp_path / "good.html").read_text(encoding="utf-8")
    played.failures.append("something was not so")
    played.pictures.append((12.3, "out1", b"\xff\xd8jpeg"))
    page.write([played], tmp_path / "failed.html")
    text = (tmp_path / "failed.html").read_text(encoding="utf-8")
    assert len(re.findall(r"^ +\d+\.\d\d s  01 ", text, re.M)) == len(played.wire)
    assert "out1, 12.3 s" in text
    assert "data:image/jpeg;base64,/9hqcGVn" in text


def test_one_without_wire_and_pictures_is_written_too(tmp_path):
    page.write([Played("x", "mine", "about", "real", 1, ["wrong"])], tmp_path / "page.html")
    assert "wrong" in (tmp_path / "page.html").read_text(encoding="utf-8")
