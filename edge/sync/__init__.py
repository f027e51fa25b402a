"""What leaves the gate and comes in: the journal, customs, the platform."""
