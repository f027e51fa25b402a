"""What the page on accuracy makes of the plates that were read."""

from types import SimpleNamespace

import pytest

pytest.importorskip("torch", reason="a slim installation trains nothing (./install.sh)")
from training import accuracy_when, peer_readers
from training.accuracy import _kept, _told
from training.accuracy_hidden import Hidden
from training.accuracy_page import Result, _kinds, _peers, _when


def test_kinds_are_told_over_all_sets_by_the_format_of_the_true_text():
    plates = [
        ("vn scenes", "KC7280", "KC7280", True),
        ("vn red", "QA1605", "0A1605", False),
        ("vn scenes", "59S247831", "59S227831", True),
        ("cn scenes", "皖Q0686学", "皖Q0686学", True),
        ("cn scenes", "粤0A2160", "粤OA2160", False),
    ]
    rows = [Result(s, "val", 1, "", 90, False, t, r, sure, True) for s, t, r, sure in plates]
    assert [row for row in _kinds(rows) if row.startswith("| ")] == [
        "| CN learner | 1 | 100.0 % | 100.0 % | 0.00 % (0) |",
        "| VN military | 2 | 50.0 % | 50.0 % | 0.00 % (0) |",
        "| VN motorcycle | 1 | 0.0 % | 100.0 % | 100.00 % (1) |",
        "| no known format | 1 | 0.0 % | 0.0 % | 0.00 % (0) |",
    ]


def test_what_the_truth_tells_of_a_plate_is_not_guessed_from_its_box(tmp_path):
    rows = "file,text,lines,x,y,w,h\na.jpg,沪A·N9241,2,0,0,90,40\nb.jpg,29A-12345,1,0,0,90,60\n"
    (tmp_path / "truth.csv").write_text(rows, encoding="utf-8")
    assert _told(tmp_path, "lines") == {("a.jpg", "沪AN9241"): "2", ("b.jpg", "29A12345"): "1"}
    assert set(_told(tmp_path, "colour").values()) == {""}


def test_the_page_says_when_where_and_on_which_tree_each_part_was_measured(tmp_path):
    _kept(tmp_path / "hidden.json", Hidden, lambda: [Hidden(10, 2, 1)])
    (note,) = accuracy_when.kept(tmp_path)
    rows = list(_when([note]))
    assert rows[-1] == f"| hidden | {note.begun} | {note.minutes} | {note.load} | {note.tree} |"
    assert "cores, OpenVINO 20" in note.computer
    assert note.computer in rows[1]
    assert list(_when([])) == []


def test_a_part_that_is_kept_keeps_its_time_and_one_that_goes_on_adds_its_minutes(
    tmp_path, monkeypatch
):
    clock = iter([0.0, 120.0, 1000.0, 1060.0, 2000.0])
    monkeypatch.setattr(accuracy_when, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    file = tmp_path / "peers.json"
    with accuracy_when.noted(file):
        file.write_text("{}")
    first = accuracy_when.kept(tmp_path)
    assert first[0].minutes == 2
    with accuracy_when.noted(file):
        file.unlink()
        file.write_text("{1}")
    (gone_on,) = accuracy_when.kept(tmp_path)
    assert (gone_on.minutes, gone_on.begun) == (3, first[0].begun)
    with accuracy_when.noted(file):
        pass
    assert accuracy_when.kept(tmp_path) == [gone_on]


def test_a_peer_that_took_no_part_is_named_on_the_page():
    names = [kind.name for kind in peer_readers.PEERS]
    found = {"vn crops": {names[0]: [2, 1, 0]}, "cn crops": {names[1]: [2, 2, 0]}}
    absent = peer_readers.absent(found)
    assert absent == names[2:]
    assert list(_peers([], found, absent))[-1].endswith(f"took no part: {', '.join(names[2:])}.")
    assert "took no part" not in "".join(_peers([], found, []))
