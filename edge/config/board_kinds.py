"""What each kind of board can do: one row a kind.

Whoever has to know reads the row; nothing asks for a kind by name. The driver is the module of that
name in edge/barrier/boards. docs/adding-a-board.md adds a row.
"""

from __future__ import annotations

from collections.abc import Iterator

from edge.config.barrier import BarrierConfig
from edge.config.board import profile
from edge.config.board_kind import BoardKind, Contact, Place, PulseEnd, Span
from edge.config.wires import (
    ControlByWebWire,
    GpioWire,
    IsapiWire,
    LcusWire,
    MqttWire,
    OnvifWire,
    SerialWire,
    ShellyWire,
    TcpWire,
    Wire,
)
from edge.domain.pulses import SHORTEST_PULSE_S

BROADCAST = 0
"""On a serial line every board obeys this address, and none answers."""


# --- Modbus, over a serial line or TCP ---


def _profile_span(wire: Wire, barrier: BarrierConfig, kind: str) -> Span:
    board = profile(barrier.board)
    if kind == "output":
        return 1, board.switch.count, f"[switch] count of board {barrier.board!r} says so"
    count = board.inputs.count if board.inputs is not None else 0
    return 1, count, f"[inputs] count of board {barrier.board!r} says so"


def _profile_place(wire: Wire, barrier: BarrierConfig, c: Contact) -> Place:
    place = (c.wire, barrier.address, c.kind, c.channel)
    return place, f".address: board {barrier.address} at {c.wire}: {c.kind} {c.channel}"


def _profile_timing(barrier: BarrierConfig) -> dict[str, float]:
    """The dead time begins when the board's own pulse ends, whatever length was asked for."""
    board = profile(barrier.board)
    return {n: board.lasts_s(getattr(barrier, n)) for n in ("pulse_s", "permit_s")}


def _address_problems(wire: Wire, barrier: BarrierConfig) -> Iterator[str]:
    if isinstance(wire, SerialWire) and barrier.address == BROADCAST:
        yield (
            ".address: all boards of a serial line obey 0, those of other lanes too; give the "
            "board's own"
        )


# --- LCUS ---


def _lcus_span(wire: Wire, barrier: BarrierConfig, kind: str) -> Span:
    relays: int = getattr(wire, "relays", 0)
    return 1, relays if kind == "output" else 0, "relays of the wire says so"


# --- MQTT ---


def _cover_span(wire: Wire, barrier: BarrierConfig, kind: str) -> Span:
    return 1, 0, "a cover has no contacts; name inputs_wire"


def _cover_places(wire: Wire, barrier: BarrierConfig) -> Iterator[Place]:
    assert barrier.cover is not None
    # An arm would be believed to stand where another lane's does.
    for name, topic in (("command", barrier.cover.command), ("state", barrier.cover.state)):
        yield (wire.device, topic), f".cover.{name}: {topic!r} at {barrier.wire}"


def _tasmota_span(wire: Wire, barrier: BarrierConfig, kind: str) -> Span:
    relays = barrier.tasmota.relays if barrier.tasmota is not None else 0
    return 1, relays if kind == "output" else 0, "tasmota.relays says so"


def _tasmota_place(wire: Wire, barrier: BarrierConfig, c: Contact) -> Place:
    topic = barrier.tasmota.topic if barrier.tasmota is not None else ""
    return (wire.device, topic, c.channel), f".tasmota: {c.kind} {c.channel} of {topic!r}"


# --- ISAPI ---


def _isapi_span(wire: Wire, barrier: BarrierConfig, kind: str) -> Span:
    return 1, 0, "an ISAPI device has no contacts; name inputs_wire"


def _isapi_places(wire: Wire, barrier: BarrierConfig) -> Iterator[Place]:
    where = f".channel: barrier {barrier.channel} of {barrier.wire}"
    yield (barrier.wire, barrier.channel), where


def _isapi_timing(barrier: BarrierConfig) -> dict[str, float]:
    """Commands, not contacts: there is nothing that a turn would have to wait for."""
    return {"pulse_s": SHORTEST_PULSE_S, "dead_time_s": 0.0}


# --- relays behind HTTP ---


def _http_span(wire: Wire, barrier: BarrierConfig, kind: str) -> Span:
    relays: int = getattr(wire, "relays", 0)
    return 1, relays if kind == "output" else 0, "relays of the wire says so; inputs hang elsewhere"


