"""Whether a recording is whole: formats differ in how they go on where a part is missing."""

import cv2
import numpy as np
import pytest

from edge.vision.capture import CameraError
from edge.vision.video_file import opened

FRAMES = 40


def film(path, kind, frames=range(FRAMES)):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*kind), 10, (160, 90))
    noise = np.random.default_rng(1)
    for _ in frames:
        writer.write(noise.integers(0, 255, (90, 160, 3), np.uint8))
    writer.release()
    return path.read_bytes()


def read(path):
    with opened(path) as video:
        return sum(1 for _ in video.pictures())


@pytest.mark.parametrize(
    ("name", "kind"), [("a.mkv", "MJPG"), ("a.avi", "MJPG"), ("a.mp4", "mp4v")]
)
def test_a_recording_with_a_hole_in_its_middle_is_not_whole(tmp_path, name, kind):
    data = film(tmp_path / name, kind)
    assert read(tmp_path / name) == FRAMES
    third = len(data) // 3
    (tmp_path / name).write_bytes(data[:third] + bytes(third) + data[2 * third :])
    with pytest.raises(CameraError, match=f"not whole: .* of {FRAMES} frames"):
        read(tmp_path / name)
