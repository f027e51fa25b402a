"""What several tests of drivers share."""

from edge.barrier.wires.port import NoAnswer
from edge.config import CoverConfig

COVER = CoverConfig(command="arm/set", state="arm/state", availability="arm/availability")


def answers(driver):
    try:
        driver.read_inputs()
    except NoAnswer:
        return False
    return True
