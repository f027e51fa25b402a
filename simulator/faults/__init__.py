"""Everything that can go wrong at a simulated gate, by name.

`catalogue` says what each fault is and what a good controller does; `on_lane` does what happens to
a lane's own physics, on any clock; `fast` and `real` do the rest, in virtual time and on real
wires.
"""
