"""A person confirms where a camera looks: recorded first, then learned anew."""

import pytest

from edge.domain.events import OPERATOR_ACTED
from edge.gate.audit import Audit
from edge.gate.camera_views import CameraViews
from edge.gate.local_commands import LocalCommands
from edge.gate.port import Unanswered
from edge.sync.journal.port import Unrecorded
from edge.system.clock import ManualClock


class Place:
    """What happened, in its order; `full`: the journal takes nothing."""

    def __init__(self):
        self.done, self.full = [], False
        self.views = CameraViews({"out1"}, self, Audit(self.record, ManualClock()))

    def record(self, events, states=None):
        if self.full:
            raise Unrecorded("the disk is full")
        self.done += events

    def confirm(self, lane):
        self.done.append(lane)


@pytest.fixture
def place():
    return Place()


def test_it_is_recorded_who_confirmed_the_view_and_why_and_then_done(place):
    place.views.confirm("out1", "new mast", "nam")
    event, lane = place.done
    assert (event.type, event.lane, lane) == (OPERATOR_ACTED, "out1", "out1")
    assert (event.data["user"], event.data["action"]) == ("nam", "confirm_view")
    assert event.data["reason"] == "new mast"


@pytest.mark.parametrize(("lane", "reason"), [("out9", "x"), ("out1", "x" * 501), ("out1", "\x00")])
def test_what_cannot_be_recorded_is_not_done(place, lane, reason):
    with pytest.raises(Unanswered):
        place.views.confirm(lane, reason, "nam")
    assert place.done == []


def test_where_the_journal_takes_nothing_it_is_not_done(place):
    place.full = True
    with pytest.raises(Unanswered, match="not recorded"):
        place.views.confirm("out1", "new mast", "nam")
    assert place.done == []


def test_the_command_of_this_computer_asks_for_it(place):
    commands = LocalCommands(None, None, (), None, place.views.confirm)
    question = {"do": "confirm", "lane": "out1", "reason": "new mast", "user": "nam"}
    assert commands.answer(question) == {}
    assert place.done[-1] == "out1"
    assert "error" in commands.answer({**question, "lane": "out9"})
