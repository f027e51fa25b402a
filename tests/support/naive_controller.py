"""A controller that is not ours, of the kind that a shop wires up in an afternoon: it opens for
everybody who stands on the loop, and closes by the clock.

`python naive_controller.py PORT ADDRESS`; pymodbus over the serial board of docs/testing.md.
"""

import sys
import time

from pymodbus.client import ModbusSerialClient
from pymodbus.exceptions import ModbusException

ENTRY_LOOP, SAFETY_LOOP, PHOTOCELL, LIMIT_OPEN, LIMIT_CLOSED = range(5)
OPEN, CLOSE, GREEN, RED = range(4)
OPEN_FOR_S = 8.0
PULSE_S = 0.4


class Barrier:
    """One board with its relays and inputs."""

    def __init__(self, port, address):
        self.client = ModbusSerialClient(port, baudrate=9600, timeout=0.3, retries=2)
        self.address = address
        self.client.connect()

    def inputs(self):
        answer = self.client.read_discrete_inputs(0, count=8, device_id=self.address)
        if answer.isError():
            raise ModbusException("the board refuses")
        return answer.bits

    def relay(self, channel, on):
        self.client.write_coil(channel, on, device_id=self.address)

    def pulse(self, channel):
        self.relay(channel, True)
        time.sleep(PULSE_S)
        self.relay(channel, False)

    def light(self, green):
        self.relay(RED, not green)
        self.relay(GREEN, green)


def run(barrier):
    """For ever: open for whoever stands there, close some seconds later."""
    opened_at = None
    barrier.light(green=False)
    while True:
        inputs = barrier.inputs()
        if opened_at is None and inputs[ENTRY_LOOP]:
            barrier.pulse(OPEN)
            barrier.light(green=True)
            opened_at = time.monotonic()
        elif opened_at is not None and time.monotonic() - opened_at > OPEN_FOR_S:
            barrier.light(green=False)
            barrier.pulse(CLOSE)
            opened_at = None
        time.sleep(0.1)


def main(port, address):
    barrier = Barrier(port, int(address))
    while True:
        try:
            run(barrier)
        except ModbusException:
            time.sleep(0.5)


if __name__ == "__main__":
    main(*sys.argv[1:])
