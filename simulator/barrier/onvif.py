"""A twin ONVIF device with relay outputs: device management over SOAP 1.2 and Digest.

Its outputs come out of the factory bistable; a monostable one ends a pulse after its delay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from simulator.barrier.http_relays import Device, Digest
from simulator.barrier.lane_place import OUTPUTS, PASSWORD, Hardware, LanePlace
from simulator.contacts import LaneHardware

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema"><SOAP-ENV:Body>'
)
FOOT = "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
FAULT = (
    "<SOAP-ENV:Fault><SOAP-ENV:Reason><SOAP-ENV:Text>{why}</SOAP-ENV:Text></SOAP-ENV:Reason>"
    "</SOAP-ENV:Fault>"
)


class Onvif(Device):
    """`settings`: mode and delay of each output by its token."""

    content_type = "application/soap+xml"

    def __init__(
        self,
        hardware: LaneHardware,
        outputs: Mapping[str, int],
        password: str = "12345abc",
        relays: int = 4,
    ) -> None:
        super().__init__(hardware, outputs, Digest("admin", password, "MD5"))
        self.settings = {f"AlarmOut_{n}": ("Bistable", "PT0S") for n in range(relays)}

    def handle(self, method: str, path: str, body: str) -> tuple[int, str]:
        if (method, path) != ("POST", "/onvif/device_service"):
            return 404, "not found"
        token = _element(body, "RelayOutputToken")
        if "GetRelayOutputs" in body:
            return self._answer("GetRelayOutputs", "".join(map(self._listed, self.settings)))
        if token not in self.settings:
            return 400, HEAD + FAULT.format(why="ter:RelayToken") + FOOT
        if "SetRelayOutputSettings" in body:
            self.settings[token] = (_element(body, "Mode"), _element(body, "DelayTime"))
            return self._answer("SetRelayOutputSettings")
        if "SetRelayOutputState" not in body:
            return 400, HEAD + FAULT.format(why="ter:ActionNotSupported") + FOOT
        mode, delay = self.settings[token]
        relay, on = list(self.settings).index(token) + 1, "active" in _element(body, "LogicalState")
        on = on and "inactive" not in body
        if on and mode == "Monostable":
            self.relays.pulse(relay, float(delay.removeprefix("PT").removesuffix("S")))
        else:
            self.relays.switch(relay, on)
        return self._answer("SetRelayOutputState")

    def _listed(self, token: str) -> str:
        mode, delay = self.settings[token]
        return (
            f'<tds:RelayOutputs token="{token}"><tt:Properties><tt:Mode>{mode}</tt:Mode>'
            f"<tt:DelayTime>{delay}</tt:DelayTime><tt:IdleState>open</tt:IdleState>"
            "</tt:Properties></tds:RelayOutputs>"
        )

    def _answer(self, call: str, inside: str = "") -> tuple[int, str]:
        return 200, f"{HEAD}<tds:{call}Response>{inside}</tds:{call}Response>{FOOT}"


def _element(text: str, name: str) -> str:
    found = re.search(rf"<\w+:{name}>([^<]*)</", text)
    return found[1] if found is not None else ""


def before_lane(place: LanePlace) -> Hardware:
    device = Onvif(place.world, OUTPUTS, password=PASSWORD)
    return Hardware([device], place.http(device.url, 0.9), place.apart)
