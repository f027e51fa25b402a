"""What notices a mistake: the tests of single rules, and the invariants on states of the walks."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from edge.barrier.core import (
    contacts,
    crossing,
    evidence,
    motion,
    outage,
    outputs,
    requests,
    sensing,
    signals,
    slipping,
    standing,
)
from tests.barrier.core import (
    test_crossing,
    test_foreign_world,
    test_found_up,
    test_fronts,
    test_motion,
    test_outage,
    test_outputs,
    test_requests,
    test_rules,
    test_safety,
    test_second_world,
    test_sensing,
    test_slipping,
    test_standing,
    test_travel,
    test_warning,
)
from tests.support.barrier import mutants
from tests.support.barrier.explorer import canonical, steps
from tests.support.barrier.invariants import ALL
from tests.support.barrier.wirings import WIRINGS

JUDGED = (
    outage,
    evidence,
    crossing,
    slipping,
    motion,
    requests,
    outputs,
    contacts,
    signals,
    sensing,
    standing,
)

RULES = (test_crossing, test_foreign_world, test_found_up, test_fronts, test_motion, test_outage,
         test_outputs, test_requests, test_rules, test_safety, test_second_world, test_sensing,
         test_slipping, test_standing, test_travel, test_warning)  # fmt: skip

ONWARD = 5
"""So many steps are taken from each state."""

FAILED = (Exception, pytest.fail.Exception)


@dataclass(frozen=True)
class Rule:
    """A test of a single rule with one of its cases. `lines`: (file, line) of the judged modules
    that it runs."""

    name: str
    test: Callable
    lines: frozenset
    seconds: float


class RulesAlone:
    """The tests of single rules; those that noticed something before are asked first."""

    def __init__(self):
        self.rules = sorted(rules(), key=lambda rule: rule.seconds)

    def notices(self, mutant):
        """What notices the mutant that is planted now, or ""."""
        for rule in [r for r in self.rules if r.lines & mutant.lines]:
            try:
                rule.test()
            except FAILED as error:
                self.rules.remove(rule)
                self.rules.insert(0, rule)
                return f"{rule.name}: {type(error).__name__}"
        return ""


class Judge(RulesAlone):
    """Those, and the invariants, state by state."""

    def __init__(self, walks):
        super().__init__()
        self.walks = walks
        self.sharp = []
        asking = [
            (w, node)
            for w in WIRINGS
            for states in walks[w.name].asking.values()
            for node in states
        ]
        kept = [(w, node) for w in WIRINGS for node in walks[w.name].kept]
        random.Random(7).shuffle(asking)
        self.near = list(dict.fromkeys((w.name, id(node)) for w, node in asking))
        self.states = {(w.name, id(node)): (w, node) for w, node in [*asking, *kept]}
        self.far = list(dict.fromkeys((w.name, id(node)) for w, node in kept))

    def notices(self, mutant):
        return super().notices(mutant) or self._by_states()

    def notices_cell(self, cell):
        """The same for a cell of the table that is spoiled now."""
        found = [(w, n) for w in WIRINGS for n in self.walks[w.name].asking.get(cell, ())]
        states = self._by([(w.name, id(n)) for w, n in found], 1) or self._by_states()
        return states or self._by_any_rule()

    def _by_any_rule(self):
        """No walk may come to a cell in such a way that it matters; a rule of its own then does."""
        for rule in self.rules:
            try:
                rule.test()
            except FAILED as error:
                return f"{rule.name}: {type(error).__name__}"
        return ""

    def _by_states(self):
        return self._by(self.sharp, 2) or self._by(self.near, 1) or self._by(self.far, ONWARD)

    def _by(self, names, onward):
        for name in names:
            wiring, node = self.states[name]
            try:
                why = breaks(wiring, node, onward)
            except Exception as error:
                why = f"raises {type(error).__name__}"
            if why:
                if name not in self.sharp and names is not self.sharp:
                    self.sharp.insert(0, name)
                return why
        return ""


def name_of(module):
    return module.__name__.rsplit(".")[-1]


def unnoticed_of(judge, module, every=1):
    """What may be left out of that module, by what the judge notices. `every`: so many mistakes are
    passed over for one that is tried; which ones changes with the module's length."""
    unnoticed, planted = set(), list(mutants.of(module))
    for mutant in planted[len(planted) % every :: every]:
        with mutants.planted(mutant):
            if not judge.notices(mutant):
                unnoticed.add(f"{mutant.what}, line {mutant.line}")
    return unnoticed


def breaks(wiring, node, onward):
    """The invariant that breaks on a step from this state or a little later, or ""."""
    rng = random.Random(7)
    for _ in range(onward):
        nexts = list(steps(wiring, node))
        for seen in nexts:
            for name, holds in ALL.items():
                if not holds(seen):
                    return name
        chosen = rng.choice(nexts)
        node = canonical(chosen.after, chosen.now, wiring.reversals)
    return ""


def rules():
    """Every test of single rules that draws nothing at random, in each of its cases."""
    found = []
    for module in RULES:
        for name, test in vars(module).items():
            if name.startswith("test_") and not hasattr(test, "hypothesis"):
                found += [seen(name, partial(test, **case)) for case in cases(test)]
    return found


def cases(test):
    found = [{}]
    for mark in getattr(test, "pytestmark", ()):
        if mark.name == "parametrize":
            names, values = mark.args
            names = [names] if isinstance(names, str) else names
            each = [v if len(names) > 1 else [v] for v in values]
            found = [{**f, **dict(zip(names, v, strict=True))} for f in found for v in each]
    return found


def seen(name, test):
    """The rule, run once to see where it leads and how long it takes."""
    files = {module.__file__ for module in JUDGED}
    lines = set()

    def line(frame, event, arg):
        lines.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    def call(frame, event, arg):
        return line if frame.f_code.co_filename in files else None

    before, began = sys.gettrace(), time.process_time()
    sys.settrace(call)
    try:
        test()
    finally:
        sys.settrace(before)
    return Rule(name, test, frozenset(lines), time.process_time() - began)
