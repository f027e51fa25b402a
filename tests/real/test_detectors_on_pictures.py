"""On real pictures OpenVINO alone finds the boxes that ultralytics finds."""

import os
from pathlib import Path

import pytest

from edge.vision.codec import decode
from edge.vision.detectors import CAREFUL, VIDEO
from edge.vision.openvino_detector import OpenVinoDetector
from edge.vision.weights import SHIPPED
from edge.vision.yolo import YoloDetector

DATA = Path(os.environ.get("GATE_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
EACH = 3
"""Pictures taken of each set, evenly spread."""


def pictures():
    for folder in sorted(f for f in DATA.iterdir() if f.is_dir() and f.name != "peers"):
        files = sorted(folder.rglob("*.jp*g"))
        for file in files[:: max(1, len(files) // EACH)][:EACH]:
            picture = decode(file.read_bytes())
            if picture is not None:
                yield file, picture


@pytest.mark.skipif(not DATA.exists(), reason=f"no photographs at {DATA}")
@pytest.mark.parametrize(("form", "careful"), [(VIDEO, False), (CAREFUL, True)])
def test_both_engines_find_the_same_boxes_in_pictures_of_every_set(form, careful):
    pytest.importorskip("ultralytics", reason="a slim installation: nothing to compare with")
    alone = OpenVinoDetector(SHIPPED / form, careful)
    through = YoloDetector(SHIPPED / form, careful, device="cpu")
    found = 0
    for file, picture in pictures():
        ours, theirs = alone.find(picture), through.find(picture)
        assert [d.kind for d in ours] == [d.kind for d in theirs], file
        for a, b in zip(ours, theirs, strict=True):
            assert a.confidence == pytest.approx(b.confidence, abs=1e-3), file
            assert a.box == pytest.approx(b.box, abs=0.5), file
        found += len(ours)
    assert found > 50
