"""What several tests share: COVER, answers, until."""

import time

from edge.barrier.wires.port import NoAnswer
from edge.config import CoverConfig

COVER = CoverConfig(command="arm/set", state="arm/state", availability="arm/availability")


def until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.01)


def answers(driver):
    try:
        driver.read_inputs()
    except NoAnswer:
        return False
    return True
