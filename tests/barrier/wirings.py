"""The lanes that are walked: together every input, output and request, each with those it meets."""

from explorer import Wiring

WIRINGS = [
    Wiring("no stop output", ("safety_loop",), arm=("conflict",), actions=("close", "stop"),
           events=("missed", "stalled"), outputs=("open", "close")),
    Wiring("the order of the loops", ("entry_loop", "safety_loop"), events=("lost",)),
    Wiring("an ordinary lane", ("safety_loop",), actions=("close",),
           events=("missed", "lost", "stalled")),
    Wiring("an arm that sticks", ("safety_loop",), arm=("sticks",), events=()),
    Wiring("turned again and again", ("safety_loop",), events=("missed",), reversals=True),
    Wiring("readings that are late", ("safety_loop",), events=("silence",)),
    Wiring("local stop", ("safety_loop", "stop"), actions=("stop",), events=()),
    Wiring("stop, service and lying switches", ("safety_loop", "stop"), arm=("conflict",),
           actions=("stop", "out_of_service", "in_service"), authorised=False, events=("missed",)),
    Wiring("fire and stop", ("safety_loop", "fire", "stop"), actions=("open",),
           authorised=False, events=()),
    Wiring("fire and button", ("safety_loop", "fire", "manual_open"), actions=("close",),
           authorised=False, events=()),
    Wiring("lock", ("safety_loop", "manual_open"), actions=("lock", "unlock", "open"), events=()),
    Wiring("held open", ("safety_loop",), events=("missed",),
           actions=("hold_open", "release", "close")),
    Wiring("out of service", ("safety_loop",), events=(),
           actions=("out_of_service", "in_service", "hold_open", "stop")),
    Wiring("moved by hand", ("safety_loop",), actions=("open",), authorised=False, arm=("hand",),
           events=()),
    Wiring("limit switches that lie", ("safety_loop",), arm=("conflict",), events=("missed",)),
    Wiring("loop and photocell", ("photocell", "safety_loop"), events=("missed",)),
    Wiring("no limit switches", ("safety_loop",), limits=False, actions=("close",),
           events=("missed", "lost")),
    Wiring("found coming down", ("safety_loop",), found=3, actions=("open", "stop"),
           authorised=False, events=("missed",)),
    Wiring("found coming down, no stop", ("safety_loop",), found=3, outputs=("open", "close"),
           events=("lost",)),
]  # fmt: skip

RICHER = [
    Wiring("an ordinary lane whose arm sticks", ("safety_loop",), arm=("sticks", "conflict"),
           actions=("close", "stop"), events=("missed", "lost", "stalled", "silence")),
    Wiring("local stop and orders", ("safety_loop", "stop"), actions=("open", "close", "stop"),
           events=("missed",)),
    Wiring("by hand and authorised", ("safety_loop",), actions=("open",), arm=("hand",),
           events=("missed",)),
    Wiring("loops, button and hold", ("entry_loop", "safety_loop", "manual_open"),
           actions=("hold_open", "release"), events=()),
]  # fmt: skip
"""More at once; they take minutes."""
