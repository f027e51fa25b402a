"""The gate's connections: the journal, customs, the platform."""
