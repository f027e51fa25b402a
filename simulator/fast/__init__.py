"""The product's own lanes, guards, drivers and journal on a clock of the simulator's, in memory.

No vision runs: readings are drawn from measured error rates. A day takes minutes, and the same seed
gives the same history to the byte.
"""
