"""Real photographs and a real recording, where they are at hand."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.vision.codec import decode
from simulator.rig import LanePlan, Rig
from simulator.service import Service
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(900)
DATA = Path(os.environ.get("GATE_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))


def read(*paths):
    done = subprocess.run(
        [sys.executable, "-m", "edge", "read", "--json", *map(str, paths)],
        capture_output=True, text=True, timeout=800,
    )  # fmt: skip
    return done, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.skipif(not (DATA / "toll_lane").exists(), reason=f"no real recording at {DATA}")
def test_the_cars_of_a_real_toll_lane_are_read_and_none_wrongly():
    truth = json.loads((DATA / "toll_lane" / "truth.json").read_text(encoding="utf-8"))
    real = [event["plate"] for event in truth["events"]]
    _, rows = read(DATA / "toll_lane" / "cars.mp4")
    sure = [r["plate"]["text"] for r in rows if r["plate"] and r["plate"]["accepted"]]
    assert {"34A36837", "34A23126"} <= set(sure)
    assert set(sure) <= set(real)
    assert len(sure) == len(set(sure))


@pytest.mark.skipif(not (DATA / "cn_scenes").exists(), reason=f"no photographs at {DATA}")
def test_a_truncated_photograph_is_an_error_and_the_others_are_read(tmp_path):
    whole = sorted((DATA / "cn_scenes").glob("*.jpg"))[0]
    broken = tmp_path / "cut.jpg"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    done, rows = read(broken, whole)
    assert done.returncode == 1
    assert "error" in rows[0]
    assert rows[1]["plates"]


@pytest.mark.skipif(not (DATA / "cn_scenes").exists(), reason=f"no photographs at {DATA}")
def test_every_photograph_of_the_sets_is_taken_though_some_png_is_called_jpg():
    for name in ("cn_scenes", "vn_scenes"):
        for file in sorted((DATA / name).glob("*.jp*g")):
            assert decode(file.read_bytes()) is not None, file.name


@pytest.mark.long
@pytest.mark.skipif(not (DATA / "toll_lane").exists(), reason=f"no real recording at {DATA}")
def test_the_vehicles_of_a_real_recording_pass_in_turn_round_after_round(tmp_path):
    lane = LanePlan("out1", "export", "Làn 1", video=DATA / "toll_lane" / "cars.mp4")
    rig = Rig(tmp_path, [lane])
    service = Service(rig.gate_config)
    try:
        rig.start()
        service.add_user()
        service.start()
        service.wait_ready()
        rig.flowing = True
        truth = rig.worlds["out1"].truth
        wait_for(lambda: len(truth.crossed) >= 6, 400, every=0.5, why=lambda: truth)
        assert truth.crossed[:6] == ["34A36837", "34A23126", "89C20339"] * 2
        assert (truth.crossed_unassigned, truth.violations) == ([], [])
    finally:
        service.stop()
        rig.stop()
