"""Faults planted by a second somebody who had read edge/ and no scenario, and caught in virtual
time: seven of his thirty at once, the others by scenarios that were written because of them. Those
that nothing shows stand in docs/testing.md, with the reason."""

import pytest

from tests.support.planted import Planted, a_copy, failed, run, told

PLANTED = (
    Planted("what a person admits on is not used", "lane/actions.py",
            "    assignment = _granted(_passed(sign.of, sign)) if sign.of else \"\"\n",
            "    ours = sign.of is not None and not sign.of.settled_by_person\n"
            "    assignment = _granted(_passed(sign.of, sign)) if ours and sign.of else \"\"\n",
            ("held_admitted_by_a_person_and_released",)),
    Planted("his own trailer follows him", "lane/identity.py",
            "    texts = {*sure_views(passage), *trailers_beside(passage)} if passage else set()\n",
            "    texts = {*sure_views(passage)} if passage else set()\n",
            ("a_trailer_that_nobody_declared",)),
    Planted("it is over as he drives in", "lane/cues.py",
            "    if enters and decision.reason in BY_THE_CLOCK:\n"
            "        # The guard says so in a moment, and then it comes too late.\n"
            "        return None\n",
            "",
            ("clock_jumps_back_an_hour",)),
    Planted("the gate closes what a person opened", "barrier/core/crossing.py",
            "        opened_by = b.claim.opened_by\n"
            "    else:",
            "        opened_by = by\n"
            "    else:",
            ("what_a_person_opened_stays_open",)),
    Planted("a local stop forgets nothing", "barrier/core/motion.py",
            "    Signal.STOP: Withdrawal.LOCAL_STOP,\n",
            "",
            ("the_local_stop_ends_a_close",)),
    Planted("an ordered close is done later", "barrier/core/motion.py",
            "    if waits and not clear_to_close(b, now):\n",
            "    if waits and not b.input_state.fresh(now, b.limits.fresh_s):\n",
            ("a_close_that_was_disturbed_is_not_done_later",)),
    Planted("it is turned for ever", "barrier/core/motion.py",
            "reversals=min(b.motion.reversals, MOST_REVERSALS) + 1)", "reversals=1)",
            ("something_turns_it_again_and_again",)),
    Planted("up behind one who has reversed out", "barrier/core/crossing.py",
            "    if b.crossing.in_order and b.claim.authorisation is None:\n"
            "        gone = gone.then(lambda b: Step(unclaimed(b)))\n",
            "",
            ("no_arm_stays_up_behind_one_who_reverses_out",)),
    Planted("any line is the arm's", "gate/lanes.py",
            "        if fact.line == ARM and fact.whole and fresh:\n",
            "        if fact.whole and fresh:\n",
            ("a_line_on_the_way_to_the_arm",)),
    Planted("a frozen picture is a picture", "lane/rules.py",
            "                now.mono - fact.unmoved_s,\n",
            "                now.mono,\n",
            ("a_frozen_picture_of_a_rider_who_turned_back",)),
    Planted("given out again before the platform knows", "sync/platform/spent.py",
            "                if self._reported.get(id, math.inf) < asked:\n",
            "                if revision > spent[id]:\n",
            ("changed_before_the_platform_knows_of_his_passage",)),
    Planted("the last answer is the newest", "sync/platform/assignment_cache.py",
            "            if row[2] < ended or (known is not None and row[1] < known):\n",
            "            if row[2] < ended:\n",
            ("an_older_answer_comes_late",)),
    Planted("sent is sent", "sync/customs/delivery.py",
            "            self._sent = self._pace()\n"
            "            with self._lock:\n"
            "                self._refused.clear()\n",
            "            with self._lock:\n"
            "                self._refused.clear()\n",
            ("customs_hears_nothing_for_a_minute",)),
    Planted("one raises the arm where two must admit", "gate/referrals.py",
            "        if self._asks_two(referral):\n"
            "            raise Unanswered(cause(\"refused.two_people\"))\n",
            "",
            ("two_people_admit",)),
    Planted("an operator decides for the supervisor", "gate/referrals.py",
            "        self._not_held(referral, word.user, self._clock.now().wall)\n"
            "        _not_above(referral, word.senior)\n"
            "        if not word.admit",
            "        self._not_held(referral, word.user, self._clock.now().wall)\n"
            "        if not word.admit",
            ("passed_on_to_a_supervisor",)),
    Planted("a command is for whoever stands there", "gate/remote_commands.py",
            "        stale = self._changed(command.lane, command.seen, action)\n",
            "        stale = False\n",
            ("a_command_for_one_who_has_left",)),
    Planted("what is acknowledged is over", "domain/alarms.py",
            "        if found.ends_when_seen:\n"
            "            return self.cleared(code, lane)\n"
            "        seen = replace(found, acknowledged_by=user)\n"
            "        return Alarms(tuple(seen if a is found else a for a in self.standing))\n",
            "        return self.cleared(code, lane)\n",
            ("one_of_two_cameras_comes_back",)),
    Planted("a start forgets who has passed", "gate/journeys.py",
            "            self._last[text] = Journey(str(state[\"direction\"]), at)\n",
            "            self._last.setdefault(text, Journey(str(state[\"direction\"]), at))\n"
            "            self._last = {}\n",
            ("passed_already_before_a_restart",)),
    Planted("the loop's word counts before the guard has named anybody", "lane/cues.py",
            "if context.list_failed or comes_unnamed(lane, context):", "if context.list_failed:",
            ("a_frozen_picture_of_one_who_turned_back",)),
)  # fmt: skip

NO_SENSOR_TELLS = Planted(
    "whoever comes to the entry loop is the next one",
    "barrier/core/crossing.py",
    "    # It may be the rear of the one that is thought to have passed.\n"
    "    b = _clear_from(b, now)\n",
    "",
    ("bare_semi_trailer_without_an_exit_loop",),
)
"""Its scenario is one in which no sensor tells what is the case: failures are counted apart."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return a_copy(tmp_path_factory.mktemp("planted"))


@pytest.mark.long
@pytest.mark.parametrize("mistake", PLANTED, ids=lambda mistake: mistake.name)
def test_a_mistake_of_a_second_stranger_is_caught(copy, mistake):
    assert failed(copy, mistake, "--fast") == set(mistake.caught_by)


@pytest.mark.long
def test_the_arm_begins_to_come_down_on_a_rear_that_is_taken_for_the_next_one(copy):
    turned = "arm_turned is 1, expected at most 0"
    (with_it,) = told(copy, NO_SENSOR_TELLS, "--fast")
    assert turned in with_it["unseen"]
    without = run(copy, "run", *NO_SENSOR_TELLS.caught_by, "--fast", "--json")
    assert turned not in without.stdout
