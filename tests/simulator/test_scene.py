"""The rendered pictures: whoever may come can be drawn."""

from typing import get_args

import pytest

from simulator.scenario.model import Vehicles
from simulator.scenario.staging import SHAPES
from simulator.scene import Placed, Scene
from simulator.world import Look


@pytest.mark.parametrize("vehicle", get_args(Vehicles))
def test_whoever_a_scenario_may_send_is_seen_in_the_picture(vehicle):
    kind = "truck" if vehicle in SHAPES and vehicle != "pedestrian" else vehicle
    look = Look(kind, (40, 40, 170), 5, "29A12345", "VN", "white", 1)
    empty, _ = Scene(1).render([])
    seen, truth = Scene(1).render([Placed(look, 8.0)])
    assert truth[0].kind == kind
    assert (seen != empty).sum() > 5000
