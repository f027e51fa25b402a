"""Hypothesis plays a lane: any order of vehicles, wishes and mishaps, on any bad wire.

The real line, board driver and guard; the same independent monitor as in test_faulty_wires. A
failing play is shrunk to the shortest one.
"""

import logging

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.domain.commands import Action, Order
from tests.support.barrier.memory_wire import EVERY, Site


class LaneMachine(RuleBasedStateMachine):
    @initialize(
        stop=st.booleans(), wire=st.sampled_from(EVERY), travel_s=st.sampled_from([1.2, 2.4])
    )
    def begin(self, stop, wire, travel_s):
        logging.disable(logging.CRITICAL)
        self.site = Site(0, stop=stop, travel_s=travel_s)
        self.site.spoil(wire)
        self.run(20)

    def teardown(self):
        logging.disable(logging.NOTSET)

    @rule(turns=st.integers(1, 60))
    def run(self, turns):
        for _ in range(turns):
            self.site.round()

    @rule(loops=st.fixed_dictionaries({}, optional={
        name: st.booleans() for name in ("entry_loop", "safety_loop", "photocell", "stop")
    }))  # fmt: skip
    def something_stands_or_leaves(self, loops):
        self.site.lane.put(**loops)

    @rule()
    def somebody_is_admitted(self):
        self.site.admit()

    @rule(action=st.sampled_from(list(Action)))
    def somebody_orders(self, action):
        self.site.monitor.wishes += 1
        self.site.guard.order(Order("o", action, "test", ""))

    @rule(wire=st.sampled_from(EVERY), requests=st.sampled_from([0.0, 0.3, 1.0]))
    def the_wire_changes(self, wire, requests):
        self.site.spoil(wire, requests)

    @rule(seconds=st.floats(0.1, 3.0))
    def the_adapter_is_unplugged(self, seconds):
        self.site.unplug(seconds)

    @rule(seconds=st.floats(0.1, 5.0))
    def the_computer_stands_still(self, seconds):
        self.site.stand_still(seconds)

    @rule(stuck=st.booleans())
    def the_arm_sticks_or_moves_again(self, stuck):
        self.site.lane.arm.stuck = stuck

    @invariant()
    def nothing_unsafe_was_said(self):
        if hasattr(self, "site"):
            assert self.site.monitor.unsafe == []


LaneMachine.TestCase.settings = settings(
    max_examples=250, stateful_step_count=40, deadline=None, print_blob=False
)
test_no_play_of_a_lane_is_unsafe = LaneMachine.TestCase
