"""The real service beside another controller: what the chief has set holds over a restart, and from
the first byte on nothing is written to the board."""

from contextlib import closing

import pytest

from tests.support.command_line import gate
from tests.support.lane_stand import Stand
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)

ENDS = ("passage.completed", "passage.abandoned")
WRITES = (5, 6, 15, 16)
"""Functions of Modbus that change an output."""


class Closing(Stand):
    """`foreign` drives the arm as another controller does, which asks nobody."""

    close = Stand.stop

    def foreign(self, output):
        self.world.drive(output, True)
        self.world.drive(output, False)

    def until(self, **inputs):
        wait_for(lambda: {name: self.barrier()[name] for name in inputs} == inputs)

    def put(self, **inputs):
        self.world.overrides.update(inputs)
        self.until(**inputs)

    def ended(self):
        events = self.service.get("/api/events?limit=500")
        return [e["data"] for e in events if e["type"] in ENDS]

    def a_vehicle_passes(self):
        """Let in by the other, which brings the arm down before its tail is through."""
        before = len(self.ended())
        self.put(entry_loop=True)
        wait_for(lambda: self.service.get("/api/gate")["lanes"][0]["verdict"], 60)
        self.foreign("open")
        self.until(limit_open=True)
        self.put(safety_loop=True, photocell=True)
        self.put(entry_loop=False)
        self.foreign("close")
        self.until(limit_open=False)
        self.put(safety_loop=False, photocell=False)
        self.until(limit_closed=True)
        wait_for(lambda: len(self.ended()) > before, 60)


def written(stand):
    return [pdu for _, _, pdu in stand.boards.seen if pdu[0] in WRITES]


def test_a_shadowed_lane_and_a_policy_are_as_they_were_after_a_restart(tmp_path):
    with closing(Closing(tmp_path)) as stand:
        stand.start()
        wait_for(lambda: written(stand))
        mode = {"lane": "out1", "mode": "shadow", "reason": "beside the old system"}
        assert stand.service.post("/api/mode", mode).status_code == 200
        policy = tmp_path / "p.toml"
        policy.write_text("[rows.assigned]\notherwise = 'refer'\n", encoding="utf-8")
        config = tmp_path / "gate.toml"
        done = gate("policy", "activate", policy, "--reason", "order 12", "--config", config)
        assert (done.returncode, done.stdout) == (0, "policy 1 counts from now on\n"), done.stderr
        stand.service.stop()
        stand.start()
        (lane,) = stand.service.get("/api/gate")["lanes"]
        assert lane["mode"] == "shadow"
        assert stand.service.get("/api/policy")["number"] == 1
        order = {"lane": "out1", "action": "open", "reason": "test"}
        refused = stand.service.post("/api/order", order)
        assert refused.status_code == 409
        assert "another controller moves this arm" in refused.text
        stand.service.stop()
        assert written(stand) == []


def test_beside_another_controller_each_vehicle_is_told_as_it_went_and_both_are_compared(tmp_path):
    with closing(Closing(tmp_path, travel_s=1.0)) as stand:
        stand.start()
        mode = {"lane": "out1", "mode": "shadow", "reason": "beside the old system"}
        assert stand.service.post("/api/mode", mode).status_code == 200
        stand.boards.seen.clear()
        stand.a_vehicle_passes()
        stand.service.kill()
        stand.start()
        stand.a_vehicle_passes()
        stand.a_vehicle_passes()
        told = [(one["mode"], one["verdict"], "completed_at" in one) for one in stand.ended()]
        assert told == [("shadow", "refer", True)] * 3
        assert written(stand) == []
        report = tmp_path / "shift.csv"
        config = tmp_path / "gate.toml"
        done = gate("report", "shift", report, "--language", "en", "--config", config)
        assert done.returncode == 0, done.stderr
        assert "\nA person decides,let it pass,3\n" in report.read_text("utf-8-sig")
