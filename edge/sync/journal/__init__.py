"""The journal: events and states, committed, numbered and chained in one file."""
