"""A receiver that acknowledges nothing is told with the likely cause: over a real Mosquitto whose
access rules are silent, refuse, or shut a receiver out."""

import pytest

from edge.config import ConsumerConfig
from edge.gate.monitors.receivers import SILENT, ReceiverMonitor
from edge.system.clock import ManualClock
from simulator.broker import Mosquitto
from tests.support.builders import NOON
from tests.support.delivery_line import Line
from tests.support.standing_alarms import StandingAlarms
from tests.support.waiting import wait_for

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not Mosquitto.installed(), reason="Mosquitto is not installed"),
]
SILENT_S = 120.0
OPEN = "topic readwrite #\n"
EVENTS = "bordergate/v1/s/g/events/#"
NO_EVENTS = f"{OPEN}topic deny {EVENTS}\n"
NOT_READ = "topic write #\ntopic read +/+/+/+/ack/+\n"
NO_ACK = f"{OPEN}topic deny +/+/+/+/ack/+\n"
WITHOUT_A_WORD = "takes the events without a word"


class Site:
    """The line to customs under access rules, and the watch over it, on a clock of its own."""

    def __init__(self, folder, rules, version, **settings):
        self.rules = folder / "acl"
        self._write(rules)
        broker = Mosquitto(folder / "broker", extra=f"acl_file {self.rules}\n")
        self.line = Line(folder, broker, version=version, **settings)
        # In writing, as any receiver has it: rules that hide the events hide the birth too.
        self.line.customs.trust(self.line.journal.key.public)
        self.clock, self.alarms = ManualClock(NOON), StandingAlarms()
        last = self.line.journal.last_sequence
        self.monitor = ReceiverMonitor(self.alarms, self.line.relay, last, self.clock, SILENT_S)

    def _write(self, rules):
        self.rules.write_text(rules)
        self.rules.chmod(0o644)

    def mended(self):
        self._write(OPEN)
        self.line.broker.reload()

    def check(self, after=0.0):
        self.clock.advance(after)
        self.monitor.check()
        return self.alarms.standing().get(SILENT, "")


@pytest.fixture
def make(tmp_path):
    made = []

    def site(rules, version="5", **settings):
        made.append(Site(tmp_path, rules, version, **settings))
        wait_for(lambda: made[0].line.relay.status().connected)
        return made[0]

    yield site
    for one in made:
        one.line.close()


@pytest.mark.parametrize(
    ("rules", "version", "cause"),
    [
        (NO_EVENTS, "3.1.1", "ACL"),
        (NO_EVENTS, "5", "may this gate publish there (ACL)"),
        (NOT_READ, "5", WITHOUT_A_WORD),
        (NO_ACK, "3.1.1", WITHOUT_A_WORD),
    ],
    ids=["gate disconnected", "gate refused", "not read", "no acknowledgement"],
)
def test_access_rules_that_let_no_acknowledgement_come_are_told_until_they_are_mended(
    make, rules, version, cause
):
    site = make(rules, version)
    site.line.record(3)
    if cause is not WITHOUT_A_WORD:
        wait_for(lambda: cause in site.line.relay.status().why)
    assert site.check() == ""
    assert site.check(SILENT_S - 1) == ""
    text = site.check(1)
    assert text.startswith("no acknowledgement from customs for 120 s: ")
    assert cause in text
    assert site.alarms.counts == [{"customs": 3}]
    site.check(10 * SILENT_S)
    assert len(site.alarms.counts) == 1
    # Nothing was lost by it.
    site.mended()
    wait_for(site.line.delivered)
    assert site.check() == ""
    assert [int(e["sequence"]) for e in site.line.customs.events()] == [1, 2, 3]


def test_a_broker_that_is_away_is_told_as_such(make):
    site = make(OPEN)
    site.line.record(1)
    wait_for(site.line.delivered)
    site.check()
    site.line.broker.kill()
    wait_for(lambda: not site.line.relay.status().connected)
    assert site.check(2 * SILENT_S) == ""
    site.line.record(1)
    assert site.check() == ""
    assert "no connection" in site.check(SILENT_S)
    site.line.broker.start()
    wait_for(site.line.delivered)
    assert site.check() == ""


def test_a_receiver_that_goes_on_slowly_is_not_silent_and_who_is_silent_is_named_alone(make):
    names = tuple(ConsumerConfig(name=name) for name in ("customs", "port"))
    site = make(OPEN, consumers=names)
    for number in range(1, 4):
        site.line.record(1)
        wait_for(lambda n=number: site.line.customs.through == n)
        wait_for(lambda n=number: site.line.relay.positions.of("customs") == n)
        text = site.check(SILENT_S / 2)
    assert text.startswith("no acknowledgement from port for")
    assert site.alarms.counts == [{"port": 3}]
