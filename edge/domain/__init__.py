"""PURE. What every room speaks of: plates, assignments, decisions, facts, events, commands."""
