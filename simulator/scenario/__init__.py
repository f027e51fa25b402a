"""Scenarios: files that say what comes to a gate, what goes wrong, and what must hold.

`reading` reads and checks one, `library` finds them; `fast` plays on a virtual clock and `real` on
real wires against the real service; `page` and `junit` tell what came of it.
"""
