"""The barrier: a pure core, the guards round it, the boards, and the wires they hang on."""
