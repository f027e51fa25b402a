"""25 faults planted by somebody who had read edge/ and no scenario. Each is caught by the scenario
that is about it; most of those were written because of them. The three that no scenario shows stand
in docs/testing.md, with the reason."""

import pytest

from tests.support.planted import Planted, a_copy, failed

IN_VIRTUAL_TIME = (
    Planted("a second lane takes the same assignment", "gate/lanes.py",
            "return (spent | {lane.passing_on for lane in others}) - {\"\"}",
            "return spent - {\"\"}", ("a_copy_in_the_other_lane_at_the_same_time",)),
    Planted("an entry timeout is taken for gone", "lane/from_facts.py",
            "if context.policy.needs_loop and not lane.present and not stays(lane):",
            "if not stays(lane):", ("does_not_move_and_is_asked_about",)),
    Planted("in the picture is at the line", "lane/presence.py",
            "return any(track.at_barrier for name, track in lane.tracks.items() if name in own)",
            "return any(name in own for name in lane.tracks)",
            ("let_in_and_already_on_the_way_back",)),
    Planted("who has turned back keeps his admission", "lane/cells.py",
            "_C.LEFT: Cell(_S.EMPTY, (_D.ABANDON, _D.REVOKE), _O.TURNED_BACK),",
            "_C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,), _O.TURNED_BACK),",
            ("the_next_does_not_get_in_on_one_who_turned_back",)),
    Planted("red and down at once", "barrier/core/motion.py",
            "    since = now if b.clear_since is not None else None\n"
            "    return Step(replace(b, green=green, clear_since=since), (Light(green),))",
            "    return Step(replace(b, green=green), (Light(green),))",
            ("starts_on_the_last_green",)),
    Planted("time ends a passage on the entry loop", "barrier/core/evidence.py",
            "    if kept or c.exit is Exit.ON or", "    if c.exit is Exit.ON or",
            ("drawbar_stops_half_way_without_an_exit_loop",)),
    Planted("an authorisation lasts until the arm is down", "barrier/core/crossing.py",
            "claim=replace(b.claim, authorisation=None, used=spent, close_wish=CloseWish.NO),",
            "claim=replace(b.claim, used=spent, close_wish=CloseWish.NO),", ("tailgater",)),
    Planted("half a vehicle over the line is one", "gate/lanes.py",
            "if fact.line == ARM and fact.whole and fresh:",
            "if fact.line == ARM and fresh:", ("a_line_under_the_arm",)),
    Planted("one camera that sees clears the alarm of another", "gate/gate.py",
            "        if not failed:\n"
            "            self._alarms.clear_alarm(AlarmCode.CAMERA, fact.lane)",
            "        if fact.ok:\n"
            "            self._alarms.clear_alarm(AlarmCode.CAMERA, fact.lane)",
            ("one_of_two_cameras_comes_back",)),
    Planted("a new connection goes on where sending ended", "sync/customs/delivery.py",
            "self._sent = self._began = self._pace()",
            "self._sent = self._began = self._positions.given",
            ("the_broker_falls_with_what_was_under_way",)),
    Planted("the same revision gives a used one out again", "sync/platform/spent.py",
            "if revision is None or revision <= spent[id]:",
            "if revision is None or revision < spent[id]:", ("the_platform_restarts",)),
    Planted("a whole list removes nothing", "sync/platform/assignment_cache.py",
            "into = Listed(self._spent.revisions) if answer.full else self.current",
            "into = self.current", ("the_platform_restarts",)),
    Planted("an order never expires", "sync/customs/envelope.py",
            "if envelope.expires_at <= now or envelope.expires_at <= envelope.issued_at:",
            "if envelope.expires_at <= envelope.issued_at:", ("a_command_that_comes_too_late",)),
    Planted("an order is for whoever stands there", "gate/operations.py",
            "        if changed_meanwhile(self._gate.lanes[lane], seen, wanted):\n"
            "            raise Unanswered(CHANGED_MEANWHILE)\n", "",
            ("an_order_for_one_who_has_left",)),
    Planted("a stop is recorded first", "gate/operations.py",
            "        if wanted is not Action.STOP:\n            self._audit.first(lane, data)\n",
            "        self._audit.first(lane, data)\n", ("a_stop_while_the_disk_is_read_only",)),
    Planted("one person is two", "gate/referrals.py",
            "        if referral.first_by == word.user and agrees:\n"
            "            raise Unanswered(cause(\"refused.second_person\"))\n"
            "        stands = word.who_may is None or referral.first_by in word.who_may\n"
            "        return bool(referral.first_by) and referral.first_by != word.user and agrees "
            "and stands",
            "        stands = word.who_may is None or referral.first_by in word.who_may\n"
            "        return bool(referral.first_by) and agrees and stands", ("two_people_admit",)),
    Planted("done before the arm moves", "gate/settling.py",
            "return DONE if arm in RISING else None", "return DONE",
            ("let_in_where_the_arm_is_locked",)),
)  # fmt: skip

IN_REAL_TIME = (
    Planted("acknowledged before it is handed over", "sync/platform/passage_queue.py",
            "        if ours and passage.sequence not in self._parked:\n",
            "        self._outbox.acknowledge(PLATFORM, passage.sequence)\n"
            "        if ours and passage.sequence not in self._parked:\n", ("platform-outage",)),
)  # fmt: skip
"""Between camera and lane, and between platform and gate, where virtual time has the product's own
neither before nor behind."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return a_copy(tmp_path_factory.mktemp("planted"))


@pytest.mark.long
@pytest.mark.parametrize("mistake", IN_VIRTUAL_TIME, ids=lambda mistake: mistake.name)
def test_a_mistake_of_a_stranger_is_caught(copy, mistake):
    assert failed(copy, mistake, "--fast") == set(mistake.caught_by)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mistake", IN_REAL_TIME, ids=lambda mistake: mistake.name)
def test_a_mistake_of_a_stranger_before_or_behind_the_lane_is_caught_in_real_time(copy, mistake):
    assert failed(copy, mistake) == set(mistake.caught_by)
