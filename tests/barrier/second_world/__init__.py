"""A second picture of the world around one barrier, written from the facts about real hardware
alone: continuous time, vehicles as shapes, arms with inertia, boards with firmware. It shares
nothing with `simulator/` and nothing with the walk; its monitor knows the physical truth alone.

shapes -> drivers -> sensors, arm -> board -> cable -> computer (the real guard) -> monitor.
"""
