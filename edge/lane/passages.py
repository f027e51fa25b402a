"""PURE. How a passage begins and how it counts at its end, of whichever vehicle it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from edge.domain.mode import LaneMode, by_mode
from edge.domain.moment import Moment
from edge.domain.reason import Decision, Reason, Verdict
from edge.lane.state import Context, Lane
from edge.lane.vehicle import Passage, Track
from edge.lane.vocabulary import Outcome

UNASKED = frozenset({Outcome.PASSED_UNADMITTED, Outcome.TAILGATED, Outcome.ARM_BY_HAND})
"""Ways out without an admission."""


def came_at(lane: Lane, now: Moment) -> datetime:
    """When who begins now came to the barrier."""
    if lane.present and lane.present_at is not None:
        return lane.present_at
    return lane.followed_at if lane.follower and lane.followed_at else now.wall


def came_behind(lane: Lane, track: Track | None, context: Context) -> datetime:
    """When one more who has passed came to the line: by his own track, or by the loop where nobody
    else can have been meant; else that is not known."""
    now = context.now
    if track is not None and track.at_line_since is not None:
        return now.wall - timedelta(seconds=now.mono - track.at_line_since)
    return now.wall if lane.follower or context.entry_loop else came_at(lane, now)


def read_on(passage: Passage, track: Track) -> Passage:
    """With what was read on a track that is its own."""
    return replace(
        passage,
        track=track.track,
        camera=track.camera,
        kind=track.kind,
        view=track.plate,
        reads=(track.plate,) if track.plate else (),
        frames=track.frames_read,
        evidence=track.evidence,
    )


def flowed(passage: Passage, outcome: Outcome, context: Context) -> tuple[Passage, Outcome]:
    """In free flow everybody is admitted, also who was through before he was decided on."""
    if context.policy.mode is not LaneMode.FREE_FLOW or outcome not in UNASKED:
        return passage, outcome
    before = passage.decision or Decision(Verdict.REFER, Reason.UNDECIDED)
    flows = by_mode(before, LaneMode.FREE_FLOW) if before.reason is not Reason.FREE_FLOW else before
    return replace(passage, decision=flows, by="gate"), Outcome.ADMITTED
