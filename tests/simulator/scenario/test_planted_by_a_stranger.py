"""25 faults planted by somebody who had read edge/ and no scenario. Each is caught by the scenario
that is about it; most of those were written because of them. Which none shows: docs/testing.md."""

import json

import pytest

from tests.support.planted import Planted, a_copy, heal, plant, run

pytestmark = pytest.mark.long

PLANTED = (
    Planted("a second lane takes the same assignment", "gate/lanes.py",
            "return (spent | {lane.passing_on for lane in others}) - {\"\"}",
            "return spent - {\"\"}", ("a_copy_in_the_other_lane_at_the_same_time",)),
    Planted("an entry timeout is taken for gone", "lane/from_facts.py",
            "if context.policy.needs_loop and not lane.present and not stays(lane):",
            "if not stays(lane):", ("does_not_move_and_is_asked_about",)),
    Planted("who has turned back keeps his admission", "lane/cells.py",
            "_C.LEFT: Cell(_S.EMPTY, (_D.ABANDON, _D.REVOKE), _O.TURNED_BACK),",
            "_C.LEFT: Cell(_S.EMPTY, (_D.ABANDON,), _O.TURNED_BACK),",
            ("the_next_does_not_get_in_on_one_who_turned_back",)),
    Planted("time ends a passage on the entry loop", "barrier/core/evidence.py",
            "if c.entry_kept or c.exit is Exit.ON or", "if c.exit is Exit.ON or",
            ("drawbar_stops_half_way_without_an_exit_loop",)),
    Planted("an authorisation lasts until the arm is down", "barrier/core/crossing.py",
            "claim=replace(b.claim, authorisation=None, used=spent, close_wish=CloseWish.NO),",
            "claim=replace(b.claim, used=spent, close_wish=CloseWish.NO),", ("tailgater",)),
    Planted("an order is for whoever stands there", "gate/operations.py",
            "        if changed_meanwhile(self._gate.lanes[lane], seen, wanted):\n"
            "            raise Unanswered(CHANGED_MEANWHILE)\n", "",
            ("an_order_for_one_who_has_left",)),
    Planted("a stop is recorded first", "gate/operations.py",
            "        if wanted is not Action.STOP:\n            self._audit.first(lane, data)\n",
            "        self._audit.first(lane, data)\n", ("a_stop_while_the_disk_is_read_only",)),
    Planted("done before the arm moves", "gate/settling.py",
            "return DONE if arm in RISING else None", "return DONE",
            ("let_in_where_the_arm_is_locked",)),
)  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return a_copy(tmp_path_factory.mktemp("planted"))


@pytest.mark.parametrize("mistake", PLANTED, ids=lambda mistake: mistake.name)
def test_a_mistake_of_a_stranger_is_caught(copy, mistake):
    plant(copy, mistake)
    try:
        done = run(copy, "run", *mistake.caught_by, "--fast", "--json")
        told = [json.loads(line) for line in done.stdout.splitlines()]
        assert {one["name"] for one in told if not one["passed"]} == set(mistake.caught_by)
    finally:
        heal(copy, mistake)
