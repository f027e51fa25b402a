"""The real service while its wall clock jumps by years and through a leap second."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from edge.domain.moment import iso
from edge.gate.second_keys import AGAIN_S
from edge.sync.customs.envelope import sign
from edge.sync.customs.keyring import Keyring
from simulator.broker import Mosquitto
from simulator.scenario.by_hand import ByHand
from simulator.scenario.model import Driver, Vehicle
from tests.support.command_line import gate
from tests.support.disturbance import Disturbance
from tests.support.gate_site import Site
from tests.support.waiting import wait_for

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not Mosquitto.installed(), reason="Mosquitto is not installed"),
]
YEARS = 10 * 365 * 86400
DAYS = 2 * 86400
ISSUER = (
    '\n[[issuers]]\nname = "customs"\nactions = ["open"]\n'
    '\n[[issuers]]\nname = "drivers"\nactions = []\n'
)
JUMPS = ((DAYS, "expired"), (-DAYS, "replayed"), (DAYS, "expired"), (0, "replayed"))
POLICY = '[second_key]\nweight = "admits"\nissuers = ["drivers"]\n'


class Place(Site):
    def __init__(self, folder, disturbance):
        super().__init__(folder, disturbance.env)
        self.clock, self.shown_at = disturbance, 0.0

    def start(self):
        self.rig.start()
        config = self.rig.gate_config
        config.write_text(config.read_text() + ISSUER)
        self.key, self.private = Keyring(config.parent / "data" / "keys").make("customs")
        self.service.add_user()
        self.service.start()
        self.service.wait_ready()
        wait_for(self.camera_lives)

    @property
    def world(self):
        return self.rig.worlds["out1"]

    def act(self):
        """A person's order; the event of it as customs gets it."""
        before = len(self.acted())
        self.service.sign_in_anew()
        body = {"lane": "out1", "action": "close", "reason": "a test"}
        assert self.service.post("/api/order", body).status_code in (200, 409)
        wait_for(lambda: len(self.acted()) > before)
        return self.acted()[-1]

    def acted(self):
        reported = self.rig.customs.events("operator.acted")
        return [e for e in reported if e["data"]["action"] == "close"]

    def command(self, counter):
        now = datetime.now(UTC)
        ends = now + timedelta(minutes=9)
        body = {
            "id": f"c{counter}", "gate": "demo", "lane": "out1", "action": "open",
            "reason": "a test", "issued_at": iso(now), "expires_at": iso(ends),
            "issuer": "customs", "counter": counter, "key": self.key.key,
        }  # fmt: skip
        return json.dumps(sign(body, self.private)).encode()

    def codes(self):
        """A maker of codes for drivers, which count from now on."""
        config, policy = self.rig.gate_config, self.rig.gate_config.with_name("policy.toml")
        policy.write_text(POLICY)
        assert (
            gate("policy", "activate", policy, "--reason", "a test", "--config", config).returncode
            == 0
        )
        key = config.with_name("drivers.key")
        key.write_text(gate("keys", "new", "drivers", "--config", config).stdout)
        return lambda assignment: gate(
            "code", "issue", assignment, "--key-file", key, "--hours", "12"
        ).stdout.strip()

    def unread(self):
        """One without a plate comes, and waits for as long as it takes."""
        who = Vehicle(lane="out1", plate="", driver=Driver(patience_s=3600))
        ByHand(self.rig, seed=self.rig.sent).send(who)
        wait_for(lambda: self.lane()["reason"] in ("unread", "unsure_reading"))

    def shows(self, code, why=""):
        """The code that is shown now does not count, for this reason; "": it counts."""
        # One that was refused is not looked at again for a while.
        wait_for(lambda: time.monotonic() - self.shown_at > AGAIN_S + 1)
        self.service.sign_in_anew()
        body = {"lane": "out1", "text": code}
        assert self.service.post("/api/code", body).status_code == 200
        self.shown_at = time.monotonic()
        if why:
            wait_for(lambda: (code := self.lane()["code"]) and code["refused"] == why)

    def refusals(self):
        return [e["data"]["why"] for e in self.rig.customs.events("command.handled")]

    def openings(self):
        """Pulses on the opening output that the board was told."""
        seen = list(self.rig.boards.seen)
        return sum(pdu[0] == 5 and pdu[1] == 2 and pdu[2] == 0 for _, _, pdu in seen)


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path / "site", Disturbance(tmp_path))
    try:
        made.start()
        yield made
    finally:
        made.stop()


