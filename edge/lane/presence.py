"""PURE. Whether the vehicle of the passage still stands there: what the entry loop and the camera
say together.

The camera keeps in sight whom the loop drops (one that tunes out, a high bed above it); but a loop
that is left and occupied again may have another vehicle on it, although the camera's track goes on.
Nobody is let in by the gate whom the loop does not feel. A two-wheeler passes beside the arm and
its loops: it has passed where the camera loses it at the line.
"""

from __future__ import annotations

import math
from dataclasses import replace

from edge.domain.assignment import NEAR, apart
from edge.domain.conditions import TWO_WHEELS
from edge.domain.facts import VehicleLost
from edge.lane.identity import behind, candidates, followers, of_a_trailer, sure_views
from edge.lane.outcomes import raised_by
from edge.lane.state import Changing, Context, Lane
from edge.lane.vehicle import Passage, Track
from edge.lane.views import own_tracks
from edge.lane.vocabulary import Cue, Outcome, Stage

LOOP_FREE_S = 3.0
"""Seconds after which a free entry loop, without a word of the guard, has nobody on it: longer
than a vehicle may be between the loops."""

COUNTED_S = 6.0
"""Seconds after a crossing that was counted and not seen within which a track that vanishes at the
line is its own."""

LATE_S = 1.0
"""Seconds by which the camera may tell later than the loops that somebody is at the line."""

UNFELT_S = 6.0
"""Seconds at the barrier after which the camera alone tells of a vehicle that the loop does not
feel: longer than a vehicle takes to drive on to the loop."""

FOLLOWS_S = 1.0
"""Seconds after the first has passed until which the guard says that the next one is under the
arm, and the camera has lost him."""

COMES_S = 3.0
"""Seconds from a place that the camera sees to the entry loop, at a walking pace."""

HALF_WAY_S = 120.0
"""Seconds until which whoever is on the exit loop may be half way, with a gap over the others; a
loop that is occupied for longer says nothing."""

STAND = frozenset(
    {
        Stage.READING,
        Stage.REREADING,
        Stage.REFERRED,
        Stage.REFUSED,
        Stage.DOUBTED,
        Stage.REJECTED,
        Stage.ADMITTED,
        Stage.LET_IN,
    }
)
"""Somebody stands before the arm, and is looked at."""

ADMITTED = frozenset({Stage.ADMITTED, Stage.LET_IN})

_UNNAMED = frozenset({Stage.CROSSING_UNADMITTED, Stage.TAILGATING})
"""Under the arm is somebody whom the camera has not named."""


def half_way(lane: Lane, exit_loop: bool | None, now: float) -> bool:
    """Whether somebody may be half way through, and a gap in the vehicle look like nobody. `now`:
    monotonic, in seconds."""
    since = now if lane.exit_since is None else lane.exit_since
    return bool(exit_loop) and now - since < HALF_WAY_S


def kept_in_sight(lane: Lane) -> bool:
    """Whether a camera sees the vehicle of the passage at the barrier now."""
    own = own_tracks(lane.passage) if lane.passage else set()
    return any(track.at_barrier for name, track in lane.tracks.items() if name in own)


def of_before(lane: Lane, passage: Passage) -> bool:
    """Whether what is read of it may be of another: nothing has moved in the picture since before
    it came onto the loop. A camera that is frozen shows who stood there last, and is told a little
    later."""
    seen, text = lane.tracks.values(), passage.plate
    moved = (t.moved_at for t in seen if t.plate is not None and t.plate.text == text)
    return max(moved, default=math.inf) < lane.came - COMES_S


def stays(lane: Lane) -> bool:
    """Whether it stands there although the entry loop is free. Whoever was admitted on the loop and
    leaves it has turned back, whatever is seen: its track may be that of the next one."""
    off_the_loop = lane.stage not in ADMITTED or lane.released
    return lane.stage in STAND and off_the_loop and kept_in_sight(lane)


def unfelt(lane: Lane, context: Context) -> Track | None:
    """Who stands before the barrier in the camera's sight, where the entry loop feels nobody: it is
    dead, or has tuned out. A two-wheeler may stand beside it, and what is seen from behind
    leaves."""
    if context.entry_loop is not False or not context.policy.needs_loop:
        return None
    for track in candidates(lane):
        since = context.now.mono if track.at_line_since is None else track.at_line_since
        leaves = track.sees == "rear" and track.camera
        if context.now.mono - since >= UNFELT_S and not leaves and track.kind not in TWO_WHEELS:
            return track
    return None


def goes_unfelt(lane: Lane, context: Context) -> bool:
    """Whether who was let in off the entry loop, which feels nobody, is under the arm now."""
    let_in = lane.stage in ADMITTED and lane.released and lane.arm_up
    felt = context.entry_loop is not False
    return let_in and not felt and context.safety_loop is True and not kept_in_sight(lane)


