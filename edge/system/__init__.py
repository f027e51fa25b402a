"""The computer under the gate: clocks, files, the processor, pauses between tries."""
