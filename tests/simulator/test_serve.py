"""`gate-sim serve` is where the development configuration looks for it."""

from pathlib import Path
from urllib.parse import urlsplit

from edge.config import load
from simulator.__main__ import SERIAL, SERVED
from simulator.scenario import SCENARIOS

CONFIG = Path(__file__).parents[2] / "config" / "gate.toml"


def test_the_development_gate_expects_the_served_addresses():
    settings = load(CONFIG)
    assert settings.customs.port == SERVED.broker
    assert urlsplit(settings.platform.url).port == SERVED.platform
    assert settings.console.port == SERVED.console
    assert {Path(w.port).name for w in settings.wires.values()} == {SERIAL}
    for name, lane in settings.lanes.items():
        source = urlsplit(lane.camera.source.whole)
        assert (source.port, source.path) == (SERVED.cameras, f"/{name}.mjpeg")


def test_the_development_gate_has_the_lanes_of_the_calm_day():
    lanes = {plan.name: plan.direction for plan in SCENARIOS["calm-day"].lanes}
    assert lanes == {n: lane.direction for n, lane in load(CONFIG).lanes.items()}
