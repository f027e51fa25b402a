"""A twin Shelly: generation 2 with /rpc/Switch.Set and Digest, or generation 1 with /relay/N and
Basic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from simulator.barrier.http_relays import Basic, Device, Digest
from simulator.barrier.lane_place import OUTPUTS, PASSWORD, Hardware, LanePlace
from simulator.contacts import LaneHardware

RELAYS = 4


class Shelly(Device):
    def __init__(
        self,
        hardware: LaneHardware,
        outputs: Mapping[str, int],
        generation: int = 2,
        password: str | None = None,
    ) -> None:
        sign_in: Basic | Digest | None = None
        if password is not None:
            digest = generation > 1
            sign_in = Digest("admin", password, "SHA-256") if digest else Basic("admin", password)
        super().__init__(hardware, outputs, sign_in)
        self._generation = generation

    def handle(self, method: str, path: str, body: str) -> tuple[int, str]:
        split = urlsplit(path)
        asked = {name: values[-1] for name, values in parse_qs(split.query).items()}
        if self._generation == 1:
            return self._first(split.path, asked)
        return self._later(split.path, asked)

    def _later(self, path: str, asked: Mapping[str, str]) -> tuple[int, str]:
        relay = int(asked.get("id", 0)) + 1
        if not path.startswith("/rpc/Switch.") or not 1 <= relay <= RELAYS:
            return 404, json.dumps({"code": 404, "message": f"No handler for {path}"})
        was_on = self.relays.on.get(relay, False)
        if path == "/rpc/Switch.GetStatus":
            return 200, json.dumps({"id": relay - 1, "source": "http", "output": was_on})
        if path != "/rpc/Switch.Set" or asked.get("on") not in ("true", "false"):
            return 400, json.dumps({"code": -103, "message": "Invalid argument"})
        on = asked["on"] == "true"
        if on and "toggle_after" in asked:
            self.relays.pulse(relay, float(asked["toggle_after"]))
        else:
            self.relays.switch(relay, on)
        return 200, json.dumps({"was_on": was_on})

    def _first(self, path: str, asked: Mapping[str, str]) -> tuple[int, str]:
        number = path.removeprefix("/relay/")
        if not number.isdigit() or int(number) >= RELAYS:
            return 404, "Not Found"
        relay, turn = int(number) + 1, asked.get("turn")
        timed = turn == "on" and asked.get("timer", "").isdigit()
        if timed:
            self.relays.pulse(relay, float(asked["timer"]))
        elif turn in ("on", "off"):
            self.relays.switch(relay, turn == "on")
        state = {"ison": self.relays.on.get(relay, False), "has_timer": timed, "source": "http"}
        return 200, json.dumps(state)


def before_lane(place: LanePlace) -> Hardware:
    device = Shelly(place.world, OUTPUTS, password=PASSWORD)
    return Hardware([device], place.http(device.url, 0.9), place.apart)
