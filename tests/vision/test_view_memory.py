"""What is learned of a camera is kept over a restart, and a damaged file is no harm."""

import numpy as np
import pytest

from edge.vision.picture_health import PictureHealth
from edge.vision.view_memory import LARGEST_BYTES, forget, keep, kept
from tests.support.lane_pictures import LaneCamera


def test_what_is_kept_is_found_again(tmp_path):
    camera, health = LaneCamera(), PictureHealth()
    for now in range(30):
        health.check(camera.picture(), float(now))
    keep(tmp_path / "views", "out1", health.learned)
    found = kept(tmp_path / "views", "out1")
    assert found.keys() == health.learned.keys()
    assert (found["view"] == health.learned["view"]).all()
    forget(tmp_path / "views", "out1")
    assert kept(tmp_path / "views", "out1") == {}


def test_nothing_learned_is_nothing_kept(tmp_path):
    keep(tmp_path / "views", "out1", {})
    assert not (tmp_path / "views").exists()


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"x" * 1000, b"\x80\x04K\x01.", b"x" * (LARGEST_BYTES + 1)]
)
def test_a_damaged_file_is_learned_anew(tmp_path, data):
    (tmp_path / "out1.npz").write_bytes(data)
    assert kept(tmp_path, "out1") == {}


def test_a_file_with_a_program_in_it_is_not_run(tmp_path):
    np.savez(tmp_path / "out1.npz", view=np.array([print], dtype=object))
    assert kept(tmp_path, "out1") == {}


def test_a_folder_that_cannot_be_written_costs_a_view_and_no_more(tmp_path):
    (tmp_path / "views").write_text("")
    keep(tmp_path / "views", "out1", {"view": np.zeros(3)})
    forget(tmp_path / "views", "out1")
