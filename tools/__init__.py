"""Tools for whoever works on the gate; nothing of the gate uses them."""