def test_jumps_of_the_clock_change_neither_motion_nor_record(place):
    clock = place.clock
    # The kernel's word, event by event.
    for word in (True, False):
        clock.synchronised(word)
        assert place.act()["clocktrusted"] is word
    # A command is done once, whatever the clock says later.
    done = place.command(1)
    place.rig.customs.command(done)
    wait_for(lambda: place.openings() == 1)
    wait_for(lambda: place.world.sense()["limit_open"])
    place.act()
    wait_for(lambda: place.world.sense()["limit_closed"])
    for jump, why in ((YEARS, "expired"), (-YEARS, "post_dated"), (0, "")):
        clock.right_time()
        clock.jump_by(jump)
        event = place.act()
        year = datetime.fromisoformat(event["time"]).year
        assert year == (datetime.now(UTC) + timedelta(seconds=jump)).year
        before = len(place.refusals())
        place.rig.customs.command(done)
        wait_for(lambda n=before: len(place.refusals()) == n + 1)
        assert place.refusals()[-1] == "replayed"
        if why:
            place.rig.customs.command(place.command(2))
            wait_for(lambda n=before: len(place.refusals()) == n + 2)
            assert place.refusals()[-1] == why
    assert place.openings() == 1
    # Under a passing vehicle: the timers of the arm know nothing of it.
    place.rig.send("out1")
    wait_for(lambda: place.world.vehicles[-1].opened_at is not None)
    clock.jump_by(YEARS)
    wait_for(lambda: len(place.world.truth.crossed) == 1)
    clock.jump_by(-2 * YEARS)
    wait_for(lambda: place.world.sense()["limit_closed"])
    wait_for(lambda: len(place.rig.customs.events("passage.completed")) == 1)
    assert place.world.truth.violations == []
    # A leap second: 23:59:59 comes twice.
    midnight = datetime(2027, 1, 1, tzinfo=UTC)
    clock.jump_to(midnight - timedelta(seconds=3))
    began, leapt = time.monotonic(), False
    while time.monotonic() < began + 8:
        if not leapt and time.monotonic() >= began + 3:
            clock.jump_by(-1)
            leapt = True
        place.act()
    wait_for(place.everything_acknowledged)
    events = place.rig.customs.events()
    assert [int(e["sequence"]) for e in events] == list(range(1, len(events) + 1))
    assert place.rig.customs.counts.broken == []
    monotonic = [float(e["monotonic"]) for e in events]
    assert monotonic == sorted(monotonic)
    assert len({e["bootid"] for e in events}) == 1
    clock.right_time()
    verified = gate("journal", "verify", "--config", place.rig.gate_config)
    assert verified.returncode == 0, verified.stdout


def test_a_used_code_stays_used_while_the_clock_jumps_and_the_service_is_killed(place):
    issue, clock = place.codes(), place.clock
    for id in ("A-1", "A-2"):
        item = place.rig.traffic["out1"].item("24C12345", "VN", "truck")
        place.rig.platform.put({**item, "assignment_id": id})
    used, fresh = issue("A-1"), issue("A-2")
    wait_for(lambda: len(place.service.get("/api/assignments")) == 2)
    place.unread()
    place.shows(used)
    wait_for(lambda: len(place.world.truth.crossed) == 1)
    wait_for(lambda: len(place.rig.customs.events("passage.completed")) == 1)
    place.unread()
    for jump, why in JUMPS:
        clock.right_time()
        clock.jump_by(jump)
        place.shows(used, why)
        place.service.kill()
        place.service.start()
        place.service.wait_ready()
        wait_for(lambda: place.lane()["reason"] in ("unread", "unsure_reading"))
        place.shows(used, why)
    assert len(place.world.truth.crossed) == 1
    place.shows(fresh)
    wait_for(lambda: len(place.world.truth.crossed) == 2)
    assert place.world.truth.violations == []
