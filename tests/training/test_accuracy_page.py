"""What the page on accuracy makes of the plates that were read."""

from training.accuracy import _told
from training.accuracy_page import Result, _kinds


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
