"""Prometheus metrics, taken from the same snapshot as the pages."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from edge.domain.facts import Arm
from edge.gate.port import GateOperations
from edge.system.unhandled import UNHANDLED


def render(operations: GateOperations) -> bytes:
    """The text exposition format, version 0.0.4."""
    view = operations.view()
    registry = CollectorRegistry()

    def gauge(name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
        return Gauge(name, text, labels, registry=registry)

    gauge("gate_ready", "Whether vehicles can be served").set(view.ready)
    gauge("gate_alarms", "Alarms that stand").set(len(view.alarms))
    gauge("gate_sequence", "The last event's number").set(view.journal.get("last_sequence", 0))
    gauge("gate_journal_dropped", "Events dropped for want of room").set(
        view.journal.get("dropped", 0)
    )
    connected = gauge("gate_link_connected", "Whether the link is up", ("link",))
    waiting = gauge("gate_link_waiting", "Not yet acknowledged", ("link",))
    aside = gauge("gate_link_set_aside", "Not taken by the other side", ("link",))
    for link in view.links:
        connected.labels(link.name).set(link.connected)
        waiting.labels(link.name).set(link.waiting)
        aside.labels(link.name).set(link.set_aside)
    unhandled = Counter(
        "gate_unhandled_errors",
        "Exceptions in callbacks and those that ended a thread; a fault of the program",
        ("where",),
        registry=registry,
    )
    for where, count in UNHANDLED.counts().items():
        unhandled.labels(where).inc(count)
    camera = gauge("gate_camera_frames_per_second", "Frames looked at", ("lane",))
    wire = gauge("gate_barrier_wire_ok", "Whether the board answers", ("lane",))
    cycle = gauge("gate_barrier_cycle_seconds", "Between the last two polls", ("lane",))
    age = gauge("gate_barrier_age_seconds", "Since the inputs were last read", ("lane",))
    arm = gauge("gate_barrier_open", "Whether the arm is fully open", ("lane",))
    held = gauge("gate_lane_waiting", "Whether a vehicle waits for a person", ("lane",))
    for lane in view.lanes:
        camera.labels(lane.lane).set(lane.camera.frames_per_s)
        wire.labels(lane.lane).set(lane.barrier.wire_ok)
        if lane.barrier.cycle_ms is not None:
            cycle.labels(lane.lane).set(lane.barrier.cycle_ms / 1000)
        if lane.barrier.age_s is not None:
            age.labels(lane.lane).set(lane.barrier.age_s)
        arm.labels(lane.lane).set(lane.barrier.arm is Arm.OPEN)
        held.labels(lane.lane).set(lane.waiting)
    return generate_latest(registry)