def _shelly_problems(wire: Wire, barrier: BarrierConfig) -> Iterator[str]:
    assert isinstance(wire, ShellyWire)
    for name in ("pulse_s", "permit_s"):
        if wire.generation == 1 and getattr(barrier, name) != 1.0:
            yield f".{name}: generation 1 times its pulses in whole seconds; write {name} = 1.0"


# --- GPIO ---


def _gpio_span(wire: Wire, barrier: BarrierConfig, kind: str) -> Span:
    assert isinstance(wire, GpioWire)
    return wire.first_line, wire.lines - 1, "first_line and lines of the wire say so"


def _gpio_place(wire: Wire, barrier: BarrierConfig, c: Contact) -> Place:
    return (c.wire, c.channel), f".{c.kind}s.{c.name}: line {c.channel} of {c.wire}"


KINDS = (
    BoardKind(
        name="modbus",
        wires=(SerialWire, TcpWire),
        pulse_end=PulseEnd.PROFILE,
        span=_profile_span,
        inputs=True,
        profiled=True,
        place=_profile_place,
        timing=_profile_timing,
        problems=_address_problems,
    ),
    BoardKind(
        name="lcus",
        wires=(LcusWire,),
        pulse_end=PulseEnd.GATE,
        span=_lcus_span,
        bench_only="an LCUS relay keeps its contact closed when the gate dies",
    ),
    BoardKind(
        name="mqtt_cover",
        wires=(MqttWire,),
        part="cover",
        pulse_end=PulseEnd.BOARD,
        span=_cover_span,
        commands=frozenset({"open", "close", "stop"}),
        tells_ends=True,
        places=_cover_places,
    ),
    BoardKind(
        name="tasmota",
        wires=(MqttWire,),
        part="tasmota",
        pulse_end=PulseEnd.BOARD,
        span=_tasmota_span,
        place=_tasmota_place,
    ),
    BoardKind(
        name="isapi",
        wires=(IsapiWire,),
        pulse_end=PulseEnd.BOARD,
        span=_isapi_span,
        commands=frozenset({"open", "close"}),
        tells_ends=True,
        places=_isapi_places,
        timing=_isapi_timing,
    ),
    BoardKind(
        name="shelly",
        wires=(ShellyWire,),
        pulse_end=PulseEnd.BOARD,
        span=_http_span,
        problems=_shelly_problems,
    ),
    BoardKind(
        name="controlbyweb",
        wires=(ControlByWebWire,),
        pulse_end=PulseEnd.BOARD,
        span=_http_span,
    ),
    BoardKind(
        name="onvif",
        wires=(OnvifWire,),
        pulse_end=PulseEnd.BOARD,
        span=_http_span,
    ),
    BoardKind(
        name="gpio",
        wires=(GpioWire,),
        pulse_end=PulseEnd.WIRE,
        span=_gpio_span,
        inputs=True,
        one_line=True,
        place=_gpio_place,
    ),
)

PARTS = tuple(kind.part for kind in KINDS if kind.part)
"""Sections of a barrier that pick a kind."""


def on_wire(wire: Wire) -> list[BoardKind]:
    """The kinds that a wire carries."""
    return [kind for kind in KINDS if isinstance(wire, kind.wires)]


def kind_of(barrier: BarrierConfig, wires: dict[str, Wire]) -> BoardKind:
    """The kind that moves the lane's arm; where its section is missing, the last that the wire
    carries."""
    kinds = on_wire(wires[barrier.wire])
    picked = [k for k in kinds if not k.part or getattr(barrier, k.part) is not None]
    return (picked or kinds[::-1])[0]


def ends_pulses(kind: BoardKind, wire: Wire, barrier: BarrierConfig) -> bool:
    """Whether a pulse ends although the gate dies in it. Raises BoardError."""
    if kind.pulse_end is PulseEnd.PROFILE:
        return profile(barrier.board).ends_pulses
    timed = kind.pulse_end is PulseEnd.WIRE and getattr(wire, "timing_relays", False)
    return kind.pulse_end is PulseEnd.BOARD or bool(timed)


def sensing(wire: Wire) -> BoardKind | None:
    """The kind on that wire that has inputs."""
    return next((kind for kind in on_wire(wire) if kind.inputs), None)


def sensing_wires() -> str:
    """Where inputs may hang, for people."""
    sections = [section for kind in KINDS if kind.inputs for section in kind.wires]
    names = [str(s.model_json_schema()["properties"]["kind"]["const"]) for s in sections]
    return f"{', '.join(names[:-1])} or {names[-1]}"
