"""Relay outputs of an ONVIF camera or encoder.

Source: ONVIF Device Management Service: GetRelayOutputs, SetRelayOutputSettings (Mode Monostable
with a DelayTime: the device ends the pulse; Bistable for lamps), SetRelayOutputState. SOAP 1.2 over
HTTP Digest. Relays count from 1 in the order in which the device lists them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from edge.barrier.boards.http_relay import HttpRelayBoard, Steps
from edge.barrier.boards.lane_part import LanePart
from edge.barrier.wires.http import Ask, HttpLine
from edge.config import BarrierConfig
from edge.config.wires import OnvifWire

SERVICE = "/onvif/device_service"
SOAP = "application/soap+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Relay:
    """One output as the device lists it. `delay`: an XML duration, "PT0.5S"."""

    token: str
    mode: str
    delay: str


class Outputs:
    """Implements http_relay.Dialect."""

    def status(self) -> Ask:
        return _call('<tds:GetRelayOutputs xmlns:tds="http://www.onvif.org/ver10/device/wsdl"/>')

    def understood(self, page: str) -> bool:
        return "GetRelayOutputsResponse" in page and bool(relays(page))

    def pulse(self, relay: int, seconds: float, page: str) -> Steps:
        return self._set(relay, "Monostable", f"PT{seconds:g}S", True, page)

    def switch(self, relay: int, on: bool, page: str) -> Steps:
        """Released as it is; what stays on must be bistable."""
        found = _at(page, relay)
        if found is not None and not on:
            return [_state(found.token, on)]
        return self._set(relay, "Bistable", "PT0S", on, page)

    def _set(self, relay: int, mode: str, delay: str, on: bool, page: str) -> Steps:
        found = _at(page, relay)
        if found is None:
            # The device refuses an empty token; that is told as any refusal.
            return [_state("", on)]
        as_wanted = found.mode == mode and (mode == "Bistable" or found.delay == delay)
        settings = [] if as_wanted else [_settings(found.token, mode, delay)]
        return [*settings, _state(found.token, on)]


def relays(page: str) -> list[Relay]:
    """The outputs that an answer to GetRelayOutputs lists."""
    found = []
    pattern = r"<(?:\w{1,20}:)?RelayOutputs\b[^<>]{0,200}\btoken=\"([^\"<>]{1,64})\"[^<>]{0,200}>"
    marks = list(re.finditer(pattern, page))
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        part = page[mark.end() : after.start() if after else mark.end() + 2000]
        found.append(Relay(mark[1], _element(part, "Mode"), _element(part, "DelayTime")))
    return found


def _at(page: str, relay: int) -> Relay | None:
    listed = relays(page)
    return listed[relay - 1] if relay <= len(listed) else None


def _element(text: str, name: str) -> str:
    found = re.search(rf"<(?:\w{{1,20}}:)?{name}>\s{{0,9}}([\w.+-]{{1,40}})\s{{0,9}}</", text)
    return found[1] if found is not None else ""


def _settings(token: str, mode: str, delay: str) -> tuple[Ask, _Done]:
    call = (
        '<tds:SetRelayOutputSettings xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
        'xmlns:tt="http://www.onvif.org/ver10/schema">'
        f"<tds:RelayOutputToken>{escape(token)}</tds:RelayOutputToken>"
        f"<tds:Properties><tt:Mode>{mode}</tt:Mode><tt:DelayTime>{delay}</tt:DelayTime>"
        "<tt:IdleState>open</tt:IdleState></tds:Properties></tds:SetRelayOutputSettings>"
    )
    return _call(call), _Done("SetRelayOutputSettingsResponse")


def _state(token: str, on: bool) -> tuple[Ask, _Done]:
    call = (
        '<tds:SetRelayOutputState xmlns:tds="http://www.onvif.org/ver10/device/wsdl">'
        f"<tds:RelayOutputToken>{escape(token)}</tds:RelayOutputToken>"
        f"<tds:LogicalState>{'active' if on else 'inactive'}</tds:LogicalState>"
        "</tds:SetRelayOutputState>"
    )
    return _call(call), _Done("SetRelayOutputStateResponse")


@dataclass(frozen=True, slots=True)
class _Done:
    response: str

    def __call__(self, text: str) -> bool:
        return self.response in text and "Fault>" not in text


def _call(body: str) -> Ask:
    envelope = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
        f"{body}</s:Body></s:Envelope>"
    )
    return Ask(SERVICE, "POST", envelope, SOAP)


def line(wire: OnvifWire, lanes: Sequence[BarrierConfig]) -> HttpLine:
    return HttpLine(
        wire.url, wire.username, wire.password_file, wire.answer_s, wire.ca_file, digest=True
    )


def board(line: HttpLine, part: LanePart) -> HttpRelayBoard:
    return HttpRelayBoard(line, Outputs(), part.outputs)
