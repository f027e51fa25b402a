"""Mistakes between vision and lane are caught where real pictures are read: played in real time."""

import json

import pytest

from tests.support.planted import Planted, a_copy, plant, run

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

PLANTED = (
    Planted("no plate reaches the lane", "vision/lane_pipeline.py",
            "def _view(result: Reading | None) -> PlateView | None:\n",
            "def _view(result: Reading | None) -> PlateView | None:\n    return None\n\n\n"
            "def _no_view(result: Reading | None) -> PlateView | None:\n",
            ("lets_the_declared_in",)),
)  # fmt: skip


@pytest.mark.parametrize("mistake", PLANTED, ids=lambda mistake: mistake.name)
def test_a_mistake_before_the_lane_is_caught_in_real_time(tmp_path, mistake):
    copy = a_copy(tmp_path / "copy")
    plant(copy, mistake)
    done = run(copy, "run", *mistake.caught_by, "--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["name"] for one in told if not one["passed"]} == set(mistake.caught_by)
    assert any("does not cross" in text or "did not cross" in text
               for one in told for text in one["failures"])  # fmt: skip
