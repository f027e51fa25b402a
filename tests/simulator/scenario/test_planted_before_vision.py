"""Mistakes before the lane, and between gate and platform, are caught in real time alone."""

import json

import pytest

from tests.support.planted import Planted, a_copy, plant, run

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

PLANTED = (
    Planted("no plate reaches the lane", "vision/vehicle_reports.py",
            "def _view(result: Reading | None) -> PlateView | None:\n",
            "def _view(result: Reading | None) -> PlateView | None:\n    return None\n\n\n"
            "def _no_view(result: Reading | None) -> PlateView | None:\n",
            ("lets_the_declared_in",)),
    Planted("a passage counts as handed over before it is", "sync/platform/passage_queue.py",
            "        if ours and passage.sequence not in self._parked:\n",
            "        self._outbox.acknowledge(PLATFORM, passage.sequence)\n"
            "        if ours and passage.sequence not in self._parked:\n",
            ("platform-outage",)),
)  # fmt: skip


@pytest.mark.parametrize("mistake", PLANTED, ids=lambda mistake: mistake.name)
def test_a_mistake_before_the_lane_is_caught_in_real_time(tmp_path, mistake):
    copy = a_copy(tmp_path / "copy")
    plant(copy, mistake)
    done = run(copy, "run", *mistake.caught_by, "--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["name"] for one in told if not one["passed"]} == set(mistake.caught_by)
    words = ("does not cross", "did not cross", "platform_lacks")
    assert any(word in text for one in told for text in one["failures"] for word in words)
