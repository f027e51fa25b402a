"""What an earlier version has left in the journal is understood by this one, and the other way."""

from edge.domain.facts import PlateView
from edge.lane import snapshot
from edge.lane.state import LaneState
from edge.system.clock import ManualClock

STORED = {
    "state": "admitted",
    "turn": {
        "passage": "p1", "arrived_at": "2026-01-15T08:00:00Z", "read_by": 1006.0,
        "track": "s-1", "kind": "truck",
        "view": {"text": "24C12345", "display": "24C-123.45", "country": "VN", "colour": "white",
                 "lines": 1, "confidence": 0.99, "accepted": True},
        "frames": 6, "evidence": ["a.jpg"], "told": ["24C12345", True],
        "decision": {"verdict": "allow", "reason": "assigned", "assignment": "A1"},
        "by": "gate", "corrected": "", "decided_at": "2026-01-15T08:00:02Z", "entered_at": None,
        "trailers": [],
    },
    "since": "2026-01-15T08:00:02Z",
}  # fmt: skip
"""As written before the passage had its name; the keys are the journal's for ever."""


def test_a_lane_of_an_earlier_version_goes_on_as_it_was():
    lane = snapshot.revive("out1", STORED, ManualClock().now(), 6.0)
    assert lane.state is LaneState.ADMITTED
    assert lane.passage is not None
    assert (lane.passage.id, lane.passage.recorded) == ("p1", ("24C12345", True))
    assert lane.passage.view == PlateView("24C12345", "24C-123.45", "VN", "white", 1, 0.99, True)
    assert lane.passage.decision is not None
    assert lane.passage.decision.assignment == "A1"


def test_a_lane_is_written_under_the_same_keys():
    lane = snapshot.revive("out1", STORED, ManualClock().now(), 6.0)
    written = snapshot.dump(lane)
    assert written["turn"].keys() >= STORED["turn"].keys()
    assert (written["turn"]["passage"], list(written["turn"]["told"])) == ("p1", ["24C12345", True])
