"""The rendered pictures: whoever may come can be drawn."""

from typing import get_args

import pytest

from simulator.scenario.casting import SHAPES
from simulator.scenario.model import Vehicles
from simulator.scene import Placed, Scene
from simulator.weather import WEATHERS, haze
from simulator.world import Look


@pytest.mark.parametrize("vehicle", get_args(Vehicles))
def test_whoever_a_scenario_may_send_is_seen_in_the_picture(vehicle):
    kind = "truck" if vehicle in SHAPES and vehicle != "pedestrian" else vehicle
    look = Look(kind, (40, 40, 170), 5, "29A12345", "VN", "white", 1)
    empty, _ = Scene(1).render([])
    seen, truth = Scene(1).render([Placed(look, 8.0)])
    assert truth[0].kind == kind
    assert (seen != empty).sum() > 5000


@pytest.mark.parametrize("weather", [w for w in WEATHERS if w != "clear"])
def test_each_weather_changes_the_picture_and_keeps_where_everything_is(weather):
    look = Look("truck", (40, 40, 170), 5, "29A12345", "VN", "yellow", 1)
    placed = [Placed(look, 8.0)]
    clear, there = Scene(1).render(placed)
    scene = Scene(1, weather=weather)
    seen = [scene.render(placed) for _ in range(5)]
    assert all(also_there == there for _, also_there in seen)
    assert max(abs(clear.astype(int) - worse).mean() for worse, _ in seen) > 0.5


def test_fog_hides_what_is_far_more_than_what_is_near():
    shares = [haze("fog", distance) for distance in (2, 8, 30)]
    assert shares == sorted(shares)
    assert shares[0] < 0.2 < 0.8 < shares[2]
    assert haze("clear", 30) == 0
