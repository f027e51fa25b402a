"""The real service beside another controller: what the chief has set holds over a restart, and from
the first byte on nothing is written to the board."""

from contextlib import closing

import pytest

from tests.support.command_line import gate
from tests.support.lane_stand import Stand
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)

WRITES = (5, 6, 15, 16)
"""Functions of Modbus that change an output."""


class Closing(Stand):
    close = Stand.stop


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
