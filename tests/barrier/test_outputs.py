"""From deeds to writes."""

from hypothesis import given
from hypothesis import strategies as st

from edge.barrier.outputs import Outputs, Pulse, Set
from edge.barrier.state import Drive, Light
from edge.barrier.table import Deed

WIRED = frozenset({"open", "close", "green", "red"})


def outputs(wired=WIRED):
    return Outputs(wired, pulse_s=0.5, dead_time_s=0.5)


def test_the_other_way_waits_for_the_dead_time():
    out, writes = outputs().asked(Drive(Deed.OPEN), 10.0)
    assert writes == [Pulse("open", 0.5)]
    out, writes = out.asked(Drive(Deed.CLOSE), 10.2)
    assert writes == [Set("open", False)]
    assert out.due(10.6, False)[1] == []
    assert out.due(10.7, False)[1] == [Pulse("close", 0.5)]


def test_a_newer_deed_replaces_the_one_that_waits():
    out, _ = outputs().asked(Drive(Deed.OPEN), 10.0)
    out, _ = out.asked(Drive(Deed.CLOSE), 10.1)
    out, writes = out.asked(Drive(Deed.STOP), 10.2)
    assert writes == [Set("open", False), Set("close", False)]
    assert out.due(20.0, False)[1] == []


def test_the_lamp_that_goes_out_goes_first():
    assert outputs().asked(Light(True), 0.0)[1] == [Set("red", False), Set("green", True)]
    assert outputs().asked(Light(False), 0.0)[1] == [Set("green", False), Set("red", True)]


@given(st.lists(st.tuples(st.sampled_from([Deed.OPEN, Deed.CLOSE, Deed.STOP]), st.floats(0, 1))))
def test_open_and_close_never_overlap_and_the_dead_time_is_kept(deeds):
    out, now, energised = outputs(), 100.0, {}
    for deed, wait in deeds:
        now += wait
        for step in (lambda o, t: o.due(t, False), lambda o, t, d=deed: o.asked(Drive(d), t)):
            out, writes = step(out, now)
            for write in writes:
                if isinstance(write, Pulse) and write.output in ("open", "close"):
                    other = "close" if write.output == "open" else "open"
                    assert energised.get(other, 0.0) + 0.5 <= now + 1e-9
                    energised[write.output] = now + write.seconds
                elif isinstance(write, Set):
                    energised[write.output] = min(energised.get(write.output, 0.0), now)
