"""The guards: one thread a wire feeds the core and obeys it."""
