"""What comes under a closing arm is answered in time, and the guard measures it itself."""

from edge.domain.commands import Action
from edge.system.timings import TIMINGS, Figure
from tests.support.barrier.memory_wire import Site

CYCLE_S = 0.05
"""Of polling one lane at 9600 baud, at most."""

BYTES_S = 0.012
"""Of a frame of eight bytes."""


def measured():
    return [m for m in TIMINGS.recent(Figure.STOP_FRAME) if m.of == "x"]


def test_the_time_from_the_last_free_reading_to_the_stopping_frame_is_counted():
    site, before = Site(7, travel_s=2.0), len(measured())
    site.lane.arm.position = 1.0
    site.run_until(lambda: site.guard.status().arm == "open")
    site.order(Action.CLOSE)
    site.run_until(lambda: site.guard.status().arm == "closing")
    for _ in range(10):
        site.round()
    came_at, heard = site.clock.mono, len(site.heard)
    site.lane.put(safety_loop=True)
    site.run_until(lambda: site.guard.status().arm != "closing")
    (one,) = measured()[before:]
    pulses = [at for at, _, pdu in list(site.heard)[heard:] if pdu[:2] == b"\x05\x02"]
    # Begun before it came, ended as the frame began: never less than what the world saw.
    assert one.at <= came_at
    assert pulses[0] - BYTES_S <= one.at + one.seconds <= pulses[0]
    assert one.seconds <= 2 * CYCLE_S


def test_a_stop_for_another_reason_is_none_of_it():
    site, before = Site(8, travel_s=2.0), len(measured())
    site.lane.arm.position = 1.0
    site.run_until(lambda: site.guard.status().arm == "open")
    site.order(Action.CLOSE)
    site.run_until(lambda: site.guard.status().arm == "closing")
    site.order(Action.STOP)
    site.run_until(lambda: site.guard.status().arm != "closing")
    assert measured()[before:] == []
