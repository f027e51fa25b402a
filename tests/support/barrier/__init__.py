"""What the barrier's tests use: the walk, its invariants, lanes to play with."""
