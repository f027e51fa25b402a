"""PURE. The guard's core: what is believed, what may move, what is written."""
