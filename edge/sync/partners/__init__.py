"""What other systems fetch from the gate: pictures by hash, the history, how far receivers are."""
