"""The permit: fresh whenever the arm comes down by our doing, and gone within a pulse otherwise."""

from itertools import pairwise
from random import Random

from edge.barrier.core.permit import PERMIT, Permit
from edge.barrier.wires.port import Pulse, Set
from edge.domain.commands import Action
from tests.support.barrier.lane_truth import CONFIG
from tests.support.barrier.memory_wire import BYTE_S, Site

GIVE = Pulse(PERMIT, 1.0)


def test_a_closing_pulse_is_preceded_by_a_fresh_permit_and_nothing_else_is():
    permit, first = Permit(1.0).before(Pulse("close", 0.5), 10.0)
    assert first == [GIVE]
    assert permit.given_at == 10.0
    for write in (Pulse("open", 0.5), Pulse("stop", 0.5), Set("close", False)):
        assert Permit(1.0).before(write, 10.0) == (Permit(1.0), [])


def test_without_one_wired_nothing_is_ever_written():
    assert Permit().before(Pulse("close", 0.5), 10.0) == (Permit(), [])
    assert Permit().renewed(True, 99.0) == (Permit(), [])
    assert Permit().ended(False) == (Permit(), [])


def test_it_is_renewed_at_half_its_length_while_the_arm_comes_down():
    permit = Permit(1.0, given_at=10.0)
    assert permit.renewed(True, 10.49) == (permit, [])
    assert permit.renewed(True, 10.5) == (Permit(1.0, 10.5), [GIVE])
    assert permit.renewed(False, 10.5) == (permit, [])


def test_a_permit_that_was_not_given_is_not_renewed():
    """A closing that waits for its dead time has none yet."""
    assert Permit(1.0).renewed(True, 99.0) == (Permit(1.0), [])


def test_it_is_taken_back_once_when_the_arm_is_down_turned_or_halted():
    permit, back = Permit(1.0, given_at=10.0).ended(False)
    assert back == [Set(PERMIT, False)]
    assert permit.ended(False) == (permit, [])
    assert Permit(1.0, 10.0).ended(True) == (Permit(1.0, 10.0), [])


class Permitted(Site):
    """A site with a permit relay, which its arm needs to come down."""

    def __init__(self):
        outputs = {**CONFIG.outputs, "permit": 6}
        super().__init__(1, config=CONFIG.model_copy(update={"outputs": outputs}), travel_s=2.0)
        self.lane.arm.position = 1.0
        self.run_until(lambda: self.guard.status().arm == "open")

    def frames(self):
        """Pulses by the number of their relay, in order, with their times."""
        return [(at, pdu[2]) for at, _, pdu in self.heard if pdu[:2] == b"\x05\x02"]

    def closing(self):
        self.order(Action.CLOSE)
        self.run_until(lambda: self.lane.arm.position < 0.9)


PERMIT_RELAY, CLOSE_RELAY = 5, 1


def test_on_a_wire_it_goes_out_just_before_the_close_and_never_lapses_until_the_arm_is_down():
    site = Permitted()
    site.closing()
    site.run_until(lambda: site.guard.status().arm == "closed")
    frames = site.frames()
    closed_at = next(at for at, relay in frames if relay == CLOSE_RELAY)
    given = [at for at, relay in frames if relay == PERMIT_RELAY]
    assert closed_at - 0.1 < given[0] < closed_at
    ends = [*given[1:], site.clock.mono]
    assert max(b - a for a, b in zip(given, ends, strict=True)) < 1.0
    assert site.lane.arm.position == 0.0
    site.run_until(lambda: not site.lane.relays["permit"])


def test_it_costs_a_reading_no_more_than_its_own_exchange():
    site = Permitted()
    site.closing()
    site.run_until(lambda: site.guard.status().arm == "closed")
    reads = [at for at, _, pdu in site.heard if pdu[0] == 2 and at > site.frames()[1][0]]
    assert max(b - a for a, b in pairwise(reads)) < 0.05


def test_a_guard_that_is_gone_cuts_the_close_within_a_pulse():
    site = Permitted()
    site.closing()
    at = site.clock.mono
    site.port.forward(at + 1.0)
    site.lane.arm.move(site.clock.mono)
    assert not site.lane.relays["permit"]
    assert site.lane.arm.direction == 0
    assert site.lane.arm.position > 0.0


def test_an_arm_that_is_turned_has_its_permit_taken_back_after_the_turning_frame():
    site = Permitted()
    site.closing()
    site.heard.clear()
    site.lane.put(safety_loop=True)
    site.run_until(lambda: not site.lane.relays["permit"])
    kinds = [(pdu[1], pdu[2]) for _, _, pdu in site.heard if pdu[0] == 5]
    release = next(
        n
        for n, (_, _, pdu) in enumerate(site.heard)
        if pdu[:3] == bytes((5, 0, PERMIT_RELAY)) and pdu[3] == 0
    )
    turned = next(
        n for n, (_, _, pdu) in enumerate(site.heard) if pdu[:2] == b"\x05\x02" and pdu[2] in (0, 4)
    )
    assert turned < release, kinds


def test_a_vehicle_that_comes_at_any_instant_of_a_closing_turns_it_in_time_at_9600_baud():
    site, rng = Permitted(), Random(7)
    seen = site.lane.sense
    worst = 0.0
    for _ in range(40):
        site.closing()
        site.heard.clear()
        at = site.clock.mono + rng.uniform(0.0, 0.5)

        def sense(at=at):
            if site.clock.mono >= at:
                site.lane.put(safety_loop=True)
            return seen()

        site.lane.sense = sense
        site.run_until(lambda: any(relay in (0, 4) for _, relay in site.frames()))
        turned = next(t for t, relay in site.frames() if relay in (0, 4))
        worst = max(worst, turned - 8 * BYTE_S - at)
        site.lane.sense = seen
        site.lane.put(safety_loop=False)
        site.run_until(lambda: site.guard.status().arm == "open")
    assert worst < 0.050
