"""Other readers beside ours: their answers as texts; a run that was broken off goes on."""

import json

import numpy as np
import pytest

pytest.importorskip("torch", reason="a slim installation trains nothing (./install.sh)")
from training import peer_readers
from training.accuracy import _kept
from training.accuracy_hidden import Hidden
from training.accuracy_page import Result, _peers
from training.peer_readers import Plate, _bare, _by_lines, _plainest, _same, _thinned


def columns(*classes):
    likely = np.full((len(classes), 4), 0.02)
    likely[range(len(classes)), classes] = 0.9
    return likely


def test_a_character_that_goes_on_is_read_once_and_after_a_blank_again():
    text, sure = _plainest(columns(1, 1, 0, 1, 3, 0), "ABC")
    assert (text, sure) == ("AAC", pytest.approx(0.9))
    assert _plainest(columns(0, 0), "ABC") == ("", 0.0)


def test_two_lines_are_read_one_after_the_other_and_are_as_sure_as_the_less_sure():
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[20:] = 255

    def read(line):
        return ("59-S2", 0.9) if line.mean() < 128 else ("247.83", 0.7)

    assert _by_lines(picture, 2, read) == ("59-S2247.83", 0.7)
    assert _by_lines(picture[:20], 1, read) == ("59-S2", 0.9)


def test_a_peers_text_is_compared_without_what_stands_on_no_plate():
    assert _bare("粤B·12345 |") == "粤B12345"


def test_what_was_found_elsewhere_is_not_the_plates_reading():
    assert _same((10, 10, 30, 20), (5, 5, 35, 25))
    assert not _same((40, 10, 60, 20), (5, 5, 35, 25))


def test_of_a_large_set_every_so_manieth_picture_is_read():
    pictures = [(np.zeros((1, 1, 3), np.uint8), [Plate(str(n), None, 1)]) for n in range(101)]
    assert [p[0].text for _, p in _thinned(pictures, 10)][:3] == ["0", "11", "22"]
    assert len(_thinned(pictures, 10)) <= 10
    assert len(_thinned(pictures, 500)) == 101


def test_a_set_whose_figures_are_kept_is_not_read_again(tmp_path, monkeypatch):
    read = []

    class Sure:
        name, sets = "a peer", "vn"

        def __call__(self, picture, plates):
            read.extend(plates)
            return [("34A12345", 0.95)] * len(plates)

    def sets(_):
        one = (np.zeros((9, 9, 3), np.uint8), [Plate("34A12345", None, 1)])
        other = (np.zeros((9, 9, 3), np.uint8), [Plate("34A12346", None, 1)])
        yield "vn crops", iter([one, other])
        yield "cn crops", iter([one])

    monkeypatch.setattr(peer_readers, "_sets", sets)
    monkeypatch.setattr(peer_readers, "here", lambda _: iter([Sure()]))
    kept = tmp_path / "peers.json"
    found = peer_readers.measured(tmp_path, kept)
    assert found == {"vn crops": {"a peer": [2, 1, 1]}, "cn crops": {}}
    assert peer_readers.measured(tmp_path, kept) == found
    assert len(read) == 2


def test_a_part_of_the_page_that_is_kept_is_not_measured_again(tmp_path):
    file = tmp_path / "hidden.json"
    first = _kept(file, Hidden, lambda: [Hidden(10, 2, 1)])
    assert _kept(file, Hidden, lambda: pytest.fail("measured again")) == first
    assert json.loads(file.read_text()) == [{"views": 10, "sure": 2, "sure_wrong": 1}]


def test_the_page_shows_each_peer_beside_ours_where_it_took_part():
    ours = [Result("vn crops", "val", 1, "white", 90, False, t, "34A12345", True, True)
            for t in ("34A12345", "34A12346")]  # fmt: skip
    rows = list(_peers(ours, {"vn crops": {"one": [4, 3, 1]}, "cn crops": {"two": [2, 2, 0]}}))
    assert "| vn crops | 4 | 50.0 % | 75 % (1) |  |" in rows
    assert "| cn crops | 2 | - |  | 100 % (0) |" in rows
    assert list(_peers(ours, {})) == []