def comes_again(lane: Lane) -> bool:
    """Whether who comes to the loop now may be another than the one who was dropped by it."""
    return lane.released and lane.stage in STAND - ADMITTED


def comes_unnamed(lane: Lane, context: Context) -> bool:
    """Whether somebody is on the loop that has dropped the vehicle of the passage, and the guard
    has not said yet that he has come: a front, or a glitch. Whether it is he is asked then."""
    return lane.released and context.entry_loop is True


def backed_off(lane: Lane, context: Context) -> Cue | None:
    """The entry loop has been left, and nobody went through; None where somebody stays."""
    if lane.changing is Changing.BEGUN and lane.stage in STAND:
        return None
    if not stays(lane):
        return left(lane, context)
    return swapped(lane) if lane.changing is Changing.TAKEN else None


def passed_perhaps(lane: Lane) -> bool:
    """Whether the vehicle of the passage has passed, as far as anybody knows, where another stands
    in its place: the arm was up after a start and it has not been read since, or it stood close
    behind one under the arm and was lost at the line."""
    passage = lane.passage
    if passage is None or lane.stage in ADMITTED:
        return False
    if passage.perhaps is Outcome.TAILGATED:
        return lane.arm_up and passage.track in lane.vanished
    return first_of_two(passage) is not None


def first_of_two(passage: Passage) -> Passage | None:
    """The vehicle that was there before a start, where nobody knows whether it still is or has
    passed, and another stands in its place: until that is surely read, or a person says that it is
    the first."""
    known = {*sure_views(passage), *({passage.corrected} & {*(passage.before or ())})}
    doubtful = passage.perhaps is Outcome.RESUMED and not known
    return passage.earlier if doubtful else None


def shown_to_be_another(passage: Passage, plate: str, assignment: str) -> bool:
    """Whether it is the second of the two, by the `plate` that a person gives or confirms, or by
    the `assignment` that a code names."""
    earlier = first_of_two(passage)
    if earlier is None:
        return False
    if passage.before and plate:
        return plate not in passage.before
    if passage.before and passage.named:
        return all(apart(passage.named, text) > NEAR for text in passage.before)
    said = earlier.decision.assignment if earlier.decision else ""
    return len({assignment, said} - {""}) > 1


def swapped(lane: Lane) -> Cue:
    """Another vehicle stands in its place."""
    return Cue.SWAPPED_UNSEEN if passed_perhaps(lane) else Cue.SWAPPED


def left(lane: Lane, context: Context) -> Cue:
    """Gone; but no loop tells of a two-wheeler that drives round the arm, and a camera loses sight
    of it there, while it sees one turn round."""
    passage = lane.passage
    if passage is None or lane.stage not in STAND:
        return Cue.LEFT
    if first_of_two(passage) is not None or passed_perhaps(lane):
        return Cue.GONE_UNSEEN
    if lane.stage in ADMITTED:
        unseen = lane.blind and context.policy.needs_loop and raised_by(passage, lane.motions)
        return Cue.GONE_UNSEEN if unseen and not _seen_to_turn_back(lane, passage) else Cue.LEFT
    return Cue.SLIPPED_BY if _rode_by(lane, passage) else Cue.LEFT


def _rode_by(lane: Lane, passage: Passage) -> bool:
    """Whether the vehicle of the passage is a two-wheeler that the camera has lost at the line."""
    hidden = not (own_tracks(passage) & lane.tracks.keys())
    return hidden and passage.track in lane.vanished and passage.kind in TWO_WHEELS


def slipped_ahead(lane: Lane) -> bool:
    """Whether it, which stood there unadmitted, is one, and who keeps the loop occupied drove up
    behind it: that one is seen at the line, and is no two-wheeler (which it might be itself)."""
    passage = lane.passage
    if passage is None or lane.stage in ADMITTED or not _rode_by(lane, passage):
        return False
    return any(track.kind not in TWO_WHEELS for track in behind(lane))


def timed_out_unseen(lane: Lane, context: Context) -> bool:
    """Whether who was admitted may have passed, although the guard knows of nobody who has: the
    loops were silent while the arm was up, and no camera has him before it."""
    passage = lane.passage
    silent = lane.blind if context.policy.needs_loop else context.safety_loop is None
    if passage is None or not silent or not raised_by(passage, lane.motions):
        return False
    stands = lane.present and kept_in_sight(lane)
    return not stands and not _seen_to_turn_back(lane, passage)


def _seen_to_turn_back(lane: Lane, passage: Passage) -> bool:
    """Whether the camera saw it last away from the line; whoever passes is lost at the line."""
    track = lane.tracks.get(passage.track)
    if track is not None:
        return not track.at_barrier
    return passage.track != "" and passage.track not in lane.vanished


