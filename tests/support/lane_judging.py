"""What notices a mistake in the lane: its tests of single rules, and the cases of the decision."""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from functools import partial
from itertools import product

import pytest

from edge.domain import conditions, decision, decision_rows, question
from edge.lane import (
    actions,
    cues,
    failure,
    from_facts,
    identity,
    outcomes,
    passages,
    presence,
    rules,
    seen,
    snapshot,
    telling,
)
from tests.domain import test_decision, test_ruling
from tests.lane import (
    test_actions,
    test_begun,
    test_cues,
    test_decided,
    test_doubtful_plates,
    test_ended,
    test_failure,
    test_faults,
    test_half_way,
    test_identity,
    test_let_in_unfelt,
    test_loop_and_camera,
    test_passages,
    test_passed_perhaps,
    test_picture_from_before,
    test_presence,
    test_records,
    test_restart_under_the_arm,
    test_rules,
    test_seen,
    test_sensed,
    test_silent_sensors,
    test_snapshot,
    test_stored_state,
    test_table,
    test_taken_back,
    test_telling,
    test_timed_out_unseen,
    test_tractor_and_trailer,
    test_trailer_unread,
    test_two_cameras,
    test_unread,
    test_waits_for_better,
    test_whose_times_and_plates,
)
from tests.support.decision_cases import cases as decided_cases
from tests.support.lane_walk import INVARIANTS, WIRINGS, walk

DECIDING = (decision, decision_rows, conditions, question)
JUDGED = (*DECIDING, identity, outcomes, rules, snapshot, failure, from_facts, cues, presence, seen,
          actions, telling, passages)  # fmt: skip

RULES = (test_actions, test_cues, test_identity, test_faults, test_rules, test_tractor_and_trailer,
         test_records, test_table, test_snapshot, test_stored_state, test_decision,
         test_doubtful_plates, test_restart_under_the_arm, test_whose_times_and_plates,
         test_silent_sensors, test_loop_and_camera, test_passed_perhaps, test_presence,
         test_seen, test_half_way, test_let_in_unfelt, test_taken_back, test_timed_out_unseen,
         test_two_cameras, test_trailer_unread, test_unread, test_waits_for_better,
         test_sensed, test_begun, test_decided, test_ended, test_passages, test_telling,
         test_picture_from_before, test_ruling)  # fmt: skip
"""And those of test_failure that need no gate."""

WALKED_WIRINGS = (WIRINGS[0], WIRINGS[6])
WALKED = 120
"""States of each of the wirings that are walked where no single rule notices."""

LONGEST_S = 0.25
"""Of a rule; longer ones try hundreds of cases."""

FAILED = (Exception, pytest.fail.Exception)


class Judge:
    """Asks of each mistake the rules that come by its lines; those that noticed much come first."""

    def __init__(self, walks=True):
        self.walks = walks
        rules = []
        for module in RULES:
            rules += _rules(module, lambda test: True)
        rules += _rules(test_failure, lambda test: "lanes" not in _arguments(test))
        self.rules = [rule for rule in rules if _seconds(rule) < LONGEST_S]
        self.coming_by = defaultdict(set)
        files = {module.__file__ for module in JUDGED}
        for n, rule in enumerate(self.rules):
            for line in _lines(rule, files):
                self.coming_by[line].add(n)
        self.noticed = Counter()
        self.decided = decided_cases()

    def notices(self, mutant):
        """Whether anything does, of the mutant that is planted now."""
        if mutant.module in DECIDING:
            return any(_told_otherwise(case) for case in self.decided) or self._by_rules(mutant)
        return self._by_rules(mutant) or (self.walks and any(map(_walked_into, WALKED_WIRINGS)))

    def _by_rules(self, mutant):
        asked = set().union(*(self.coming_by[line] for line in mutant.lines))
        for n in sorted(asked, key=lambda n: (-self.noticed[n], n)):
            try:
                self.rules[n]()
            except FAILED:
                self.noticed[n] += 1
                return True
        return False


def _lines(rule, files):
    """(file, line) of all that the rule comes by in the files."""
    found = set()

    def in_function(frame, event, arg):
        found.add((frame.f_code.co_filename, frame.f_lineno))
        return in_function

    def begins(frame, event, arg):
        if frame.f_code.co_filename in files:
            return in_function(frame, event, arg)

    before = sys.gettrace()
    sys.settrace(begins)
    try:
        rule()
    finally:
        sys.settrace(before)
    return found


def _seconds(rule):
    began = time.process_time()
    rule()
    return time.process_time() - began


def _rules(module, wanted):
    found = []
    for name, test in vars(module).items():
        if name.startswith("test_") and not hasattr(test, "hypothesis") and wanted(test):
            found += [partial(test, **case) for case in _cases(test)]
    return found


def _cases(test):
    """Every case of its parameters."""
    columns = []
    for mark in [m for m in getattr(test, "pytestmark", ()) if m.name == "parametrize"]:
        names, values = mark.args
        several = not isinstance(names, str)
        columns.append(
            [dict(zip(names, v, strict=True)) if several else {names: v} for v in values]
        )
    made = [{k: v for part in parts for k, v in part.items()} for parts in product(*columns)]
    return [case for case in made if set(case) == _arguments(test)]


def _arguments(test):
    return set(test.__code__.co_varnames[: test.__code__.co_argcount])


def _told_otherwise(case):
    try:
        found = decision.decide(*case.asked())
    except Exception:
        return True
    told = (found.verdict.value, found.reason.value, found.assignment, found.detail)
    return told != case.told


def _walked_into(wiring):
    try:
        return bool(walk(wiring, INVARIANTS, WALKED).broken)
    except Exception:
        return True
