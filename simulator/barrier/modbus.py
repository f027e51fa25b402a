"""A Modbus board before a lane: on the serial bus that every rig has, or behind a TCP gateway."""

from __future__ import annotations

from simulator.barrier.lane_place import Hardware, LanePlace
from simulator.barrier.tcp_gateway import TcpGateway


def before_lane(place: LanePlace) -> Hardware:
    if place.kind == "serial":
        return Hardware()
    gateway = TcpGateway({n: place.board for n in range(1, 9)})
    wires = f'[wires.{place.lane}]\nkind = "tcp"\nhost = "127.0.0.1"\nport = {gateway.port}\n\n'
    return Hardware([gateway], wires, f'wire = "{place.lane}"\n')
