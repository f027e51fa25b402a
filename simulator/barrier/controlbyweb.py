"""A twin ControlByWeb relay with numbered outputs: state.xml behind Basic."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from simulator.barrier.http_relays import Basic, Device
from simulator.barrier.lane_place import OUTPUTS, PASSWORD, Hardware, LanePlace
from simulator.contacts import LaneHardware

RELAYS = 10


class ControlByWeb(Device):
    content_type = "text/xml"

    def __init__(
        self, hardware: LaneHardware, outputs: Mapping[str, int], password: str | None = None
    ) -> None:
        super().__init__(hardware, outputs, (password and Basic("none", password)) or None)

    def handle(self, method: str, path: str, body: str) -> tuple[int, str]:
        split = urlsplit(path)
        if split.path != "/state.xml":
            return 404, "<html>not found</html>"
        asked = {name: values[-1] for name, values in parse_qs(split.query).items()}
        for relay in range(1, RELAYS + 1):
            state = asked.get(f"relay{relay}State")
            if state == "2":
                self.relays.pulse(relay, float(asked.get(f"pulseTime{relay}", 1.5)))
            elif state in ("0", "1"):
                self.relays.switch(relay, state == "1")
        states = "".join(
            f"<relay{n}state>{int(self.relays.on.get(n, False))}</relay{n}state>\n"
            for n in range(1, RELAYS + 1)
        )
        return 200, f"<datavalues>\n{states}<units>C</units>\n</datavalues>"


def before_lane(place: LanePlace) -> Hardware:
    device = ControlByWeb(place.world, OUTPUTS, password=PASSWORD)
    return Hardware([device], place.http(device.url, 0.9), place.apart)
