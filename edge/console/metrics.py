"""Prometheus metrics, taken from the same snapshot as the pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from edge.domain.facts import Arm
from edge.domain.guidance import OpenLane, balances
from edge.gate.port import GateOperations
from edge.system.timings import Figure, Timing

FIGURES = {
    Figure.STOP_FRAME: ("From the last free reading to the frame that stops an arm", "lane"),
    Figure.AUTHORISATION: ("From the last needed picture to the authorisation", "lane"),
    Figure.COMMIT: ("Until events and states are in the journal", "of"),
    Figure.ACKNOWLEDGEMENT: ("From an event's commit to its acknowledgement", "receiver"),
}
"""What each figure is, and what its label names."""


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
    parked = gauge("gate_link_set_aside", "Not taken by the other side", ("link",))
    for link in view.links:
        connected.labels(link.name).set(link.connected)
        waiting.labels(link.name).set(link.waiting)
        parked.labels(link.name).set(link.set_aside)
    unhandled = Counter(
        "gate_unhandled_errors",
        "Exceptions in callbacks and those that ended a thread; a fault of the program",
        ("where",),
        registry=registry,
    )
    for where, count in operations.unhandled().items():
        unhandled.labels(where).inc(count)
    camera = gauge("gate_camera_frames_per_second", "Frames looked at", ("lane",))
    wire = gauge("gate_barrier_wire_ok", "Whether the board answers", ("lane",))
    cycle = gauge("gate_barrier_cycle_seconds", "Between the last two polls", ("lane",))
    errors = gauge("gate_barrier_error_rate", "Failed share of the last exchanges", ("lane",))
    exchanges = Counter(
        "gate_barrier_exchanges", "With the barrier's board", ("lane",), registry=registry
    )
    failed = Counter(
        "gate_barrier_failed_exchanges",
        "No answer, a wrong one, or too late",
        ("lane",),
        registry=registry,
    )
    age = gauge("gate_barrier_age_seconds", "Since the inputs were last read", ("lane",))
    arm = gauge("gate_barrier_open", "Whether the arm is fully open", ("lane",))
    held = gauge("gate_lane_waiting", "Whether a vehicle waits for a person", ("lane",))
    queue = gauge("gate_lane_queue", "Vehicles that wait, where a camera counts them", ("lane",))
    guided = gauge("gate_lane_guided", "Whether its vehicle is sent to another lane", ("lane",))
    apart = gauge(
        "gate_queue_apart",
        "Vehicles more in the fullest open lane of a direction than in the emptiest",
        ("direction",),
    )
    lanes = {lane.lane: OpenLane(lane.direction, lane.queue) for lane in view.lanes if lane.open}
    for balance in balances(lanes):
        apart.labels(balance.direction).set(balance.apart)
    fronts = gauge("gate_line_fronts", "Forward over a line in the picture", ("lane", "line"))
    for lane in view.lanes:
        for line, count in lane.fronts.items():
            fronts.labels(lane.lane, line).set(count)
        if lane.queue is not None:
            queue.labels(lane.lane).set(lane.queue)
        guided.labels(lane.lane).set(lane.guidance is not None)
        camera.labels(lane.lane).set(lane.camera.frames_per_s)
        wire.labels(lane.lane).set(lane.barrier.wire_ok)
        if lane.barrier.cycle_ms is not None:
            cycle.labels(lane.lane).set(lane.barrier.cycle_ms / 1000)
        if lane.barrier.error_rate is not None:
            errors.labels(lane.lane).set(lane.barrier.error_rate)
        exchanges.labels(lane.lane).inc(lane.barrier.exchanges)
        failed.labels(lane.lane).inc(lane.barrier.failed_exchanges)
        if lane.barrier.age_s is not None:
            age.labels(lane.lane).set(lane.barrier.age_s)
        arm.labels(lane.lane).set(lane.barrier.arm is Arm.OPEN)
        held.labels(lane.lane).set(lane.waiting)
    standing = gauge("gate_alarm_standing", "An alarm that stands", ("code", "lane", "severity"))
    for alarm in view.alarms:
        standing.labels(alarm.code, alarm.lane, alarm.severity).set(1)
    registry.register(_Histograms(operations.timings()))
    return generate_latest(registry)


class _Histograms(Collector):
    """Timings in Prometheus' words."""

    def __init__(self, timings: Sequence[Timing]) -> None:
        self._timings = timings

    def collect(self) -> Iterator[Metric]:
        for figure in Figure:
            text, label = FIGURES[figure]
            family = HistogramMetricFamily(figure.value, text, labels=[label])
            for timing in self._timings:
                if timing.figure is figure:
                    family.add_metric([timing.of], _buckets(timing), timing.total)
            yield family


def _buckets(timing: Timing) -> list[tuple[str, float]]:
    """(upper bound in seconds, number of measurements up to it)."""
    bounds = [*map(str, timing.bounds), "+Inf"]
    return list(zip(bounds, map(float, accumulate(timing.counts)), strict=True))
