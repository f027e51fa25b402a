"""A vehicle in the wrong lane: sign, console, customs and platform are told the right one."""

from contextlib import closing

import pytest

from edge.console.metrics import render
from edge.console.snapshot import guidance_json, waiting_first
from edge.domain.facts import QueueChanged
from edge.gate.monitors.guidance import GuidanceMonitor
from edge.gate.monitors.lane_states import LaneStates
from tests.support.governed_gate import GovernedGate


@pytest.fixture
def place(tmp_path):
    with closing(
        GovernedGate(tmp_path, more_lanes={"out2": "Làn xuất 2", "out3": "Làn xuất 3"})
    ) as made:
        yield made


def in_the_wrong_lane(place, lanes=("out2",)):
    place.assignment(lanes=list(lanes))
    place.comes()
    assert place.lane.reason == "wrong_lane"


def line(place, language="vi"):
    return place.shell.views.line("out1", language)


def test_the_sign_names_the_plate_and_the_lane_in_the_drivers_language(place):
    in_the_wrong_lane(place)
    assert line(place) == "24C12345 SANG LÀN XUẤT 2"
    assert line(place, "en") == "24C12345 GO TO LÀN XUẤT 2"
    assert line(place, "zh") == "24C12345 请到LÀN XUẤT 2"


def test_the_console_and_customs_are_told_the_same(place):
    in_the_wrong_lane(place)
    guided = place.lane.guidance
    assert (guided.to, guided.name) == ("out2", "Làn xuất 2")
    published = {}
    LaneStates(place.operations.view, published.__setitem__).check()
    assert published["out1"]["guided_to"] == "out2"
    figures = guidance_json(place.operations.view())
    (here,) = [one for one in figures["lanes"] if one["lane"] == "out1"]
    assert here["guided"] == {"to": "out2", "name": "Làn xuất 2"}


def test_of_several_it_is_the_open_one_with_the_shortest_queue(place):
    place.report(QueueChanged("out2", 4), QueueChanged("out3", 1))
    in_the_wrong_lane(place, ("out2", "out3"))
    assert place.lane.guidance.to == "out3"
    place.operations.set_mode("out3", "closed", "storm", "lan")
    place.tick()
    assert place.lane.guidance.to == "out2"
    assert guidance_json(place.operations.view())["balance"] == []
    place.operations.set_mode("out3", "automatic", "over", "lan")
    (balance,) = guidance_json(place.operations.view())["balance"]
    assert (balance["fullest"], balance["emptiest"], balance["apart"]) == ("out2", "out3", 3)
    figures = render(place.operations).decode()
    assert 'gate_queue_apart{direction="export"} 3.0' in figures
    assert 'gate_lane_guided{lane="out1"} 1.0' in figures
    assert 'gate_lane_guided{lane="out2"} 0.0' in figures


def test_who_is_sent_to_a_lane_stays_sent_there_while_it_is_open(place):
    """A driver who has read one lane does not find another when a queue changes."""
    place.report(QueueChanged("out2", 2), QueueChanged("out3", 1))
    in_the_wrong_lane(place, ("out2", "out3"))
    assert place.lane.guidance.to == "out3"
    place.report(QueueChanged("out3", 4))
    place.tick()
    assert place.lane.guidance.to == "out3"


def test_the_record_says_where_it_was_sent(place):
    in_the_wrong_lane(place)
    (decided,) = place.events("passage.decided")
    assert (decided["reason"], decided["guided_to"]) == ("wrong_lane", "out2")
    place.again()
    place.comes()
    place.leaves()
    (ended,) = place.events("passage.abandoned")
    assert ended["guided_to"] == "out2"


def test_another_lane_is_another_word_of_the_gate(place):
    in_the_wrong_lane(place, ("out2", "out3"))
    place.operations.set_mode("out2", "closed", "storm", "lan")
    place.tick()
    place.tick()
    place.operations.set_mode("out3", "closed", "storm", "lan")
    place.tick()
    told = place.events("passage.decided")
    assert [one["guided_to"] for one in told] == ["out2", "out3", ""]
    assert len({(one["passage"], one["reason"]) for one in told}) == 1


def test_who_is_let_in_all_the_same_is_sent_nowhere(place):
    in_the_wrong_lane(place)
    place.admit("an")
    assert place.lane.guidance is None
    assert [one["guided_to"] for one in place.events("passage.decided")] == ["out2", ""]


def test_whom_a_person_turns_away_is_still_sent_to_his_lane(place):
    in_the_wrong_lane(place)
    place.admit("an", admit=False)
    assert place.lane.guidance.to == "out2"
    place.tick()
    place.leaves()
    (ended,) = place.events("passage.abandoned")
    assert (ended["reason"], ended["guided_to"]) == ("rejected", "out2")


def test_beside_another_controller_nobody_is_sent_anywhere(place):
    """Its sign is not ours, and no driver has read the lane."""
    place.set("shadow")
    in_the_wrong_lane(place)
    assert place.lane.guidance is None
    told, published = [], {}
    GuidanceMonitor(place.operations.view, lambda *what: told.append(what)).check()
    LaneStates(place.operations.view, published.__setitem__).check()
    assert (told, published["out1"]["guided_to"]) == ([], "")
    assert [one["guided_to"] for one in place.events("passage.decided")] == [""]


def test_from_a_closed_lane_it_is_sent_to_another_of_its_own(place):
    place.assignment(lanes=["out1", "out2"])
    place.set("closed")
    assert line(place) == "LÀN ĐÓNG"
    place.comes()
    assert place.lane.reason == "lane_closed"
    assert line(place) == "24C12345 SANG LÀN XUẤT 2"


@pytest.mark.parametrize("state", ["used", "cancelled", "held"])
def test_from_a_closed_lane_nobody_is_sent_where_he_may_not_pass_either(place, state):
    place.assignment(lanes=["out1", "out2"], state=state)
    place.set("closed")
    place.comes()
    assert place.lane.reason == "lane_closed"
    assert (place.lane.guidance, line(place)) == (None, "LÀN ĐÓNG")


def test_who_may_pass_here_is_sent_nowhere(place):
    place.comes()
    assert place.lane.guidance is None


def test_the_platform_is_told_once_and_anew_where_the_lane_changes(place):
    told = []
    monitor = GuidanceMonitor(place.operations.view, lambda *what: told.append(what))
    in_the_wrong_lane(place, ("out2", "out3"))
    monitor.check()
    monitor.check()
    assert len(told) == 1
    lane, key, body = told[0]
    assert (lane, body["to"], body["plate"], body["assignment"]) == (
        "out1",
        "out2",
        "24C12345",
        "A1",
    )
    assert key == f"{place.lane.passage}:out2"
    place.operations.set_mode("out2", "closed", "storm", "lan")
    place.tick()
    monitor.check()
    assert told[1][2]["to"] == "out3"
    place.leaves()
    monitor.check()
    assert len(told) == 2


def test_the_desk_has_what_was_passed_on_first_then_priority_goods(place):
    place.assignment(lanes=["out2"], priority=5)
    place.comes("29C99999", "out3")
    place.comes("24C12345", "out1")
    listed = [lane.lane for lane in waiting_first(place.operations.view())]
    assert listed == ["out1", "out3"]
    view = place.operations.view()
    (third,) = [lane for lane in view.lanes if lane.lane == "out3"]
    place.operations.escalate("out3", third.passage, "papers", "an")
    assert [lane.lane for lane in waiting_first(place.operations.view())] == ["out3", "out1"]
