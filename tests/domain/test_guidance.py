"""Which lane a vehicle is sent to."""

from edge.domain.guidance import Balance, OpenLane, balances, right_lane, sent_elsewhere
from edge.domain.reason import Decision, Reason, Verdict

LANES = {
    "out2": OpenLane("export", 3),
    "out3": OpenLane("export", 1),
    "out4": OpenLane("export", 1),
    "in1": OpenLane("import", 0),
}


def test_it_is_the_open_lane_of_its_assignment_with_the_shortest_queue():
    assert right_lane("out1", "export", ("out2", "out3", "out4"), LANES) == "out3"
    assert right_lane("out1", "export", ("out2",), LANES) == "out2"


def test_one_that_was_told_before_stays_while_it_is_open():
    assert right_lane("out1", "export", ("out2", "out3"), LANES, "out2") == "out2"
    assert right_lane("out1", "export", ("out3", "out4"), LANES, "out2") == "out3"


def test_it_is_never_where_it_stands_nor_a_closed_lane_nor_the_other_direction():
    assert right_lane("out3", "export", ("out3", "out2"), LANES) == "out2"
    assert right_lane("out1", "export", ("out9", "in1"), LANES) == ""
    assert right_lane("out1", "export", (), LANES) == ""


def test_only_what_another_lane_settles_is_sent_there():
    wrong = Decision(Verdict.REFUSE, Reason.WRONG_LANE, "A1", row="wrong_lane")
    assert sent_elsewhere(wrong)
    assert sent_elsewhere(Decision(Verdict.REFER, Reason.WRONG_LANE, "A1", row="wrong_lane"))
    assert sent_elsewhere(Decision(Verdict.REFUSE, Reason.LANE_CLOSED, "A1", row="assigned"))
    assert not sent_elsewhere(Decision(Verdict.REFUSE, Reason.HELD, "A1", row="held"))
    for row in ("already_used", "cancelled", "clearance_refused", "expired", "wrong_direction"):
        closed = Decision(Verdict.REFUSE, Reason.LANE_CLOSED, "A1", row=row)
        assert not sent_elsewhere(closed), row
    for row in ("wrong_lane", "watch_list", "unread"):
        assert sent_elsewhere(Decision(Verdict.REFUSE, Reason.LANE_CLOSED, "A1", row=row)), row
    assert not sent_elsewhere(Decision(Verdict.ALLOW, Reason.FREE_FLOW, "", row="wrong_lane"))


def test_the_balance_is_of_each_direction_with_several_counted_lanes():
    assert balances(LANES) == [Balance("export", "out2", "out3", 2)]
    assert balances({"out1": OpenLane("export"), "out2": OpenLane("export", 5)}) == []