def _may_have_entered(lane: Lane) -> bool:
    """Whether the loops were silent as it left the entry loop, with the arm up."""
    return lane.blind and lane.arm_up


def stands_no_more(lane: Lane, seen: bool, context: Context) -> bool:
    """Nobody stands there any more, and nobody has said so."""
    passage, now = lane.passage, context.now.mono
    assert passage is not None
    if context.policy.needs_loop:
        since = lane.loop_free_since
        if since is None or now - since < LOOP_FREE_S or stays(lane):
            return False
        # Nobody saw how it left the loop: it may be on its way out.
        return not (_may_have_entered(lane) and half_way(lane, context.exit_loop, now))
    # An admitted vehicle drives out of the picture towards the arm.
    if seen or lane.stage in ADMITTED:
        return False
    return passage.track != "" or now >= passage.read_by


def slipped_past(lane: Lane, fact: VehicleLost, context: Context) -> Track | None:
    """A two-wheeler beside the vehicle of the passage that has vanished at the line; None where
    that was somebody else, or somebody who is accounted for."""
    track = lane.tracks.get(fact.track)
    if track is None or not track.at_barrier or track.kind not in TWO_WHEELS:
        return None
    if track.camera != (lane.passage.camera if lane.passage else ""):
        # Another camera's track of the same one would be one more.
        return None
    if _accounted_for(lane, lane.passage, track, context):
        return None
    others = (t for t in lane.tracks.values() if t is not track and t.at_barrier)
    return None if any(t.kind in TWO_WHEELS for t in others) else track


def stands_before(lane: Lane, context: Context) -> bool:
    """Whether the vehicle of the passage stands before the arm, although one is said to have gone
    under it: camera and loop have it still."""
    return context.entry_loop is True and kept_in_sight(lane)


def crossed_beside(lane: Lane, context: Context) -> bool:
    """Whether who was under the arm is a two-wheeler, seen beside the vehicle of the passage or
    lost at the line, and that vehicle is not through."""
    others = (t for n, t in lane.tracks.items() if lane.passage and n != lane.passage.track)
    seen = any(t.at_barrier and t.kind in TWO_WHEELS for t in others)
    rider = seen or lane.slipped_at is not None
    return rider and lane.stage not in STAND and stands_before(lane, context)


def counted_twice(lane: Lane, context: Context) -> bool:
    """Whether who is said to have crossed now is the two-wheeler that the camera has lost."""
    at = lane.slipped_at
    soon = at is not None and context.now.mono - at < COUNTED_S
    return soon and lane.stage in STAND and stands_before(lane, context)


def counted_already(lane: Lane, context: Context) -> bool:
    """Whether who is said to have come under the arm is the two-wheeler that vision has lost."""
    at = lane.slipped_at
    return at is not None and context.now.mono - at < COUNTED_S and lane.stage not in STAND


def _accounted_for(lane: Lane, passage: Passage | None, track: Track, context: Context) -> bool:
    """Whether the track is that of the passage, of one who has passed, or may be of one who was
    counted under the arm and is recorded without a picture: he was at the line about then."""
    own = own_tracks(passage) if passage else set()
    if track.track in own | {served for served, _ in lane.served}:
        return True
    if lane.stage in _UNNAMED and passage is not None and not passage.track:
        return True
    counted = lane.counted_at
    if counted is None or context.now.mono - counted >= COUNTED_S:
        return False
    return track.at_line_since is None or track.at_line_since <= counted + LATE_S


def passed_between(lane: Lane) -> int:
    """How many were surely read behind the vehicle under the arm and are lost at the line, while
    another one, as surely read, stands there: they are through, although the loops felt one long
    vehicle. What was read beside it while it stood may be its own."""
    stand = [_sure(track) for track in followers(lane) if _sure(track)]
    served = {name for name, _ in lane.served}
    own = {view.text for view in lane.passage.reads} if lane.passage else set()
    gone = (t for t in lane.noted if t.track in lane.vanished and t.track not in served)
    read = {_sure(track) for track in gone} - own - {""}
    alone = (text for text in read if not of_a_trailer(text))
    return sum(1 for text in alone if stand and all(apart(text, other) > NEAR for other in stand))


def _sure(track: Track) -> str:
    return track.plate.text if track.plate and track.plate.accepted else ""


def stood_behind(passage: Passage, lane: Lane, context: Context) -> Passage:
    """Who came close behind another has not gone with him, where he is seen before the arm after
    that one is through."""
    if passage.perhaps is not Outcome.TAILGATED or context.safety_loop is not False:
        return passage
    track = lane.tracks.get(passage.track)
    since = passage.read_by - context.policy.read_wait_s + FOLLOWS_S
    stands = track is not None and track.at_barrier and track.seen >= since
    return replace(passage, perhaps=None) if stands else passage
