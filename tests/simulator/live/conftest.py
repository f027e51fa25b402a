"""A served gate with two lanes, its pictures ready-made, and its page."""

import cv2
import numpy as np
import pytest

from simulator.rig import LanePlan, Rig
from simulator.scenario.by_hand import ByHand
from simulator.scenario.control import Control

_, JPEG = cv2.imencode(".jpg", np.full((72, 128, 3), 90, np.uint8))
LANES = [LanePlan("out1", "export", "Làn xuất 1"), LanePlan("in1", "import", "Làn nhập 1")]


@pytest.fixture
def rig(tmp_path):
    pictures = {plan.name: lambda: (1, JPEG.tobytes()) for plan in LANES}
    rig = Rig(tmp_path, LANES, ready=pictures)
    rig.start()
    yield rig
    rig.stop()


@pytest.fixture
def served(rig):
    """The page's address."""
    control = Control(ByHand(rig), page=("demo", "Somebody's own scenario."))
    control.start()
    yield control.url
    control.stop()
