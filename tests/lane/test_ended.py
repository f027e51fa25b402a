"""How a passage ends: under which name, whose it is, what is used, and who may still be seen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.domain.reason import Decision, Reason, Verdict
from edge.lane.actions import carry_out
from edge.lane.cells import Cell
from edge.lane.effects import Record, Remember, Revoke, Spend
from edge.lane.sign import Sign
from edge.lane.state import Lane
from edge.lane.vehicle import Passage, Track
from edge.lane.vocabulary import Cue, LaneAction, Outcome, Stage
from tests.support.builders import NOON, a_context, a_plate_view

T1, T2, REAR = "24C12345", "29C11111", "51R00001"
BEFORE = NOON - timedelta(seconds=9)
YES = Decision(Verdict.ALLOW, Reason.ASSIGNED, "A1")
OTHER = Decision(Verdict.ALLOW, Reason.ASSIGNED, "A2")
NO = Decision(Verdict.REFUSE, Reason.HELD, "A1")
PASSAGE = Passage("p1", BEFORE, 0.0, track="t1", view=a_plate_view(T1), decision=YES)
ANOTHER = replace(PASSAGE, view=None, decision=None, before=(T1,), earlier=PASSAGE)
"""It was admitted; who stands there is read anew."""


def a_track(name, text=None, accepted=True, **changes):
    plate = a_plate_view(text, 0.99 if accepted else 0.6, accepted) if text else None
    return replace(Track(name, "truck", plate, 5, True, (), 0.0), **changes)


def ended(passage, stage=Stage.ADMITTED, cue=Cue.CROSSED, outcome=Outcome.ADMITTED,
          action=LaneAction.COMPLETE, **more):  # fmt: skip
    lane = Lane("out1", stage, passage, **more)
    cell = Cell(Stage.EMPTY, (action,), outcome)
    lane, effects = carry_out(lane, cell, Sign(cue, of=passage), a_context())
    (record,) = (effect.data for effect in effects if isinstance(effect, Record))
    return lane, record, [effect for effect in effects if not isinstance(effect, Record)]


@pytest.mark.parametrize(
    ("stage", "cue", "entered_at", "observed"),
    [
        (Stage.CROSSING, Cue.CROSSED, BEFORE, True),
        (Stage.CROSSING, Cue.CROSSED, None, False),
        (Stage.REFUSED, Cue.CROSSED, None, True),
        (Stage.CROSSING, Cue.FOUND_GONE_ARM_UP, BEFORE, False),
        (Stage.BEHIND, Cue.GONE_WITH_FIRST, None, False),
    ],
)
def test_a_passage_was_observed_where_somebody_saw_it(stage, cue, entered_at, observed):
    _, record, _ = ended(replace(PASSAGE, entered_at=entered_at), stage, cue)
    assert record["observed"] is observed


@pytest.mark.parametrize("track", ["t1", ""])
def test_one_whom_no_camera_named_was_counted_alone(track):
    lane, _, _ = ended(replace(PASSAGE, track=track))
    assert lane.counted_at == (None if track else a_context().now.mono)


@pytest.mark.parametrize(("view", "named"), [(a_plate_view(T1), T1), (None, "")])
def test_the_journey_of_a_plate_is_remembered_where_one_may_be_named(view, named):
    _, _, effects = ended(replace(PASSAGE, view=view))
    assert effects == ([Remember((named,), "export")] if named else [])


@pytest.mark.parametrize(
    ("stage", "perhaps", "decision", "outcome", "ends_as"),
    [
        (Stage.CROSSING, Outcome.RESUMED, YES, Outcome.ADMITTED, Outcome.RESUMED),
        (Stage.CROSSING, Outcome.RESUMED, YES, Outcome.REVERSED_OUT, Outcome.RESUMED),
        (Stage.CROSSING, Outcome.RESUMED, YES, Outcome.TAILGATED, Outcome.TAILGATED),
        (Stage.CROSSING, Outcome.RESUMED, NO, Outcome.ADMITTED, Outcome.ADMITTED),
        (Stage.CROSSING, Outcome.RESUMED, None, Outcome.ADMITTED, Outcome.ADMITTED),
        (Stage.CROSSING, None, YES, Outcome.ADMITTED, Outcome.ADMITTED),
        (Stage.ADMITTED, Outcome.RESUMED, YES, Outcome.ADMITTED, Outcome.ADMITTED),
    ],
)
@pytest.mark.parametrize("action", [LaneAction.COMPLETE, LaneAction.ABANDON])
def test_of_an_admitted_one_who_was_found_under_the_arm_nobody_knows_whether_it_was_he(
    stage, perhaps, decision, outcome, ends_as, action
):
    passage = replace(PASSAGE, perhaps=perhaps, decision=decision, entered_at=BEFORE)
    _, record, _ = ended(passage, stage, Cue.CROSSED, outcome, action)
    assert record["outcome"] == ends_as


@pytest.mark.parametrize(
    ("cue", "perhaps", "plate", "ends_as"),
    [
        (Cue.GONE_UNSEEN, None, T1, Outcome.ADMITTED),
        (Cue.GONE_UNSEEN, Outcome.RESUMED, T1, Outcome.RESUMED),
        (Cue.SWAPPED_UNSEEN, Outcome.TAILGATED, T1, Outcome.TAILGATED),
        (Cue.CROSSED, None, "", Outcome.ADMITTED),
    ],
)
def test_who_is_gone_unseen_was_the_first_and_what_was_seen_since_is_not_his(
    cue, perhaps, plate, ends_as
):
    passage = replace(ANOTHER, perhaps=perhaps, version=7)
    _, record, _ = ended(passage, Stage.REREADING, cue)
    assert (record["plate"], record["outcome"]) == (plate, ends_as)
    assert record["version"] == 7


def test_who_stands_in_the_place_of_one_close_behind_ends_as_that_one_did():
    passage = replace(PASSAGE, perhaps=Outcome.TAILGATED)
    _, record, _ = ended(passage, Stage.REFUSED, Cue.SWAPPED_UNSEEN)
    assert record["outcome"] == Outcome.TAILGATED


@pytest.mark.parametrize(
    ("first", "second", "perhaps", "by_the_first", "by_the_second"),
    [
        (YES, NO, Outcome.RESUMED, ["A1"], []),
        (YES, None, Outcome.RESUMED, ["A1"], []),
        (YES, OTHER, Outcome.RESUMED, ["A1"], ["A2"]),
        (YES, YES, Outcome.RESUMED, ["A1"], []),
        (NO, None, Outcome.RESUMED, [], []),
        (None, None, Outcome.RESUMED, [], []),
        (replace(YES, assignment=""), None, Outcome.RESUMED, [], []),
        (YES, None, None, [], []),
    ],
)
@pytest.mark.parametrize("admitted", [False, True])
def test_where_another_may_have_passed_before_what_the_first_was_admitted_on_is_used_once(
    first, second, perhaps, by_the_first, by_the_second, admitted
):
    earlier = replace(PASSAGE, decision=first)
    passage = replace(ANOTHER, perhaps=perhaps, decision=second, earlier=earlier)
    cell = Cell(Stage.EMPTY, (LaneAction.COMPLETE, *([LaneAction.SPEND] if admitted else [])))
    lane = Lane("out1", Stage.CROSSING_UNADMITTED, passage)
    _, effects = carry_out(lane, cell, Sign(Cue.CROSSED, of=passage), a_context())
    spent = [effect.assignment for effect in effects if isinstance(effect, Spend)]
    assert spent == by_the_first + (by_the_second if admitted else [])


@pytest.mark.parametrize(
    ("passage", "cue", "spent"),
    [
        (PASSAGE, Cue.CROSSED, ["A1"]),
        (replace(PASSAGE, decision=NO), Cue.CROSSED, []),
        (replace(PASSAGE, decision=None), Cue.CROSSED, []),
        (replace(PASSAGE, decision=replace(YES, assignment="")), Cue.CROSSED, []),
        (ANOTHER, Cue.GONE_UNSEEN, ["A1"]),
        (None, Cue.CROSSED, []),
    ],
)
def test_only_what_somebody_was_admitted_on_is_used(passage, cue, spent):
    cell = Cell(Stage.EMPTY, (LaneAction.SPEND,))
    _, effects = carry_out(Lane("out1"), cell, Sign(cue, of=passage), a_context())
    assert effects == [Spend(assignment) for assignment in spent]


@pytest.mark.parametrize(
    ("passage", "cue", "plate"),
    [
        (ANOTHER, Cue.SWAPPED, T1),
        (replace(ANOTHER, view=a_plate_view(T2)), Cue.SWAPPED, T2),
        (ANOTHER, Cue.LEFT, ""),
        (replace(ANOTHER, earlier=None), Cue.SWAPPED, ""),
    ],
)
def test_in_whose_place_another_is_shown_to_stand_leaves_as_himself(passage, cue, plate):
    passage = replace(passage, version=7)
    lane, record, _ = ended(passage, Stage.REREADING, cue, Outcome.SWAPPED, LaneAction.ABANDON)
    assert (record["plate"], record["version"]) == (plate, 7)
    assert lane.passage is None


OTHERS = {
    "t1": a_track("t1"),
    "rear": a_track("rear", "30A99999", camera="rear"),
    "trailer": a_track("trailer", REAR),
    "next": a_track("next", T2),
    "unsure": a_track("unsure", REAR, accepted=False),
    "unread": a_track("unread"),
}


@pytest.mark.parametrize(
    ("track", "view", "served"),
    [
        ("t1", a_plate_view(T1), {"t1": T1, "rear": "30A99999", "trailer": REAR}),
        ("t1", None, {"t1": "", "rear": "30A99999", "trailer": REAR}),
        ("gone", None, {"rear": "30A99999", "trailer": REAR}),
        ("", None, {"trailer": REAR}),
    ],
)
def test_who_has_passed_is_looked_for_no_more_nor_his_trailer_nor_his_other_end(
    track, view, served
):
    passage = replace(PASSAGE, track=track, view=view, trailers=(a_plate_view(REAR),))
    before = (("next", "old"), ("lost", "old"))
    lane, _, _ = ended(passage, tracks=OTHERS, served=before)
    assert dict(lane.served) == {"next": "old", **served}
    assert lane.passage is None


@pytest.mark.parametrize(
    ("passage", "cue", "taken_back"),
    [
        (PASSAGE, Cue.CHANGED, True),
        (PASSAGE, Cue.ENTERED_UNADMITTED, False),
        (replace(PASSAGE, id="p2"), Cue.CHANGED, False),
    ],
)
def test_an_admission_is_taken_back_from_the_passage_that_had_it(passage, cue, taken_back):
    lane = Lane("out1", Stage.ADMITTED, passage)
    cell = Cell(Stage.DOUBTED, (LaneAction.REVOKE,))
    lane, effects = carry_out(lane, cell, Sign(cue, of=PASSAGE), a_context())
    assert effects == [Revoke("p1")]
    assert lane.passage.taken_back is taken_back


def test_where_nobody_was_admitted_nothing_is_taken_back():
    cell = Cell(Stage.DOUBTED, (LaneAction.REVOKE,))
    lane = Lane("out1", Stage.REFUSED, PASSAGE)
    assert carry_out(lane, cell, Sign(Cue.CHANGED), a_context())[1] == []
    gone = replace(lane, passage=None)
    assert carry_out(gone, cell, Sign(Cue.CHANGED, of=PASSAGE), a_context())[1] == [Revoke("p1")]


def test_who_is_admitted_anew_has_his_admission_again():
    lane = Lane("out1", Stage.REFERRED, replace(PASSAGE, taken_back=True))
    cell = Cell(Stage.ADMITTED, (LaneAction.AUTHORISE,))
    lane, _ = carry_out(lane, cell, Sign(Cue.ALLOWED, YES), a_context())
    assert lane.passage.taken_back is False


@pytest.mark.parametrize("noticed", [True, False])
def test_who_is_read_behind_was_noticed_when_the_first_was(noticed):
    track = a_track("t9", T2)
    lane = Lane("out1", Stage.CROSSING, PASSAGE, tracks={"t9": track}, followed_at=BEFORE)
    if noticed:
        lane = replace(lane, follower=a_track("t8", T2))
    cell = Cell(Stage.CROSSING_FOLLOWED, (LaneAction.FOLLOW,))
    after, _ = carry_out(lane, cell, Sign(Cue.FOLLOWED), a_context())
    assert after.follower == track
    assert after.followed_at == (BEFORE if noticed else NOON)


@pytest.mark.parametrize(
    ("stage", "actions", "cue", "why", "entered", "perhaps"),
    [
        (Stage.ADMITTED, (), Cue.ENTERED, "", True, None),
        (Stage.RESUMING_ADMITTED, (), Cue.FOUND_UNDER_ARM, "", False, Outcome.RESUMED),
        (Stage.RESUMING_EMPTY, (LaneAction.BEGIN,), Cue.ENTERED_UNADMITTED, "", True, None),
        (Stage.ADMITTED, (), Cue.ENTERED_UNFELT, "entry_timeout", False, Outcome.RESUMED),
    ],
)
def test_when_he_came_under_the_arm_is_noted_where_that_was_seen(
    stage, actions, cue, why, entered, perhaps
):
    cell = Cell(Stage.CROSSING, (*actions, LaneAction.ENTER))
    lane = Lane("out1", stage, PASSAGE, follower=a_track("t9", T2))
    lane, _ = carry_out(lane, cell, Sign(cue, why=why), a_context())
    assert lane.passage.entered_at == (NOON if entered else None)
    assert lane.passage.perhaps is perhaps
    assert lane.found is (cue in (Cue.FOUND_UNDER_ARM, Cue.ENTERED_UNFELT))
    assert lane.follower is None


@pytest.mark.parametrize(("read_again", "perhaps"), [(False, Outcome.RESUMED), (True, None)])
def test_who_drives_under_the_arm_is_he_where_he_was_surely_read_again(read_again, perhaps):
    passage = replace(ANOTHER, perhaps=Outcome.RESUMED)
    if read_again:
        passage = replace(passage, view=a_plate_view(T1))
    lane = Lane("out1", Stage.LET_IN, passage)
    cell = Cell(Stage.CROSSING, (LaneAction.ENTER,))
    lane, _ = carry_out(lane, cell, Sign(Cue.ENTERED), a_context())
    assert (lane.passage.entered_at, lane.passage.perhaps) == (NOON, perhaps)
